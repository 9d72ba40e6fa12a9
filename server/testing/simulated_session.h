// SimulatedSession: a fixture for tests of one connection of a server, turn by turn: what the
// client says is queued up to the next turn, and time passes when the test says so.
//
//     class MyTest : public SimulatedSession { MyTest() { registry_.Handle(...); } };
//     Say(Head(1, "/penstock.test.Echo/Say"));
//     Say(Data(1, Framed("...")).End());
//     Turn();
//     EXPECT_EQ(status(1), "0");
#ifndef PENSTOCK_SERVER_TESTING_SIMULATED_SESSION_H_
#define PENSTOCK_SERVER_TESTING_SIMULATED_SESSION_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/testing/frame_script.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/testing/memory_net.h"
#include "penstock/server/options.h"
#include "penstock/server/registry.h"
#include "penstock/server/session.h"
#include "penstock/server/shard_state.h"

#include "server/testing/echo.server.h"

namespace penstock::server {

class SimulatedSession : public ::testing::Test {
 protected:
  using Frame = http2::testing::Frame;

  // Options and handlers are made before.
  void SetUp() override;
  // Whatever a test leaves open: no call is left behind it.
  void TearDown() override;

  // The head of a good call.
  static Frame Head(uint32_t id, std::string_view path);
  // gRPC's prefix and the message; and a Text.
  static std::string Framed(std::string_view message, uint8_t flag = 0);
  static std::string Serialized(const test::Text& text);

  void Say(const Frame& frame) { said_ += Encode(frame, encoder_); }
  void Turn();
  void TakeTurns(int count) {
    for (int i = 0; i < count; ++i) Turn();
  }
  // Time passes, and then a turn.
  void Advance(TimeNs ns) {
    net_.Advance(ns);
    Turn();
  }
  // "0"; "" while there is none.
  std::string status(uint32_t id) { return statuses_[id]; }
  // GOAWAY and PING that came since it was asked last.
  std::vector<Frame> TakeNotices() { return std::exchange(notices_, {}); }
  // While there is one.
  Session& session() { return *state_->sessions.front(); }
  // Payload of DATA so far, of all streams.
  size_t received_bytes() const { return received_bytes_; }

  reactor::MemoryNet net_;
  reactor::Shard shard_{{.simulation = &net_}};
  ServerOptions options_;
  Registry registry_;
  std::unique_ptr<ShardState> state_;

 private:
  http2::HpackEncoder encoder_;
  http2::testing::FrameScanner scanner_{4096};
  std::string said_;
  std::map<uint32_t, std::string> statuses_;
  std::vector<Frame> notices_;
  size_t received_bytes_ = 0;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_TESTING_SIMULATED_SESSION_H_
