// FakeNext: what stands behind an interceptor that is a coroutine, in its test.
//
//     testing::FakeCall call;
//     testing::FakeNext next(&call);                       // answers OK
//     const Status status = call.Run(Deny(call, next.next()));
//     EXPECT_FALSE(next.has_run());
//
// Ownership: the call outlives it, and it the interceptor.
#ifndef PENSTOCK_RPC_TESTING_FAKE_NEXT_H_
#define PENSTOCK_RPC_TESTING_FAKE_NEXT_H_

#include <coroutine>
#include <utility>

#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/testing/fake_call.h"

namespace penstock::testing {

class FakeNext final : private rpc::InterceptorChain {
 public:
  // The handler ends at once, with `answer`.
  explicit FakeNext(FakeCall* call, Status answer = OkStatus())
      : InterceptorChain(call, &none_), answer_(std::move(answer)) {}

  // Once it has run, another one is refused, as on a server.
  Next next() { return Next(this, 0); }
  bool has_run() const { return has_run_; }

 private:
  bool StartHandler(std::coroutine_handle<>) override {
    has_run_ = true;
    handler_status_ = answer_;
    return true;
  }
  void DestroyHandler() override {}

  const rpc::Interceptors none_;
  const Status answer_;
  bool has_run_ = false;
};

}  // namespace penstock::testing

#endif  // PENSTOCK_RPC_TESTING_FAKE_NEXT_H_
