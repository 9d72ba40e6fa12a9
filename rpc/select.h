// Select: waits for the first of several operations, and says which.
//
//     auto note = inbox.Receive(call);
//     auto next = in.Next();
//     Sleep pause(call, 30 * kNsPerSecond);
//     switch (co_await Select(note, next, pause)) {
//       case 0: Show(co_await Try(co_await note)); break;       // does not suspend
//       case 1: ...
//
// Of several that are ready the first in their order is chosen, so that the most urgent stands
// first. The chosen one is then awaited for its result. The others are as if nobody had waited for
// them: they take nothing, and may be awaited, selected anew, or let go. Once the call is over
// Select() answers at once, and what the chosen one answers says why.
//
// For Channel::Receive(), Reader::Next(), Sleep, Writer::Write() (awaits room), TaskGroup::Join().
// Not for Channel::Send(), which cannot be taken back.
//
// Ownership: refers to the operations, which live in the same frame.
#ifndef PENSTOCK_RPC_SELECT_H_
#define PENSTOCK_RPC_SELECT_H_

#include <coroutine>
#include <cstddef>
#include <tuple>

#include "penstock/reactor/wait.h"

namespace penstock {
namespace rpc {

template <typename... Operations>
class [[nodiscard]] SelectOperation {
 public:
  explicit SelectOperation(Operations*... operations) : operations_(operations...) {}

  bool await_ready() const { return FirstReady() != kNone; }
  void await_suspend(std::coroutine_handle<> handle) const {
    ForEach([handle](size_t, auto& operation) { operation.await_suspend(handle); });
  }
  size_t await_resume() const {
    size_t chosen = FirstReady();
    if (chosen == kNone) chosen = FirstWoken();
    ForEach([chosen](size_t index, auto& operation) {
      if (index == chosen) {  // keeps what it was promised
        static_cast<reactor::Wait&>(operation).Withdraw();
      } else {
        operation.Withdraw();
      }
    });
    return chosen;
  }

 private:
  static constexpr size_t kNone = sizeof...(Operations);

  template <typename Function>
  void ForEach(Function function) const {
    std::apply(
        [&function](auto*... operation) {
          size_t index = 0;
          (function(index++, *operation), ...);
        },
        operations_);
  }
  size_t FirstReady() const {
    size_t first = kNone;
    ForEach([&first](size_t index, auto& operation) {
      if (first == kNone && operation.await_ready()) first = index;
    });
    return first;
  }
  // Of one whose turn another has taken meanwhile: who awaits it waits anew.
  size_t FirstWoken() const {
    size_t first = kNone;
    ForEach([&first](size_t index, auto& operation) {
      if (first == kNone && !operation.is_suspended()) first = index;
    });
    return first;
  }

  const std::tuple<Operations*...> operations_;
};

}  // namespace rpc

// The index of one that is ready.
template <typename... Operations>
rpc::SelectOperation<Operations...> Select(Operations&... operations) {
  return rpc::SelectOperation<Operations...>(&operations...);
}

}  // namespace penstock

#endif  // PENSTOCK_RPC_SELECT_H_
