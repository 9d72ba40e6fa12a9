#include "penstock/server/testing/simulated_session.h"

#include <utility>

#include "penstock/rpc/request_head.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::server {

void SimulatedSession::SetUp() {
  std::string why;
  ASSERT_TRUE(shard_.Open(&why)) << why;
  state_ = std::make_unique<ShardState>(&shard_, &options_, &registry_);
  auto* link =
      new Session::Link(shard_, http2::Role::kServer, options_.http2, &state_->workspace,
                        rpc::MeaningOfRequests(&state_->routes), state_.get());
  link->Attach(shard_.Adopt(-1, link));
  said_ = http2::kClientPreface;
  Say(http2::testing::SettingsFrame({}));
  Say(http2::testing::SettingsAck());
}

void SimulatedSession::TearDown() {
  shard_.Stop();
  shard_.Run();
  EXPECT_EQ(state_->calls.lent_count(), 0u);
  EXPECT_TRUE(state_->sessions.empty());
}

http2::testing::Frame SimulatedSession::Head(uint32_t id, std::string_view path) {
  return http2::testing::Headers(id)
      .Post(path)
      .Field("te", "trailers")
      .Field("content-type", "application/grpc");
}

std::string SimulatedSession::Framed(std::string_view message, uint8_t flag) {
  std::string framed(wire::kMessagePrefixBytes, '\0');
  wire::StoreMessagePrefix(reinterpret_cast<uint8_t*>(framed.data()),
                           {flag, static_cast<uint32_t>(message.size())});
  return framed.append(message);
}

std::string SimulatedSession::Serialized(const test::Text& text) {
  std::string octets(text.ByteSize(), '\0');
  text.SerializeTo(reinterpret_cast<uint8_t*>(octets.data()));
  return octets;
}

void SimulatedSession::Turn() {
  if (!said_.empty()) net_.newest().Write(std::exchange(said_, {}));
  shard_.Turn(0);
  using http2::FrameType;
  for (const Frame& frame : scanner_.Scan(net_.newest().TakeRead())) {
    if (frame.type == FrameType::kData) received_bytes_ += frame.payload.size();
    if (frame.type == FrameType::kGoAway || frame.type == FrameType::kPing) {
      notices_.push_back(frame);
    }
    for (const auto& [name, value] : frame.fields) {
      if (name == "grpc-status") statuses_[frame.stream_id] = value;
    }
  }
}

}  // namespace penstock::server
