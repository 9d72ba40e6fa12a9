// Every sequence of what may happen to a promised stream, up to a length, against a table of
// RFC 9113 §5.1: at the server that reserved it (local), and at the client (remote).
#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/testing/dialogue.h"
#include "penstock/http2/testing/lenient_limits.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/endian.h"

namespace penstock::http2::testing {
namespace {

enum class Act {
  kHeaders,
  kHeadersEnd,
  kData,
  kDataEnd,
  kReset,
  kCredit,
  kHead,
  kEnd,
  kLocalReset
};
constexpr int kActs = 9;
constexpr int kLength = 5;

// Half-closed is (remote) at the server, (local) at the client.
enum class State { kReserved, kHalfClosed, kClosed, kClosedByUs, kConnectionEnded };

struct Step {
  State state;
  std::optional<ErrorCode> told;  // by RST_STREAM, or by GOAWAY when the connection ends
};

Step Stays(State state) { return {state, std::nullopt}; }
Step Fault(ErrorCode code) { return {State::kClosedByUs, code}; }
Step Fatal(ErrorCode code) { return {State::kConnectionEnded, code}; }

// Either end, in states where the roles do not differ.
Step StepOfClosed(State state, Act act) {
  if (act == Act::kReset) return Stays(State::kClosed);
  const bool is_data = act == Act::kData || act == Act::kDataEnd;
  if (is_data && state == State::kClosed) return Fault(ErrorCode::kStreamClosed);
  return Stays(state);
}

Step StepOfServer(State state, Act act) {
  const bool is_data = act == Act::kData || act == Act::kDataEnd;
  const bool is_head = act == Act::kHeaders || act == Act::kHeadersEnd;
  if (act == Act::kReset) return Stays(State::kClosed);
  switch (state) {
    case State::kReserved:
      if (is_head || is_data) return Fatal(ErrorCode::kProtocolError);
      if (act == Act::kHead) return Stays(State::kHalfClosed);
      break;
    case State::kHalfClosed:
      if (is_head || is_data) return Fault(ErrorCode::kStreamClosed);
      if (act == Act::kEnd) return Stays(State::kClosed);
      break;
    default:
      // A client opens no stream with an even id.
      return is_head ? Fatal(ErrorCode::kProtocolError) : StepOfClosed(state, act);
  }
  return act == Act::kLocalReset ? Fault(ErrorCode::kCancel) : Stays(state);
}

Step StepOfClient(State state, Act act) {
  const bool is_data = act == Act::kData || act == Act::kDataEnd;
  const bool is_head = act == Act::kHeaders || act == Act::kHeadersEnd;
  if (act == Act::kReset) return Stays(State::kClosed);
  if (act == Act::kLocalReset && state < State::kClosed) return Fault(ErrorCode::kCancel);
  switch (state) {
    case State::kReserved:
      if (is_data || act == Act::kCredit) return Fatal(ErrorCode::kProtocolError);
      if (act == Act::kHeaders) return Stays(State::kHalfClosed);
      return Stays(act == Act::kHeadersEnd ? State::kClosed : state);
    case State::kHalfClosed:
      if (act == Act::kHeaders) return Fault(ErrorCode::kProtocolError);
      return Stays(act == Act::kHeadersEnd || act == Act::kDataEnd ? State::kClosed : state);
    default:
      if (is_head && state == State::kClosed) return Fatal(ErrorCode::kStreamClosed);
      return StepOfClosed(state, act);
  }
}

const OutgoingField kOk[] = {{":status", "200"}};
const OutgoingField kGet[] = {
    {":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};

// One connection with stream 1 open, on which streams are promised one after another.
class Promises {
 public:
  explicit Promises(Role role) : role_(role), peer_(role, WithPush()) {
    if (role == Role::kClient) {
      peer_.connection().SendHead(peer_.Open(), kGet, EndStream::kNo);
    } else {
      peer_.Sends(Headers(1).Get("/"));
    }
    peer_.TakeFrames();
  }

  void MakeNext() {
    id_ += 2;
    if (role_ == Role::kClient) {
      peer_.Sends(PushPromise(1, id_).Get("/").Field(":authority", "a"));
      ASSERT_TRUE(peer_.has_stream(id_));
      stream_ = &peer_.stream(id_);
    } else {
      stream_ = peer_.connection().SendPushPromise(peer_.stream(1), kGet);
      ASSERT_NE(stream_, nullptr);
      stream_->user = &peer_;
    }
    ASSERT_EQ(stream_->id, id_);
    peer_.TakeFrames();
    peer_.TakeEvents();
  }

  void Do(Act act, State before) {
    Frame head = Headers(id_);
    before == State::kReserved ? head.Status("200") : head.Field("a", "b");
    switch (act) {
      case Act::kHeaders:
        return peer_.Sends(head);
      case Act::kHeadersEnd:
        return peer_.Sends(head.End());
      case Act::kData:
        return peer_.Sends(Data(id_, "x"));
      case Act::kDataEnd:
        return peer_.Sends(Data(id_, "x").End());
      case Act::kReset:
        return peer_.Sends(RstStream(id_, ErrorCode::kCancel));
      case Act::kCredit:
        return peer_.Sends(WindowUpdate(id_, 1));
      case Act::kHead:
        return peer_.connection().SendHead(*stream_, kOk, EndStream::kNo);
      case Act::kEnd:
        return peer_.connection().SendData(*stream_, {}, EndStream::kYes);
      case Act::kLocalReset:
        return peer_.connection().SendReset(*stream_, ErrorCode::kCancel);
    }
  }

  // The codes of RST_STREAM and GOAWAY.
  std::vector<ErrorCode> TakeTold() {
    std::vector<ErrorCode> told;
    for (const Frame& frame : peer_.TakeFrames()) {
      const bool is_goaway = frame.type == FrameType::kGoAway;
      if (!is_goaway && frame.type != FrameType::kRstStream) continue;
      EXPECT_EQ(frame.stream_id, is_goaway ? 0 : id_);
      const std::string code = frame.payload.substr(is_goaway ? 4 : 0);
      told.push_back(static_cast<ErrorCode>(wire::LoadBig32(wire::AsBytes(code).data())));
    }
    peer_.TakeEvents();
    return told;
  }

  bool IsThere() { return peer_.connection().streams_open_count() == 2; }
  bool failed() { return peer_.connection().failed(); }
  void EndStream() { peer_.connection().SendReset(*stream_, ErrorCode::kCancel); }

 private:
  static Limits WithPush() {
    Limits limits = LenientLimits();
    limits.push_enabled = true;
    return limits;
  }

  const Role role_;
  Dialogue peer_;
  Stream* stream_ = nullptr;
  uint32_t id_ = 0;
};

State RunSequence(Promises& promises, Role role, const std::array<Act, kLength>& acts) {
  promises.MakeNext();
  State state = State::kReserved;
  for (const Act act : acts) {
    if (act >= Act::kHead && state >= State::kClosed) continue;  // the application has let it go
    const Step want = role == Role::kServer ? StepOfServer(state, act) : StepOfClient(state, act);
    promises.Do(act, state);
    EXPECT_EQ(promises.TakeTold(), want.told ? std::vector{*want.told} : std::vector<ErrorCode>{});
    state = want.state;
    EXPECT_EQ(promises.failed(), state == State::kConnectionEnded);
    if (state == State::kConnectionEnded) return state;
    EXPECT_EQ(promises.IsThere(), state < State::kClosed);
  }
  if (state < State::kClosed) promises.EndStream();
  promises.TakeTold();
  return state;
}

class StreamStatePush : public ::testing::TestWithParam<Role> {};

TEST_P(StreamStatePush, EverySequenceEndsAsTheTableSays) {
  auto promises = std::make_unique<Promises>(GetParam());
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
    const State end = RunSequence(*promises, GetParam(), acts);
    if (::testing::Test::HasFailure()) return;
    if (end == State::kConnectionEnded) promises = std::make_unique<Promises>(GetParam());
  }
}

INSTANTIATE_TEST_SUITE_P(BothRoles, StreamStatePush,
                         ::testing::Values(Role::kServer, Role::kClient), [](const auto& which) {
                           return which.param == Role::kServer ? "Local" : "Remote";
                         });

}  // namespace
}  // namespace penstock::http2::testing
