// Interceptors for tests of the client: they note what they did, or wait.
#ifndef PENSTOCK_CLIENT_TESTING_INTERCEPTORS_H_
#define PENSTOCK_CLIENT_TESTING_INTERCEPTORS_H_

#include <gtest/gtest.h>

#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/client/testing/dialogue.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/try.h"

namespace penstock::client::testing {

// What interceptors did and saw, in its order.
struct Notes {
  std::string text;
  std::optional<Status> status;
};

class NotingPair {
 public:
  NotingPair(Notes* notes, std::string name) : notes_(*notes), name_(std::move(name)) {}
  Status Before(Call&) const {
    notes_.text += name_ + "<";
    return OkStatus();
  }
  void After(Call&, const Status& status) const {
    notes_.text += ">" + name_;
    notes_.status = status;
  }

 private:
  Notes& notes_;
  std::string name_;
};

class NotingTask {
 public:
  NotingTask(Notes* notes, std::string name) : notes_(*notes), name_(std::move(name)) {}
  Task<Status> operator()(Call&, Next next) const {
    notes_.text += name_ + "(";
    Status status = co_await next();
    notes_.text += ")" + name_;
    notes_.status = status;
    co_return status;
  }

 private:
  Notes& notes_;
  std::string name_;
};

// Waits before the call, and behind it.
class Sleeping {
 public:
  Sleeping(TimeNs before_ns, TimeNs behind_ns, int* waiting_count)
      : before_ns_(before_ns), behind_ns_(behind_ns), waiting_count_(*waiting_count) {}
  Task<Status> operator()(Call& call, Next next) const {
    const auto leave = [this](Call*) { --waiting_count_; };
    const std::unique_ptr<Call, decltype(leave)> guard(&call, leave);
    ++waiting_count_;
    if (before_ns_ != 0) co_await Try(co_await Sleep(call, before_ns_));
    Status status = co_await next();
    if (behind_ns_ != 0) co_await Try(co_await Sleep(call, behind_ns_));
    co_return status;
  }

 private:
  TimeNs before_ns_;
  TimeNs behind_ns_;
  int& waiting_count_;
};

// Of a library that knows nothing of cancellation.
class Never {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<>) const {}
  void await_resume() const {}
};

// The call is open on stream 1.
inline void Open(Dialogue& net, PendingCall* call,
                 const CallOptions& options = CallOptions::Default()) {
  net.Begin(call, "hello", options);
  net.Accepts();
  ASSERT_TRUE(net.TakeFrame().has_value());
  net.Expects(http2::testing::Data(1, Framed("hello")).End());
}
inline void Answer(Dialogue& net, std::string_view grpc_status = "0") {
  net.Sends(ResponseHead(1), http2::testing::Data(1, Framed("hi")), Trailers(1, grpc_status));
}

}  // namespace penstock::client::testing

#endif  // PENSTOCK_CLIENT_TESTING_INTERCEPTORS_H_
