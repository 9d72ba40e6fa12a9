// Dialogue: a Connection, the application above it, and a scripted peer.
//
//     Dialogue peer(Role::kServer);                    // the handshake is done
//     peer.Sends(Headers(1).Post("/x").End());
//     EXPECT_EQ(peer.TakeEvents(), Events{"HEAD 1 /x END"});
//     peer.connection().SendHead(peer.stream(1), fields, EndStream::kYes);
//     peer.Expects(Headers(1).Status("200").End());
//
// The application takes every stream it is offered (`user` is set) and returns the credit of DATA
// at once, unless the test says otherwise. What it heard is told as text:
//
//     HEAD 1 /x END             INFORMATIONAL 1 103         HEAD_TOO_LARGE 1
//     DATA 1 hello END          TRAILERS 1 a=b END          RESET 1 CANCEL by peer
//     PROMISE 2 /style.css on 1
//     SETTINGS    PING_ACK 7    GOAWAY 3 NO_ERROR           CONNECTION_ERROR PROTOCOL_ERROR: why
//
// Pieces of DATA that follow one another are joined, so that a log does not depend on how the input
// was cut. Its end checks that all streams and slabs are back.
#ifndef PENSTOCK_HTTP2_TESTING_DIALOGUE_H_
#define PENSTOCK_HTTP2_TESTING_DIALOGUE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/http2/connection.h"
#include "penstock/http2/testing/frame_script.h"
#include "penstock/http2/workspace.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::http2::testing {

using Events = std::vector<std::string>;
using FieldTexts = std::vector<OutgoingField>;

// Without the handshake the peer has said nothing yet, and our SETTINGS are still to be expected.
enum class Handshake : bool { kOpen, kDone };

class Dialogue {
 public:
  explicit Dialogue(Role role, const Limits& limits = {}, Handshake handshake = Handshake::kDone);
  ~Dialogue();
  Dialogue(const Dialogue&) = delete;
  Dialogue& operator=(const Dialogue&) = delete;

  // --- the peer
  template <typename... Frames>
  void Sends(const Frames&... frames) {
    std::string bytes;
    ((bytes += Encode(frames, encoder_)), ...);
    SendsBytes(bytes);
  }
  // Feeds one piece as it is and lets the application hear all of it.
  void SendsBytes(std::string_view bytes);
  // The next frame of the output is this one.
  void Expects(const Frame& frame);
  void ExpectsNothing();
  // All that the connection wants to write.
  std::vector<Frame> TakeFrames();
  // Lets only the first `bytes` of the output pass, as a socket with little room would.
  void TakeOutput(size_t bytes);
  HpackEncoder& encoder() { return encoder_; }

  // --- the application
  Connection& connection() { return *connection_; }
  Stream& stream(uint32_t id) { return *streams_.at(id); }
  bool has_stream(uint32_t id) const { return streams_.contains(id); }
  // Client: opens a stream and takes it.
  Stream& Open();
  Events TakeEvents();
  void set_takes_streams(bool on) { takes_streams_ = on; }
  void set_returns_credit(bool on) { returns_credit_ = on; }
  // Called after the event was logged.
  void set_on_event(std::function<void(const Event&)> fn) { on_event_ = std::move(fn); }
  void Expire(TimeNs now) { Hear(connection_->Expire(now)); }
  Workspace& workspace() { return workspace_; }
  wire::SlabPool& slabs() { return slabs_; }
  void set_now(TimeNs now) { now_ = now; }

 private:
  struct Heard {
    std::string text;
    std::string data;
    uint32_t data_stream_id = 0;  // 0: not DATA
    bool end_stream = false;
  };

  void Hear(const Event& event);
  void HearData(const Event& event);
  std::string TextOf(const Event& event) const;
  void ScanOutput();

  wire::SlabPool slabs_;
  Workspace workspace_{&slabs_};
  std::unique_ptr<Connection> connection_;
  HpackEncoder encoder_;
  FrameScanner scanner_;
  std::deque<Frame> frames_;
  std::vector<Heard> heard_;
  std::map<uint32_t, Stream*> streams_;
  std::function<void(const Event&)> on_event_;
  size_t preface_bytes_left_ = 0;  // of a client, in its output
  TimeNs now_ = 0;
  bool takes_streams_ = true;
  bool returns_credit_ = true;
};

}  // namespace penstock::http2::testing

#endif  // PENSTOCK_HTTP2_TESTING_DIALOGUE_H_
