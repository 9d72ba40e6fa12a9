// Every sequence of what may happen to a stream, up to a length, against a small model of RFC 9113
// §5.1: what the peer is told, and whether the stream is still there.
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "gtest/gtest.h"

#include "penstock/http2/testing/dialogue.h"

namespace penstock::http2::testing {
namespace {

enum class Act {
  kHeaders,
  kHeadersEnd,
  kData,
  kDataEnd,
  kReset,
  kCredit,
  kLocalHead,
  kLocalEnd,
  kLocalReset,
};
constexpr int kActs = 9;
constexpr int kLength = 5;

const OutgoingField kOk[] = {{":status", "200"}};

// A stream of a server.
class Model {
 public:
  // `id_before`: the highest one that the peer has opened so far.
  Model(uint32_t id, uint32_t id_before) : id_(id), id_before_(id_before) {}

  bool idle() const { return state_ == State::kIdle; }
  bool open() const { return state_ == State::kOpen; }
  bool local_ended() const { return local_ended_; }

  // What the peer is told.
  std::optional<Frame> Do(Act act) {
    if (act >= Act::kLocalHead) return DoLocal(act);
    const bool is_head = act == Act::kHeaders || act == Act::kHeadersEnd;
    const bool is_data = act == Act::kData || act == Act::kDataEnd;
    const bool ends = act == Act::kHeadersEnd || act == Act::kDataEnd;
    switch (state_) {
      case State::kIdle:
        if (!is_head) return GoAway(id_before_, ErrorCode::kProtocolError);
        state_ = State::kOpen;
        break;
      case State::kOpen:
        if (act == Act::kReset) state_ = State::kClosed;
        if (!is_head && !is_data) return {};
        if (remote_ended_) return Fault(ErrorCode::kStreamClosed);
        if (act == Act::kHeaders) return Fault(ErrorCode::kProtocolError);
        break;
      case State::kClosed:
        if (is_head) return GoAway(id_, ErrorCode::kStreamClosed);
        return is_data ? std::optional(Fault(ErrorCode::kStreamClosed)) : std::nullopt;
      case State::kClosedByUs:
        if (act == Act::kReset) state_ = State::kClosed;  // nothing is in flight any more
        return {};
    }
    remote_ended_ = remote_ended_ || ends;
    CloseIfBothEnded();
    return {};
  }

 private:
  enum class State { kIdle, kOpen, kClosed, kClosedByUs };

  std::optional<Frame> DoLocal(Act act) {
    if (act == Act::kLocalReset) return Fault(ErrorCode::kCancel);
    if (act == Act::kLocalEnd) local_ended_ = true;
    CloseIfBothEnded();
    return {};
  }
  Frame Fault(ErrorCode code) {
    state_ = State::kClosedByUs;
    return RstStream(id_, code);
  }
  void CloseIfBothEnded() {
    if (local_ended_ && remote_ended_) state_ = State::kClosed;
  }

  uint32_t id_;
  uint32_t id_before_;
  State state_ = State::kIdle;
  bool local_ended_ = false;
  bool remote_ended_ = false;
};

void DoOnConnection(Dialogue& peer, uint32_t id, Act act, const Model& before) {
  Frame head = Headers(id);
  if (before.idle()) {
    head.Post("/x");
  } else {
    head.Field("a", "b");
  }
  switch (act) {
    case Act::kHeaders:
      return peer.Sends(head);
    case Act::kHeadersEnd:
      return peer.Sends(head.End());
    case Act::kData:
      return peer.Sends(Data(id, "x"));
    case Act::kDataEnd:
      return peer.Sends(Data(id, "x").End());
    case Act::kReset:
      return peer.Sends(RstStream(id, ErrorCode::kCancel));
    case Act::kCredit:
      return peer.Sends(WindowUpdate(id, 1));
    case Act::kLocalHead:
      return peer.connection().SendHead(peer.stream(id), kOk, EndStream::kNo);
    case Act::kLocalEnd:
      return peer.connection().SendData(peer.stream(id), {}, EndStream::kYes);
    case Act::kLocalReset:
      return peer.connection().SendReset(peer.stream(id), ErrorCode::kCancel);
  }
}

// Runs on stream `id`, and says whether the connection lives on.
bool RunSequence(Dialogue& peer, uint32_t id, uint32_t* id_before,
                 const std::array<Act, kLength>& acts) {
  Model model(id, *id_before);
  for (const Act act : acts) {
    const bool is_local = act >= Act::kLocalHead;
    if (is_local && !model.open()) continue;
    if (is_local && model.local_ended() && act != Act::kLocalReset) continue;
    const Model before = model;
    const std::optional<Frame> want = model.Do(act);
    DoOnConnection(peer, id, act, before);
    std::optional<Frame> got;
    for (const Frame& frame : peer.TakeFrames()) {
      if (frame.type != FrameType::kRstStream && frame.type != FrameType::kGoAway) continue;
      EXPECT_FALSE(got.has_value()) << "the peer is told once";
      got = frame;
    }
    EXPECT_EQ(got, want);
    if (peer.connection().failed()) return false;
    EXPECT_EQ(peer.connection().streams_open_count(), model.open() ? 1u : 0u);
  }
  if (!model.idle()) *id_before = id;
  if (model.open()) peer.connection().SendReset(peer.stream(id), ErrorCode::kCancel);
  peer.TakeFrames();
  peer.TakeEvents();
  return true;
}

TEST(StreamState, EverySequenceEndsAsTheModelSays) {
  auto peer = std::make_unique<Dialogue>(Role::kServer);
  uint32_t id = 1;
  uint32_t id_before = 0;
  int sequences_count = 1;
  for (int i = 0; i < kLength; ++i) sequences_count *= kActs;
  for (int sequence = 0; sequence < sequences_count; ++sequence) {
    std::array<Act, kLength> acts;
    std::string trace;
    for (int i = 0, rest = sequence; i < kLength; ++i, rest /= kActs) {
      acts[static_cast<size_t>(i)] = static_cast<Act>(rest % kActs);
      trace += std::to_string(rest % kActs) + ' ';
    }
    SCOPED_TRACE(trace);
    const bool alive = RunSequence(*peer, id, &id_before, acts);
    if (::testing::Test::HasFailure()) return;
    id += 2;
    if (alive) continue;
    peer = std::make_unique<Dialogue>(Role::kServer);
    id = 1;
    id_before = 0;
  }
}

}  // namespace
}  // namespace penstock::http2::testing
