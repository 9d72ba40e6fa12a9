// Try: the value, or the end of this coroutine with the error as its result.
//
//     Task<StatusOr<Feature>> GetFeature(Call& call, const Point& at) {
//       co_await Try(co_await Sleep(call, kNsPerMs));     // of a Status: nothing
//       const Row row = co_await Try(Find(at));           // of a StatusOr<Row>: the Row
//
// For tasks whose result is a Status or a StatusOr. After an error the awaiter goes on at once, and
// this coroutine's locals are destroyed with its frame, when the awaiter lets go of the task. With
// a value it does not suspend.
#ifndef PENSTOCK_RPC_TRY_H_
#define PENSTOCK_RPC_TRY_H_

#include <coroutine>
#include <utility>

#include "penstock/rpc/status.h"
#include "penstock/rpc/status_or.h"

namespace penstock {
namespace rpc {

// Stores `error` as the result of the task that stands at `handle`; returns who awaits that.
template <typename Promise>
std::coroutine_handle<> EndWith(Status error, std::coroutine_handle<Promise> handle) {
  handle.promise().return_value(std::move(error));
  return handle.promise().continuation();
}

class [[nodiscard]] TryStatus {
 public:
  explicit TryStatus(Status status) : status_(std::move(status)) {}
  bool await_ready() const { return status_.ok(); }
  template <typename Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> handle) {
    return EndWith(std::move(status_), handle);
  }
  void await_resume() const {}

 private:
  Status status_;
};

template <typename T>
class [[nodiscard]] TryValue {
 public:
  explicit TryValue(StatusOr<T> result) : result_(std::move(result)) {}
  bool await_ready() const { return result_.ok(); }
  template <typename Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> handle) {
    return EndWith(result_.status(), handle);
  }
  T await_resume() { return *std::move(result_); }

 private:
  StatusOr<T> result_;
};

}  // namespace rpc

inline rpc::TryStatus Try(Status status) { return rpc::TryStatus(std::move(status)); }

template <typename T>
rpc::TryValue<T> Try(StatusOr<T> result) {
  return rpc::TryValue<T>(std::move(result));
}

}  // namespace penstock

#endif  // PENSTOCK_RPC_TRY_H_
