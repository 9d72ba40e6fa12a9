// Task: what a handler that is a coroutine returns; WhenAll: several at once. See reactor/task.h,
// reactor/when_all.h.
//
//     Task<StatusOr<Feature>> GetFeature(Call& call, const Point& at) {
//       co_await Try(co_await Sleep(call, kNsPerMs));
//       Feature feature(&call.arena());
//       ...
//       co_return feature;
//     }
//
// Ownership: the references that a handler is given live until its task has completed.
#ifndef PENSTOCK_RPC_TASK_H_
#define PENSTOCK_RPC_TASK_H_

#include "penstock/reactor/task.h"
#include "penstock/reactor/when_all.h"

namespace penstock {

using reactor::Task;
using reactor::WhenAll;

}  // namespace penstock

#endif  // PENSTOCK_RPC_TASK_H_
