#include "penstock/server/testing/server_fixture.h"

#include <cstdlib>

namespace penstock::test {

std::string FramedText(std::string_view text) {
  Text message;
  message.set_text(text);
  return Framed(message.SerializeAsString());
}

std::string TextOf(const TestResponse& response) {
  const std::string bytes = response.message();
  Text message;
  EXPECT_TRUE(message.ParseFrom(wire::AsBytes(bytes)).ok());
  return std::string(message.text());
}

std::string FramedTextOfSize(size_t bytes) {
  constexpr size_t kTagAndLengthBytes = 5;  // lengths from 2^21 on take four octets
  std::string framed = FramedText(std::string(bytes - kTagAndLengthBytes, 'x'));
  EXPECT_EQ(framed.size(), Framed("").size() + bytes);
  return framed;
}

ServerTest::ServerTest() {
  options_.listen = {"127.0.0.1:0"};
  options_.shards = 1;
  options_.io = GetParam();
}

void ServerTest::Start() {
  server_ = std::make_unique<Server>(options_);
  server_->registry().Handle(Echo::Say, [this](Call&, const Text& request, Text& reply) {
    ++handled_count_;
    reply = request;
    return OkStatus();
  });
  server_->registry().Handle(Echo::Act, [this](Call& call, const Text& request, Text& reply) {
    ++handled_count_;
    return act_ ? act_(call, request, reply) : OkStatus();
  });
  if (register_more_) register_more_(server_->registry());
  const Status status = server_->Start();
  if (status.ok()) return;
  server_.reset();
  const char* ci = std::getenv("CI");
  // Nothing but io_uring itself excuses: a server that fails to listen has failed the test.
  const bool is_refused = MessageOf(status).find("io_uring") != std::string_view::npos;
  if (is_refused && (ci == nullptr || std::string(ci) != "true")) {
    GTEST_SKIP() << "SKIPPED: no io_uring here: " << MessageOf(status);
  }
  FAIL() << MessageOf(status);
}

const server::ServerCounters& ServerTest::Stop() {
  server_->Stop();
  const server::ServerCounters& counters = server_->counters();
  EXPECT_EQ(counters.calls_started,
            counters.calls_ok + counters.calls_failed + counters.calls_cancelled);
  return counters;
}

void ServerTest::TearDown() {
  if (server_ != nullptr) Stop();
}

void ExpectServes(const std::string& address) {
  TestClient client(address);
  EXPECT_EQ(TextOf(client.Call(kSay, FramedText("still here"))), "still here");
}

}  // namespace penstock::test
