// Feeds arbitrary bytes to a whole session, as a server's peer or as a client's, with an
// application that answers; then looks at what the connection said and whether everything came
// back.
//
// Input: options (see Options), the size of the pieces (0: whole; the highest bit: with pushed
// streams; the next: DATA is taken in runs), then what the peer sends.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/http2/connection.h"
#include "penstock/http2/frame.h"
#include "penstock/http2/limits.h"
#include "penstock/http2/workspace.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"
#include "penstock/wire/large_blocks.h"
#include "penstock/wire/slab_pool.h"

namespace {

using namespace penstock::http2;
using penstock::wire::Bytes;

struct Options {
  Options(uint8_t bits, uint8_t piece_bits)
      : role((bits & 1) != 0 ? Role::kClient : Role::kServer),
        shakes_hands((bits & 2) != 0),
        takes_streams((bits & 4) == 0),
        returns_credit((bits & 8) == 0),
        small((bits & 16) != 0),
        answers_early((bits & 32) != 0),
        answers_much((bits & 64) != 0),
        resets((bits & 128) != 0),
        pushes((piece_bits & 128) != 0),
        takes_runs((piece_bits & 64) != 0),
        reads_late(resets && answers_much) {}

  Role role;
  bool shakes_hands;
  bool takes_streams;
  bool returns_credit;
  bool small;          // windows, limits
  bool answers_early;  // at the head and not at the end
  bool answers_much;   // more than a window
  bool resets;         // in the middle of DATA
  bool pushes;         // a server promises with each answer, a client takes promises
  bool takes_runs;     // by NextData()
  bool reads_late;     // the peer: streams end with their answers in the output still
};

Limits LimitsFor(const Options& options) {
  Limits limits;
  limits.push_enabled = options.pushes;
  limits.automatic_credit = options.pushes && !options.returns_credit;
  if (!options.small) return limits;
  limits.concurrent_streams_max = 3;
  limits.header_list_bytes_max = 200;
  limits.header_fields_max = 6;
  limits.header_block_bytes_max = 300;
  limits.decoder_table_bytes = 100;
  limits.stream_window_bytes = 50;
  limits.connection_unread_bytes_max = 20;
  limits.output_bytes_max = 100;
  return limits;
}

constexpr OutgoingField kRequest[] = {{":method", "POST"}, {":scheme", "http"}, {":path", "/x"}};
constexpr OutgoingField kPushed[] = {
    {":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/pushed"}};
constexpr OutgoingField kResponse[] = {{":status", "200"}};
constexpr OutgoingField kTrailers[] = {{"grpc-status", "0"}};
constexpr std::string_view kHandshake(
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    "\0\0\0\4\0\0\0\0\0"
    "\0\0\0\4\1\0\0\0\0",
    24 + 18);

class FuzzSession {
 public:
  explicit FuzzSession(const Options& options)
      : options_(options),
        connection_(options.role, LimitsFor(options), &workspace_, FieldClassifier{}) {
    connection_.Start(0);
    if (options.shakes_hands) {
      Feed(penstock::wire::AsBytes(
          kHandshake.substr(options.role == Role::kClient ? kClientPreface.size() : 0)));
    }
    for (int i = 0; options.role == Role::kClient && i < 3; ++i) {
      Stream* stream = connection_.OpenStream();
      if (stream == nullptr) return;
      if (options.takes_streams) stream->user = this;
      connection_.SendHead(*stream, kRequest, i == 0 ? EndStream::kYes : EndStream::kNo);
    }
  }

  void Feed(Bytes bytes) {
    const std::vector<uint8_t> piece(bytes.begin(), bytes.end());
    connection_.Receive(piece, 0);
    for (;;) {
      const Event event = connection_.NextEvent();
      if (event.kind == Event::Kind::kNone) break;
      PENSTOCK_CHECK(event.kind != Event::Kind::kConnectionError || connection_.failed(),
                     "a failed connection says so");
      if (event.stream != nullptr) OnStreamEvent(event);
    }
    TakeOutput(options_.reads_late && !connection_.should_pause() ? kKeptBytes : 0);
  }

  // All that was said is taken, and what it stood in is back but for what waits for windows.
  void End() {
    TakeOutput(0);
    PENSTOCK_CHECK(said_.empty(), "whole frames are said");
    PENSTOCK_CHECK(connection_.streams_open_count() != 0 || slabs_.large().lent_bytes() == 0,
                   "blocks of streams that are gone are given back");
  }

 private:
  static constexpr size_t kKeptBytes = 40'000;

  void OnStreamEvent(const Event& event) {
    Stream& stream = *event.stream;
    const bool promised = event.kind == Event::Kind::kPushPromise;
    const bool opens =
        promised || (event.kind == Event::Kind::kHead && options_.role == Role::kServer);
    const bool too_large = event.kind == Event::Kind::kHeadTooLarge;
    PENSTOCK_CHECK(opens || too_large || stream.user == this, "events are told to users");
    PENSTOCK_CHECK(!promised || (options_.role == Role::kClient && options_.pushes),
                   "promises are told to those who allow them");
    if (opens && options_.takes_streams) stream.user = this;
    if (event.kind == Event::Kind::kStreamReset) {
      stream.user = nullptr;
      return;
    }
    if (event.kind == Event::Kind::kData) {
      OnData(stream, event.data);
      if (options_.takes_runs && !event.end_stream) TakeRun(stream);
      if (options_.resets) return connection_.SendReset(stream, ErrorCode::kCancel);
    }
    if (event.end_stream || too_large || (opens && options_.answers_early)) Answer(stream);
  }

  void OnData(Stream& stream, Bytes data) {
    if (options_.returns_credit) {
      connection_.ReturnCredit(stream, static_cast<uint32_t>(data.size()));
    }
  }

  void TakeRun(Stream& stream) {
    for (;;) {
      const Bytes data = connection_.NextData(stream);
      if (data.empty()) return;
      PENSTOCK_CHECK(connection_.receive_window_bytes() >= 0 &&
                         connection_.receive_window_bytes(stream) >= 0,
                     "a run stays in its windows");
      OnData(stream, data);
    }
  }

  void Answer(Stream& stream) {
    if (stream.state.local_ended() || stream.end_queued) return;
    if (options_.role == Role::kServer) {
      if (options_.pushes) Push(stream);
      connection_.ResetAfterEnd(stream);
      connection_.SendPreparedHead(stream, prepared_, kResponse, EndStream::kNo);
    }
    if (uint8_t* room = connection_.BeginData(stream, 5)) {
      std::fill_n(room, 5, uint8_t{'x'});
      connection_.CommitData(stream, 5, EndStream::kNo);
    }
    if (options_.answers_much && stream.id % 4 == 1) {
      SendShared(stream);
    } else {
      const std::string data(options_.answers_much ? 70'000 : 10, 'y');
      connection_.SendData(stream, penstock::wire::AsBytes(data), EndStream::kNo);
    }
    stream.user = nullptr;
    connection_.SendTrailers(stream, kTrailers);
  }

  // 2 to 70 KiB: some are shared, some copied, some do not fit the windows.
  void SendShared(Stream& stream) {
    const size_t bytes = 2048 + stream.id * size_t{40'503} % (68 * 1024);
    const penstock::wire::LentBlock block(slabs_.large(), bytes);
    std::fill_n(block.data(), bytes, SharedOctet(stream.id));
    connection_.SendShared(stream, {block.data(), bytes}, block.get(), EndStream::kNo);
  }
  // A block that is used again too early has another stream's.
  static uint8_t SharedOctet(uint32_t stream_id) {
    return static_cast<uint8_t>('A' + stream_id / 4 % 26);
  }

  // Every second promise is not kept.
  void Push(Stream& parent) {
    Stream* pushed = connection_.SendPushPromise(parent, kPushed);
    if (pushed == nullptr) return;
    if (pushed->id % 4 == 0) return connection_.SendReset(*pushed, ErrorCode::kCancel);
    connection_.SendHead(*pushed, kResponse, EndStream::kNo);
    const std::string data(options_.answers_much ? 30'000 : 3, 'p');
    connection_.SendData(*pushed, penstock::wire::AsBytes(data), EndStream::kYes);
  }

  // The output is made of frames that a peer would take.
  void TakeOutput(size_t kept_bytes) {
    penstock::wire::OutputChain& output = connection_.NextOutput();
    while (output.size() > kept_bytes) {
      Bytes piece;
      output.Gather({&piece, 1});
      piece = piece.first(std::min(piece.size(), output.size() - kept_bytes));
      said_.insert(said_.end(), piece.begin(), piece.end());
      output.Consume(piece.size());
      connection_.NextOutput();
    }
    CheckSaid();
    PENSTOCK_CHECK(said_.empty() || kept_bytes != 0, "whole frames are said");
  }

  void CheckSaid() {
    size_t at = 0;
    if (options_.role == Role::kClient && !preface_seen_) {
      if (said_.size() < kClientPreface.size()) return;
      at = kClientPreface.size();
    }
    preface_seen_ = true;
    while (said_.size() - at >= kFrameHeaderBytes) {
      const FrameHeader frame = LoadFrameHeader(&said_[at]);
      PENSTOCK_CHECK(frame.payload_bytes <= kFramePayloadBytesDefault, "a frame fits any peer");
      const size_t end = at + kFrameHeaderBytes + frame.payload_bytes;
      if (end > said_.size()) break;
      CheckFrame(frame, &said_[at] + kFrameHeaderBytes);
      at = end;
    }
    said_.erase(said_.begin(), said_.begin() + static_cast<ptrdiff_t>(at));
  }

  void CheckFrame(const FrameHeader& frame, const uint8_t* payload) {
    const bool of_stream = frame.type == FrameType::kData || frame.type == FrameType::kHeaders ||
                           frame.type == FrameType::kRstStream ||
                           frame.type == FrameType::kContinuation ||
                           frame.type == FrameType::kPushPromise;
    PENSTOCK_CHECK(!of_stream || frame.stream_id != 0, "a stream has an id");
    if (frame.type == FrameType::kData) {
      const uint8_t shared = SharedOctet(frame.stream_id);
      PENSTOCK_CHECK(std::all_of(payload, payload + frame.payload_bytes,
                                 [shared](uint8_t octet) {
                                   return octet == shared || (octet >= 'p' && octet <= 'y');
                                 }),
                     "DATA is what was answered");
    }
    if (frame.type == FrameType::kWindowUpdate) {
      const uint32_t bytes = penstock::wire::LoadBig32(payload);
      PENSTOCK_CHECK(bytes > 0 && bytes <= kWindowBytesLimit, "credit is credit");
    }
    if (frame.type == FrameType::kPushPromise) {
      const uint32_t id = penstock::wire::LoadBig32(payload);
      PENSTOCK_CHECK(id % 2 == 0 && id > promised_id_, "a promise has the next id");
      promised_id_ = id;
    }
    if (frame.type == FrameType::kGoAway) {
      const uint32_t last_id = penstock::wire::LoadBig32(payload);
      PENSTOCK_CHECK(last_id <= goaway_id_, "GOAWAY never raises its id");
      goaway_id_ = last_id;
    }
  }

  const Options options_;
  penstock::wire::SlabPool slabs_;
  Workspace workspace_{&slabs_};  // its pools check that all is back
  Connection connection_;
  PreparedBlock prepared_;
  std::vector<uint8_t> said_;
  uint32_t goaway_id_ = kStreamIdMax;
  uint32_t promised_id_ = 0;
  bool preface_seen_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t input_bytes) {
  if (input_bytes < 2) return 0;
  const Options options(input[0], input[1]);
  const size_t piece_bits = input[1] & 63;
  const size_t piece_bytes = piece_bits == 0 ? SIZE_MAX : piece_bits;
  Bytes rest(input + 2, input_bytes - 2);
  FuzzSession session(options);
  while (!rest.empty()) {
    const Bytes piece = rest.first(std::min(piece_bytes, rest.size()));
    session.Feed(piece);
    rest = rest.subspan(piece.size());
  }
  session.End();
  return 0;
}
