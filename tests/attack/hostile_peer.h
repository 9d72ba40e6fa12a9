// HostilePeer: a plain socket to a server, over which anything can be said, and which remembers
// what came back.
//
//     HostilePeer peer(address);
//     peer.Hello();
//     for (uint32_t id = 1; peer.Sends(Headers(id).Post("/x"), RstStream(id, kCancel)); id += 2) {}
//     return peer.Verdict();        // "GOAWAY ENHANCE_YOUR_CALM resets_received"
//
// Limits: a wait for the server ends after kPatienceMs, and the verdict then says SILENT.
#ifndef PENSTOCK_TESTS_ATTACK_HOSTILE_PEER_H_
#define PENSTOCK_TESTS_ATTACK_HOSTILE_PEER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/settings.h"
#include "penstock/http2/testing/frame_script.h"

namespace penstock::attack {

inline constexpr std::string_view kSayHello = "/helloworld.Greeter/SayHello";

// A socket connected to "127.0.0.1:40123"; -1 when that fails. `receive_buffer_bytes` of the
// socket, where it is not 0.
int ConnectTo(const std::string& address, int receive_buffer_bytes = 0);

// The head of a good unary call, and its message HelloRequest{name}, framed.
http2::testing::Frame CallHead(uint32_t id, std::string_view path = kSayHello);
std::string CallMessage(std::string_view name);

class HostilePeer {
 public:
  explicit HostilePeer(const std::string& address, int receive_buffer_bytes = 0);
  ~HostilePeer();
  HostilePeer(const HostilePeer&) = delete;
  HostilePeer& operator=(const HostilePeer&) = delete;

  // --- what it says
  // The preface and SETTINGS; waits for the server's SETTINGS and acknowledges them.
  void Hello(std::initializer_list<std::pair<http2::SettingId, uint32_t>> settings = {});
  // False once the connection is over, or (when it does not read) once the server takes no more.
  template <typename... Frames>
  bool Sends(const Frames&... frames) {
    std::string bytes;
    ((bytes += http2::testing::Encode(frames, encoder_)), ...);
    return SendsBytes(bytes);
  }
  bool SendsBytes(std::string_view bytes);
  // The octets that Sends() would write, to be sent together with others.
  std::string Encoded(const http2::testing::Frame& frame) { return Encode(frame, encoder_); }
  http2::HpackEncoder& encoder() { return encoder_; }
  void CloseWrite();

  // --- what it hears
  // Whether it reads what the server answers while it sends. It does at first.
  void set_reads(bool reads) { reads_ = reads; }
  // Reads again, and goes on with what it could not send.
  bool HearAgain();
  // Hears until `done` says so; false when the connection ended first, or nothing came.
  bool HearUntil(const std::function<bool()>& done);
  // A PING and its acknowledgement: all that was sent has been received.
  bool Ping();
  bool HearEnd();

  // What became of the connection. While it stands that is found out by a PING.
  //
  //     GOAWAY ENHANCE_YOUR_CALM debug text     CLOSED      OPEN      SILENT
  //
  // and behind it what came on streams: "OPEN; 3 x RST_STREAM CANCEL, 4 x grpc-status 0".
  std::string Verdict();
  // Without the PING: for a connection that must be closed by the server.
  std::string VerdictAtEnd();

  bool closed() const { return closed_; }
  bool was_stuck() const { return stuck_; }
  bool said_goaway() const { return !goaway_.empty(); }
  // Of the GOAWAY: the highest stream that the server has seen.
  uint32_t last_stream_id() const { return last_stream_id_; }
  size_t data_bytes() const { return data_bytes_; }
  size_t settings_acks() const { return settings_acks_; }
  // The highest stream that the server has ended.
  uint32_t last_ended_id() const { return last_ended_id_; }
  size_t streams_ended() const { return streams_ended_; }

 private:
  static constexpr int kPatienceMs = 20'000;
  // So long a server that is not read from may leave us waiting until it counts as stuck.
  static constexpr int kStuckMs = 250;

  bool Wait(short events, int timeout_ms, short* seen);
  // How many octets went out.
  size_t Write(std::string_view all);
  void ReadSome();
  void Hear(const http2::testing::Frame& frame);
  void HearEndOf(uint32_t stream_id);
  std::string Describe(std::string_view state) const;

  int fd_;
  bool reads_ = true;
  bool stuck_ = false;
  bool closed_ = false;
  bool silent_ = false;
  std::string unsent_;  // of what it was saying when the server took no more
  http2::HpackEncoder encoder_;
  http2::testing::FrameScanner scanner_{4096};
  std::string goaway_;
  uint32_t last_stream_id_ = 0;
  uint32_t last_ended_id_ = 0;
  size_t data_bytes_ = 0;
  size_t settings_ = 0;
  size_t settings_acks_ = 0;
  size_t ping_acks_ = 0;
  size_t streams_ended_ = 0;
  std::map<std::string, size_t> answers_;
};

}  // namespace penstock::attack

#endif  // PENSTOCK_TESTS_ATTACK_HOSTILE_PEER_H_
