// Dialogue: a channel, calls on it, and a server that says what the test writes. Connections are
// strings in memory and time passes when the test says so.
//
//     Dialogue net;
//     PendingCall call;
//     net.Begin(&call);                       // connects
//     net.Accepts();                          // SETTINGS, both ways
//     net.Expects(net.RequestHead(1));
//     net.Expects(Data(1, Framed("hello")).End());
//     net.Sends(ResponseHead(1), Data(1, Framed("hi")), Trailers(1, "0"));
//     EXPECT_EQ(call.text(), "hi");
#ifndef PENSTOCK_CLIENT_TESTING_DIALOGUE_H_
#define PENSTOCK_CLIENT_TESTING_DIALOGUE_H_

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/client/call_options.h"
#include "penstock/client/scope.h"
#include "penstock/client/channel.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/testing/frame_script.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/testing/memory_net.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/rpc/status_or.h"

namespace penstock::client::testing {

using http2::testing::Frame;

// gRPC's prefix and the message.
std::string Framed(std::string_view message, uint8_t flag = 0);
// The head of a good response, and trailers with a status.
Frame ResponseHead(uint32_t id);
Frame Trailers(uint32_t id, std::string_view grpc_status);

// A unary call of "/a.B/C" and what became of it. It may go before the call has ended.
class PendingCall {
 public:
  struct State {
    std::unique_ptr<Scope> scope;
    std::optional<StatusOr<std::string>> result;
  };

  bool ended() const { return state->result.has_value(); }
  StatusCode code() const { return ended() ? state->result->status().code() : StatusCode(-1); }
  std::string message() const { return std::string(MessageOf(state->result->status())); }
  // Of a call that went well; else its message in parentheses.
  std::string text() const {
    if (!ended()) return "(under way)";
    return state->result->ok() ? **state->result : "(" + message() + ")";
  }
  // What it is made in; made by Begin(), if not before.
  std::unique_ptr<Scope>& scope() { return state->scope; }

  const std::shared_ptr<State> state = std::make_shared<State>();
};

class Dialogue {
 public:
  static constexpr std::string_view kTarget = "127.0.0.1:50051";

  explicit Dialogue(const ChannelOptions& options = ChannelOptions(),
                    std::string_view target = kTarget);
  // Closes the channel and checks that nothing is left.
  ~Dialogue();
  Dialogue(const Dialogue&) = delete;
  Dialogue& operator=(const Dialogue&) = delete;

  // --- the client
  // `options` outlive it.
  void Begin(PendingCall* call, std::string_view request = "hello",
             const CallOptions& options = CallOptions::Default());
  Channel& channel() { return *channel_; }
  void CloseChannel();
  reactor::Shard& shard() { return shard_; }
  reactor::MemoryNet& net() { return net_; }
  // Until nothing more happens by itself.
  void Turn();
  // Time passes, then Turn().
  void Advance(TimeNs ns);

  // --- the server, on the newest connection
  // Takes the preface and the client's SETTINGS, and sends its own and the acknowledgement.
  void Accepts(
      std::initializer_list<std::pair<http2::SettingId, uint32_t>> settings = {});
  template <typename... Frames>
  void Sends(const Frames&... frames) {
    std::string bytes;
    ((bytes += http2::testing::Encode(frames, *encoder_)), ...);
    SendsBytes(bytes);
  }
  void SendsBytes(std::string_view bytes);
  // The next frame of the client's, but for its SETTINGS, WINDOW_UPDATE and acknowledgements.
  void Expects(const Frame& frame);
  void ExpectsNothing();
  std::optional<Frame> TakeFrame();
  // What the client's WINDOW_UPDATE frames for the stream come to.
  uint64_t credit_bytes(uint32_t id);
  // The head of a usual call without a deadline.
  static Frame RequestHead(uint32_t id);

 private:
  void Read();

  reactor::MemoryNet net_;
  reactor::Shard shard_;
  std::unique_ptr<Channel> channel_;
  size_t accepted_count_ = 0;
  std::unique_ptr<http2::HpackEncoder> encoder_;
  std::unique_ptr<http2::testing::FrameScanner> scanner_;
  size_t preface_bytes_left_ = 0;
  std::deque<Frame> frames_;
  std::map<uint32_t, uint64_t> credit_bytes_;
};

}  // namespace penstock::client::testing

#endif  // PENSTOCK_CLIENT_TESTING_DIALOGUE_H_
