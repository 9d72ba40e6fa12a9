// ServerTest: a fixture with a real Server on a free port of 127.0.0.1, run with each way of
// talking to the kernel. Echo.Say answers what it was sent; Echo.Act does what `act` says.
//
//     TEST_P(ServerTest, ...) {
//       START_SERVER();
//       TestClient client(address());
//       ...
//     }
//     INSTANTIATE_SERVER_TEST(ServerTest);
//
// When a test ends the server stops, and its counters must add up.
#ifndef PENSTOCK_SERVER_TESTING_SERVER_FIXTURE_H_
#define PENSTOCK_SERVER_TESTING_SERVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "penstock/server/server.h"
#include "penstock/server/testing/test_client.h"

#include "server/testing/echo.server.h"

namespace penstock::test {

inline constexpr std::string_view kSay = "/penstock.test.Echo/Say";
inline constexpr std::string_view kAct = "/penstock.test.Echo/Act";

// A framed Text with `text`, and the text of a response's Text.
std::string FramedText(std::string_view text);
std::string TextOf(const TestResponse& response);
// A framed Text whose message is exactly `bytes` long, at least 2 MiB.
std::string FramedTextOfSize(size_t bytes);

// What a handler and the test's thread both use. (They are ordered by the bytes between them, but
// ThreadSanitizer does not know that.)
template <typename T>
class Shared {
 public:
  explicit Shared(T value = {}) : value_(std::move(value)) {}
  T Get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void Set(T value) {
    const std::lock_guard lock(mutex_);
    value_ = std::move(value);
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

class ServerTest : public ::testing::TestWithParam<reactor::IoMode> {
 protected:
  ServerTest();
  void TearDown() override;

  // Skips the test, loudly, where the kernel refuses io_uring; with CI=true it fails.
  void Start();
  const std::string& address() const { return server_->addresses().front(); }
  Server& server() { return *server_; }

  // Stops, and gives the sums. Every call that was started has ended in one way.
  const server::ServerCounters& Stop();

  // Before Start().
  ServerOptions options_;
  std::function<Status(Call&, const Text&, Text&)> act_;
  std::function<void(Registry&)> register_more_;
  // How often a handler ran.
  std::atomic<int> handled_count_{0};

 private:
  std::unique_ptr<Server> server_;
};

// Say() on a connection of its own: the server lives and serves.
void ExpectServes(const std::string& address);

// Starts, or ends the test where that was skipped or failed.
#define START_SERVER() \
  Start();             \
  if (IsSkipped() || HasFatalFailure()) return

#define INSTANTIATE_SERVER_TEST(Fixture)                                                \
  INSTANTIATE_TEST_SUITE_P(                                                             \
      Io, Fixture, ::testing::Values(reactor::IoMode::kUring, reactor::IoMode::kEpoll), \
      [](const auto& io) { return io.param == reactor::IoMode::kUring ? "uring" : "epoll"; })

}  // namespace penstock::test

#endif  // PENSTOCK_SERVER_TESTING_SERVER_FIXTURE_H_
