// WorkerCall: a call as a handler on a worker thread sees it: a copy, whose memory is its own,
// since the worker touches nothing of the shard.
//
// Ownership: outlives the handler; the call it was copied from outlives it.
// Threading: the shard's and the worker's in turn, but for GiveUp().
#ifndef PENSTOCK_SERVER_WORKER_CALL_H_
#define PENSTOCK_SERVER_WORKER_CALL_H_

#include "penstock/rpc/call.h"
#include "penstock/rpc/call_compression.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::server {

// Before the call that has its memory here.
struct WorkerMemory {
  wire::SlabPool own_slabs;
};

class WorkerCall final : private WorkerMemory, public Call {
 public:
  explicit WorkerCall(Call* original) : Call(&own_slabs) {
    given_up_ = &given_up_flag_;
    BeginAsCopyOf(original);
  }

  // The shard's, at any time: nobody waits for the call's answer any more.
  void GiveUp(const Status& why) { given_up_flag_.Set(why); }

  wire::SlabPool& slabs() { return own_slabs; }
  rpc::CallCompression& compression() { return compression_; }

 private:
  rpc::GivenUp given_up_flag_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_WORKER_CALL_H_
