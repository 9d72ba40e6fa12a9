// Conversation: HTTP/2 as the floor server speaks it on one connection: it looks at the lengths of
// frames and answers every whole request with the same octets. Octets in, octets out, no I/O.
//
//     Conversation conversation(Mode::kCanned);
//     conversation.Receive(octets);
//     send(conversation.output()), conversation.output().Clear();
//     conversation.Continue();    // if wants_output()
//
// What it leaves out is the point: header blocks are skipped, not decoded, and streams are numbers,
// without a state. What it keeps is what a client must have so as to go on: SETTINGS and PING are
// acknowledged, and the connection's window is credited. Streams need no credit: theirs is the
// largest there is.
//
// Limits: the client's windows are not looked at, but for Mode::kCopy. Canned replies do not fill
//         them as long as the client returns half a window, as all do.
// Spec: RFC 9113 §4.1, §6.5, §6.7, §6.9; RFC 7541 §6 for the canned blocks
#ifndef PENSTOCK_LOADTEST_PEERS_FLOOR_CONVERSATION_H_
#define PENSTOCK_LOADTEST_PEERS_FLOOR_CONVERSATION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "penstock/http2/frame.h"
#include "penstock/loadtest/peers/floor/copier.h"
#include "penstock/loadtest/peers/floor/output.h"
#include "penstock/wire/bytes.h"

namespace penstock::loadtest::floor {

enum class Mode : uint8_t {
  kCanned,  // the same reply to every request
  kCopy,    // the request's own octets
};

class Conversation {
 public:
  // Says the server's SETTINGS.
  explicit Conversation(Mode mode);
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  void Receive(wire::Bytes octets);

  // What is to be sent; the caller takes it.
  Output& output() { return output_; }
  // Requests that were answered since this was asked last.
  uint64_t TakeAnswered() { return std::exchange(answered_count_, 0); }
  // There is more than output() was given: Continue() adds it when that was sent.
  bool wants_output() const { return copier_.has_value() && copier_->wants_output(); }
  void Continue() {
    if (copier_.has_value()) copier_->Write(output_);
  }

 private:
  // Enough for the SETTINGS that clients send; what is longer is acknowledged unread.
  static constexpr size_t kControlBytesMax = 20 * http2::kSettingBytes;

  const uint8_t* ReceiveHeader(const uint8_t* at, const uint8_t* end);
  void EndFrame();
  void Reply();
  void ReceiveSettings();
  void Credit(uint32_t bytes);

  Output output_;
  std::optional<Copier> copier_;
  size_t preface_left_ = http2::kClientPreface.size();
  bool in_payload_ = false;
  http2::FrameHeader frame_;
  uint32_t payload_left_ = 0;
  size_t header_count_ = 0;  // of header_, when a frame's header came in pieces
  size_t control_count_ = 0;
  uint32_t uncredited_bytes_ = 0;
  uint64_t answered_count_ = 0;
  // Whether the client's HPACK table may hold our fields, and whether it does.
  bool may_index_ = true;
  bool indexed_ = false;
  std::array<uint8_t, http2::kFrameHeaderBytes> header_;
  std::array<uint8_t, kControlBytesMax> control_;  // payload of other frames than HEADERS, DATA
};

}  // namespace penstock::loadtest::floor

#endif  // PENSTOCK_LOADTEST_PEERS_FLOOR_CONVERSATION_H_
