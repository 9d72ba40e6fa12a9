// Frames as a test writes and reads them.
//
//     Headers(1).Post("/x").End()            HEADERS with END_STREAM and a request's head
//     Data(1, "hello").Padded(3)
//     PushPromise(1, 2).Get("/style.css")
//     RstStream(1, ErrorCode::kCancel)
//     RawFrame(FrameType::kPing, 0, 0, "short")
//
// A frame written by a test is encoded with the peer's HpackEncoder when it is sent; a frame read
// from the output has its header block decoded, so both compare as plain values.
//
// Spec: RFC 9113 §6
#ifndef PENSTOCK_HTTP2_TESTING_FRAME_SCRIPT_H_
#define PENSTOCK_HTTP2_TESTING_FRAME_SCRIPT_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/http2/error.h"
#include "penstock/http2/frame.h"
#include "penstock/http2/hpack_decoder.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/hpack_field_list.h"
#include "penstock/http2/settings.h"

namespace penstock::http2::testing {

struct Frame {
  FrameType type = FrameType::kData;
  uint8_t flags = 0;
  uint32_t stream_id = 0;
  std::string payload;  // without padding and priority; of header blocks only without `fields`
  std::vector<std::pair<std::string, std::string>> fields;

  // How it is cut and wrapped; frames compare without regard to it.
  bool raw = false;                // HEADERS: flags and payload go out as they are
  int pad_bytes = -1;              // -1: not padded
  int64_t depends_on = -1;         // HEADERS: -1 without priority
  uint32_t promised_id = 0;        // PUSH_PROMISE
  std::vector<size_t> fragments;   // HEADERS: octets of each frame but the last; empty: one frame
  size_t continuations_count = 0;  // as read
  std::string debug;               // GOAWAY, as read

  Frame& End();
  Frame& Field(std::string_view name, std::string_view value);
  Frame& Post(std::string_view path);
  Frame& Get(std::string_view path);
  Frame& Status(std::string_view code);
  Frame& Padded(int bytes);
  Frame& DependsOn(uint32_t id);
  // The block's first frames have so many octets each; the last takes the rest.
  Frame& CutAfter(std::initializer_list<size_t> bytes);

  bool operator==(const Frame& other) const;
};

Frame Headers(uint32_t id);
Frame PushPromise(uint32_t id, uint32_t promised_id);
Frame Data(uint32_t id, std::string_view payload);
Frame RstStream(uint32_t id, ErrorCode code);
Frame WindowUpdate(uint32_t id, uint32_t bytes);
Frame Priority(uint32_t id, uint32_t depends_on);
Frame PriorityUpdate(uint32_t prioritized_id, std::string_view text);
Frame SettingsFrame(std::initializer_list<std::pair<SettingId, uint32_t>> entries);
Frame SettingsAck();
Frame Ping(std::string_view eight_octets);
Frame PingAck(std::string_view eight_octets);
Frame GoAway(uint32_t last_id, ErrorCode code);
Frame RawFrame(FrameType type, uint8_t flags, uint32_t id, std::string_view payload);

std::string Encode(const Frame& frame, HpackEncoder& encoder);
std::string Big32(uint32_t value);

void PrintTo(const Frame& frame, std::ostream* out);

// Takes whole frames from a connection's output. HEADERS or PUSH_PROMISE and its CONTINUATIONs
// become one Frame.
class FrameScanner {
 public:
  explicit FrameScanner(uint32_t table_bytes_max) : decoder_(table_bytes_max) {}

  // Fails the test when a header block does not decode, or a block is interrupted.
  std::vector<Frame> Scan(std::string_view bytes);

 private:
  void Add(const FrameHeader& header, std::string_view payload, std::vector<Frame>* frames);

  HpackDecoder decoder_;
  FieldList fields_;
  std::string rest_;
  Frame block_;  // whose END_HEADERS has not come
  bool in_block_ = false;
};

}  // namespace penstock::http2::testing

#endif  // PENSTOCK_HTTP2_TESTING_FRAME_SCRIPT_H_
