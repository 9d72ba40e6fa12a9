// Scope: what client calls are made in where no call is being served: the parent of the calls, with
// a shard, memory, perhaps a deadline, and a way to cancel all of them.
//
//     client::Scope scope(&shard);
//     scope.SetTimeout(kNsPerSecond);
//     StatusOr<HelloReply> reply = co_await greeter.SayHello(scope, request);
//
// Replies live in the scope's arena, and so as long as the scope. A loop that makes calls for ever
// makes a scope for each round, inside of a call or of another scope:
//
//     client::Scope round(&call);      // its deadline, its cancellation
//
// Ownership: outlives the calls made in it, and lives no longer than what it is inside of.
// Threading: one shard.
#ifndef PENSTOCK_CLIENT_SCOPE_H_
#define PENSTOCK_CLIENT_SCOPE_H_

#include <algorithm>
#include <utility>

#include "penstock/rpc/call.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/time.h"

namespace penstock::client {

class Scope final : public Call {
 public:
  explicit Scope(reactor::Shard* its_shard) : Call(&its_shard->slabs()) {
    shard_ = its_shard;
    cancellation_ = &own_cancellation_;
  }
  explicit Scope(CallScope* outer)
      : Call(&outer->shard().slabs()), own_cancellation_(&outer->cancellation()) {
    shard_ = &outer->shard();
    cancellation_ = &own_cancellation_;
    deadline_ = outer->deadline();
    values_.Within(outer->call_values());
  }

  // For the calls that begin from now on. Of the deadlines that were set, the soonest counts. A
  // timeout counts from this moment, within a turn or between the tasks of a MainShard.
  void SetTimeout(TimeNs timeout_ns) {
    SetDeadline(SaturatingAdd(shard_->ReadClock(), timeout_ns));
  }
  void SetDeadline(TimeNs when) { deadline_ = std::min(deadline_, when); }

  // All calls that are under way end with `why`, and so do those that begin later.
  void Cancel(Status why = MakeStatus(StatusCode::kCancelled, "the scope was cancelled")) {
    own_cancellation_.Cancel(std::move(why));
  }

 private:
  rpc::CallCancellation own_cancellation_;
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_SCOPE_H_
