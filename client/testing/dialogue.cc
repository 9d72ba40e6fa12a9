#include "penstock/client/testing/dialogue.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "penstock/client/testing/root_coroutine.h"
#include "penstock/client/unary.h"
#include "penstock/http2/frame.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/endian.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::client::testing {
namespace {

using http2::FrameType;

constexpr UnaryMethod<RawMessage, RawMessage> kMethod{"/a.B/C"};
constexpr size_t kPrefaceBytes = 24;

RootCoroutine Await(Channel* channel, std::shared_ptr<PendingCall::State> call,
                    std::string_view request, const CallOptions& options) {
  RawMessage message(&call->scope->arena());
  message.Copy(request);
  const StatusOr<RawMessage> reply =
      co_await StartUnary(channel->core(), kMethod, *call->scope, message, options);
  EXPECT_FALSE(call->result.has_value());
  if (reply.ok()) {
    call->result = std::string(reply->text());
  } else {
    call->result = reply.status();
  }
}

bool IsHousekeeping(const Frame& frame) {
  return frame.type == FrameType::kSettings || frame.type == FrameType::kWindowUpdate;
}

}  // namespace

std::string Framed(std::string_view message, uint8_t flag) {
  std::string framed(wire::kMessagePrefixBytes, '\0');
  wire::StoreMessagePrefix(reinterpret_cast<uint8_t*>(framed.data()),
                           {flag, static_cast<uint32_t>(message.size())});
  return framed.append(message);
}

Frame ResponseHead(uint32_t id) {
  return http2::testing::Headers(id).Status("200").Field("content-type", "application/grpc");
}

Frame Trailers(uint32_t id, std::string_view grpc_status) {
  return http2::testing::Headers(id).Field("grpc-status", grpc_status).End();
}

Dialogue::Dialogue(const ChannelOptions& options, std::string_view target)
    : shard_({.simulation = &net_}) {
  std::string why;
  EXPECT_TRUE(shard_.Open(&why)) << why;
  shard_.Turn(0);
  channel_ = std::make_unique<Channel>(&shard_, target, options);
}

Dialogue::~Dialogue() {
  CloseChannel();
  shard_.Stop();
  shard_.Run();
  EXPECT_EQ(shard_.connections_count(), 0u);
}

void Dialogue::CloseChannel() {
  channel_.reset();
  Turn();
}

void Dialogue::Begin(PendingCall* call, std::string_view request, const CallOptions& options) {
  if (call->scope() == nullptr) call->scope() = std::make_unique<Scope>(&shard_);
  Await(channel_.get(), call->state, request, options);
  Turn();
}

void Dialogue::Turn() {
  for (int i = 0; i < 10; ++i) shard_.Turn(0);
}

void Dialogue::Advance(TimeNs ns) {
  net_.Advance(ns);
  Turn();
}

void Dialogue::Accepts(
    std::initializer_list<std::pair<http2::SettingId, uint32_t>> settings) {
  ASSERT_LT(accepted_count_, net_.ends_count()) << "the client has not connected";
  accepted_count_ = net_.ends_count();
  encoder_ = std::make_unique<http2::HpackEncoder>();
  scanner_ = std::make_unique<http2::testing::FrameScanner>(4096);
  preface_bytes_left_ = kPrefaceBytes;
  frames_.clear();
  credit_bytes_.clear();
  Sends(http2::testing::SettingsFrame(settings), http2::testing::SettingsAck());
}

void Dialogue::SendsBytes(std::string_view bytes) {
  net_.newest().Write(bytes);
  Turn();
}

void Dialogue::Read() {
  std::string bytes = net_.newest().TakeRead();
  const size_t preface_bytes = std::min(preface_bytes_left_, bytes.size());
  preface_bytes_left_ -= preface_bytes;
  bytes.erase(0, preface_bytes);
  for (Frame& frame : scanner_->Scan(bytes)) {
    if (frame.type == FrameType::kWindowUpdate) {
      credit_bytes_[frame.stream_id] +=
          wire::LoadBig32(reinterpret_cast<const uint8_t*>(frame.payload.data()));
    }
    if (!IsHousekeeping(frame)) frames_.push_back(std::move(frame));
  }
}

uint64_t Dialogue::credit_bytes(uint32_t id) {
  Read();
  return credit_bytes_[id];
}

std::optional<Frame> Dialogue::TakeFrame() {
  Read();
  if (frames_.empty()) return std::nullopt;
  Frame frame = std::move(frames_.front());
  frames_.pop_front();
  return frame;
}

void Dialogue::Expects(const Frame& frame) {
  const std::optional<Frame> sent = TakeFrame();
  ASSERT_TRUE(sent.has_value()) << "nothing was sent, but expected was "
                                << ::testing::PrintToString(frame);
  EXPECT_EQ(*sent, frame);
}

void Dialogue::ExpectsNothing() {
  Read();
  EXPECT_TRUE(frames_.empty()) << ::testing::PrintToString(frames_.front());
}

Frame Dialogue::RequestHead(uint32_t id) {
  return http2::testing::Headers(id)
      .Field(":method", "POST")
      .Field(":scheme", "http")
      .Field(":path", "/a.B/C")
      .Field(":authority", kTarget)
      .Field("te", "trailers")
      .Field("content-type", "application/grpc")
      .Field("user-agent", kUserAgent)
      .Field("grpc-accept-encoding", "identity,gzip,deflate,zstd");
}

}  // namespace penstock::client::testing
