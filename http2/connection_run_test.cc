// DATA taken in runs, by NextData(), beside DATA taken event by event: the same in every respect.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/connection.h"
#include "penstock/http2/testing/frame_script.h"
#include "penstock/http2/workspace.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/slab_pool.h"
#include "penstock/wire/testing/any_split.h"

namespace penstock::http2::testing {
namespace {

constexpr uint32_t kWindow = 60;

enum class By : uint8_t { kEvents, kRuns };
enum class Credit : uint8_t { kAtOnce, kNever };

Limits SmallWindows() {
  Limits limits;
  limits.stream_window_bytes = kWindow;
  return limits;
}

std::string Encoded(const std::vector<Frame>& script) {
  HpackEncoder encoder;
  std::string octets(kClientPreface);
  octets += Encode(SettingsFrame({}), encoder) + Encode(SettingsAck(), encoder);
  for (const Frame& frame : script) octets += Encode(frame, encoder);
  return octets;
}

// A server that keeps nothing of DATA but its octets, and writes down all that it can see.
class Server {
 public:
  Server(By by, Credit credit, const Limits& limits = SmallWindows())
      : by_(by),
        credit_(credit),
        connection_(Role::kServer, limits, &workspace_, FieldClassifier{}) {
    connection_.Start(0);
  }

  void Receive(wire::Bytes octets) {
    connection_.Receive(octets, 0);
    for (Event event = connection_.NextEvent(); event.kind != Event::Kind::kNone;
         event = connection_.NextEvent()) {
      OnEvent(event);
    }
    seen_ += " window " + std::to_string(connection_.receive_window_bytes());
    seen_ += " unread " + std::to_string(connection_.unread_bytes());
    seen_ += " uncredited " + std::to_string(connection_.uncredited_bytes());
    for (const auto& [id, stream] : streams_) {
      seen_ += " window of " + std::to_string(id) + ' ' +
               std::to_string(connection_.receive_window_bytes(*stream));
    }
    TakeOutput();
  }
  // Events, windows and credit after each Receive(), and the output.
  const std::string& seen() const { return seen_; }
  size_t run_frames_count() const { return run_frames_count_; }

 private:
  void OnEvent(const Event& event) {
    if (event.kind == Event::Kind::kConnectionError) {
      Note("ERROR " + std::string(event.error.text));
      streams_.clear();
      return;
    }
    if (event.stream == nullptr) return;
    Stream& stream = *event.stream;
    if (event.kind == Event::Kind::kHead) {
      stream.user = this;
      streams_[stream.id] = &stream;
    }
    const std::string id = std::to_string(stream.id);
    if (event.kind == Event::Kind::kData) {
      OnData(stream, event.data);
      if (by_ == By::kRuns && !event.end_stream) TakeRun(stream);
    } else {
      Note("EVENT " + std::to_string(static_cast<int>(event.kind)) + " of " + id);
    }
    if (event.end_stream) Note("END of " + id);
    if (event.kind == Event::Kind::kStreamReset) {
      Note("RESET of " + id + ": " + event.error.text);
      stream.user = nullptr;
      streams_.erase(stream.id);
    }
  }

  void TakeRun(Stream& stream) {
    for (wire::Bytes data = connection_.NextData(stream); !data.empty();
         data = connection_.NextData(stream)) {
      ++run_frames_count_;
      OnData(stream, data);
    }
  }

  // Frames are joined: where the input was cut tells nothing.
  void OnData(Stream& stream, wire::Bytes data) {
    connection_.ForgiveSmallData(stream);
    if (credit_ == Credit::kAtOnce) {
      connection_.ReturnCredit(stream, static_cast<uint32_t>(data.size()));
    }
    if (data.empty()) return;
    const std::string whose = "DATA of " + std::to_string(stream.id) + ' ';
    if (latest_ != whose) Note(whose);
    seen_ += wire::AsString(data);
  }

  void Note(const std::string& what) { seen_ += '\n' + (latest_ = what); }

  void TakeOutput() {
    wire::OutputChain& output = connection_.NextOutput();
    while (!output.empty()) {
      wire::Bytes piece;
      output.Gather({&piece, 1});
      said_ += wire::AsString(piece);
      output.Consume(piece.size());
    }
    seen_ += " said " + std::to_string(std::hash<std::string>()(said_));
  }

  const By by_;
  const Credit credit_;
  wire::SlabPool slabs_;
  Workspace workspace_{&slabs_};
  Connection connection_;
  std::map<uint32_t, Stream*> streams_;
  std::string seen_;
  std::string latest_;
  std::string said_;
  size_t run_frames_count_ = 0;
};

struct Case {
  const char* name;
  std::vector<Frame> script;
  size_t run_frames_count;  // of whole input
};

std::vector<Case> Cases() {
  const std::string most(kWindow - 10, 'm');
  const Frame post = Headers(1).Post("/x");
  return {
      {"a run", {post, Data(1, "one"), Data(1, "two"), Data(1, "three")}, 2},
      {"credit in a run", {post, Data(1, "0123456789"), Data(1, most), Data(1, most)}, 2},
      {"another stream between",
       {post, Headers(3).Post("/y"), Data(1, "a"), Data(1, "b"), Data(3, "c"), Data(1, "d")}, 1},
      {"another frame between",
       {post, Data(1, "a"), Data(1, "b"), Ping("12345678"), Data(1, "c"), Data(1, "d")}, 2},
      {"padding", {post, Data(1, "a"), Data(1, "b").Padded(3), Data(1, "c"), Data(1, "d")}, 2},
      {"an empty frame", {post, Data(1, "a"), Data(1, ""), Data(1, "b"), Data(1, "c")}, 1},
      {"the end", {post, Data(1, "a"), Data(1, "b"), Data(1, "c").End()}, 1},
      {"behind the end", {post, Data(1, "a"), Data(1, "b").End(), Data(1, "c")}, 0},
      {"trailers", {post, Data(1, "a"), Data(1, "b"), Headers(1).Field("x", "y").End()}, 1},
      {"a reset", {post, Data(1, "a"), Data(1, "b"), RstStream(1, ErrorCode::kCancel)}, 1},
      {"a flag that means nothing",
       {post, Data(1, "a"), RawFrame(FrameType::kData, 0x40, 1, "b"), Data(1, "c")}, 1},
      {"the reserved bit of an id",
       {post, Data(1, "a"), RawFrame(FrameType::kData, 0, 1 | 0x8000'0000, "b")}, 1},
      {"a content-length",
       {Headers(1).Post("/x").Field("content-length", "3"), Data(1, "a"), Data(1, "b"),
        Data(1, "cd")},
       0},
      {"above a frame", {post, Data(1, "a"), Data(1, std::string(16'385, 'b'))}, 0},
  };
}

TEST(ConnectionRun, IsWhatTheEventsWouldHaveToldHoweverItIsCut) {
  for (const Case& run : Cases()) {
    SCOPED_TRACE(run.name);
    const std::string octets = Encoded(run.script);
    Server whole(By::kRuns, Credit::kAtOnce);
    whole.Receive(wire::AsBytes(octets));
    EXPECT_EQ(whole.run_frames_count(), run.run_frames_count);
    if (octets.size() > 10'000) continue;
    for (const Credit credit : {Credit::kAtOnce, Credit::kNever}) {
      wire::ForEachSplit(wire::AsBytes(octets), [credit](auto pieces) {
        Server by_events(By::kEvents, credit);
        Server by_runs(By::kRuns, credit);
        for (const wire::Bytes piece : pieces) {
          by_events.Receive(piece);
          by_runs.Receive(piece);
        }
        EXPECT_EQ(by_runs.seen(), by_events.seen());
      });
    }
  }
}

// The last octet that a window allows is still taken in the run; one more is left to NextEvent().
TEST(ConnectionRun, StaysInsideTheWindowOfTheStream) {
  for (const size_t excess : {0, 1}) {
    const std::string octets = Encoded(
        {Headers(1).Post("/x"), Data(1, "a"), Data(1, std::string(kWindow - 1 + excess, 'b'))});
    Server by_events(By::kEvents, Credit::kNever);
    Server by_runs(By::kRuns, Credit::kNever);
    by_events.Receive(wire::AsBytes(octets));
    by_runs.Receive(wire::AsBytes(octets));
    EXPECT_EQ(by_runs.run_frames_count(), 1 - excess);
    EXPECT_EQ(by_runs.seen(), by_events.seen());
    EXPECT_EQ(by_runs.seen().find("beyond the stream's window") != std::string::npos, excess == 1);
  }
}

TEST(ConnectionRun, StaysInsideTheWindowOfTheConnection) {
  Limits limits;
  limits.connection_window_bytes = kWindowBytesDefault;
  limits.connection_unread_bytes_max = 0;
  limits.stream_window_bytes = 1 << 20;
  for (const size_t excess : {0, 1}) {
    std::vector<Frame> script = {Headers(1).Post("/x")};
    for (size_t left = kWindowBytesDefault + excess; left > 0;) {
      const size_t piece = std::min<size_t>(left, 16'383);
      script.push_back(Data(1, std::string(piece, 'a')));
      left -= piece;
    }
    const std::string octets = Encoded(script);
    Server by_events(By::kEvents, Credit::kNever, limits);
    Server by_runs(By::kRuns, Credit::kNever, limits);
    by_events.Receive(wire::AsBytes(octets));
    by_runs.Receive(wire::AsBytes(octets));
    EXPECT_EQ(by_runs.run_frames_count(), 4 - excess);
    EXPECT_EQ(by_runs.seen(), by_events.seen());
    EXPECT_EQ(by_runs.seen().find("beyond the connection's window") != std::string::npos,
              excess == 1);
  }
}

TEST(ConnectionRun, IsNotTakenWhereTheConnectionReturnsCredit) {
  Limits limits = SmallWindows();
  limits.automatic_credit = true;
  Server server(By::kRuns, Credit::kNever, limits);
  server.Receive(wire::AsBytes(Encoded({Headers(1).Post("/x"), Data(1, "a"), Data(1, "b")})));
  EXPECT_EQ(server.run_frames_count(), 0u);
}

}  // namespace
}  // namespace penstock::http2::testing
