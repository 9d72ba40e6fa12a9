// RootCoroutine: how a test begins what it does not await.
#ifndef PENSTOCK_CLIENT_TESTING_ROOT_COROUTINE_H_
#define PENSTOCK_CLIENT_TESTING_ROOT_COROUTINE_H_

#include <coroutine>
#include <exception>

namespace penstock::client::testing {

// Begins at once; its frame goes when it ends.
struct RootCoroutine {
  struct promise_type {
    RootCoroutine get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

}  // namespace penstock::client::testing

#endif  // PENSTOCK_CLIENT_TESTING_ROOT_COROUTINE_H_
