// CallScope: what client calls are made in where no call is being served: the parent of the calls,
// with a shard, perhaps a deadline, and a way to cancel all of them.
//
//     client::CallScope scope(&shard);
//     scope.SetTimeout(kNsPerSecond);
//     StatusOr<HelloReply> reply = co_await greeter.SayHello(scope, request);
//
// Replies live in the scope's arena, and so as long as the scope. A loop that makes calls for ever
// makes a scope for each round, inside of a call or of another scope:
//
//     client::CallScope round(&call);      // its deadline, its cancellation
//
// Ownership: outlives the calls made in it. A scope in a call lives no longer than that.
// Threading: one shard.
#ifndef PENSTOCK_CLIENT_CALL_SCOPE_H_
#define PENSTOCK_CLIENT_CALL_SCOPE_H_

#include <algorithm>
#include <utility>

#include "penstock/rpc/call.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/time.h"

namespace penstock::client {

class CallScope final : public Call {
 public:
  explicit CallScope(reactor::Shard* its_shard) : Call(&its_shard->slabs()) {
    shard_ = its_shard;
    cancellation_ = &own_cancellation_;
  }
  explicit CallScope(Call* parent) : Call(&parent->shard().slabs()) {
    shard_ = &parent->shard();
    cancellation_ = &parent->cancellation();
    deadline_ = parent->deadline();
  }

  // For the calls that begin from now on. Of the deadlines that were set, the soonest counts.
  void SetTimeout(TimeNs timeout_ns) { SetDeadline(SaturatingAdd(now(), timeout_ns)); }
  void SetDeadline(TimeNs when) { deadline_ = std::min(deadline_, when); }

  // All calls that are under way end with `why`, and so do those that begin later. Not for a scope
  // in a call: there it is the call that is cancelled.
  void Cancel(Status why = MakeStatus(StatusCode::kCancelled, "the scope was cancelled")) {
    PENSTOCK_CHECK(cancellation_ == &own_cancellation_, "a scope of its own is cancelled");
    own_cancellation_.Cancel(std::move(why));
  }

 private:
  rpc::CallCancellation own_cancellation_;
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_CALL_SCOPE_H_
