// MessageAssembler: finds gRPC messages in the DATA of a stream, however it was cut.
//
//     while (!input.empty()) {
//       switch (assembler.Next(&input, arena, &message)) { ... }
//     }
//
// A message that lies whole in `input` is handed out where it lies; one that spans inputs is
// gathered in the arena.
//
// Limits: a length above `message_bytes_max` is refused when its prefix is read, before anything is
//         allocated; the gathering room grows with what has arrived (at most four times it, from
//         16 KiB on), so that a prefix alone cannot make the receiver reserve megabytes. Once a
//         sixteenth is there it may be an idle block of the arena's pool, for the whole message
//         (large_blocks.h).
// Spec:   gRPC PROTOCOL-HTTP2, "Length-Prefixed-Message"; DATA frame boundaries mean nothing.
#ifndef PENSTOCK_WIRE_MESSAGE_ASSEMBLER_H_
#define PENSTOCK_WIRE_MESSAGE_ASSEMBLER_H_

#include <cstddef>
#include <cstdint>

#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::wire {

struct AssembledMessage {
  Bytes bytes;
  bool compressed;  // the prefix's flag
  bool in_input;    // bytes view the input given to Next(); otherwise the arena
};

class MessageAssembler {
 public:
  enum class Result : uint8_t {
    kNeedMore,  // input is used up; a message may be under way
    kMessage,   // *message is filled; input begins behind it
    kBadFlag,   // the prefix's flag is neither 0 nor 1; the stream is beyond repair
    kTooLarge,  // the length exceeds the limit; the stream is beyond repair
  };

  static constexpr uint32_t kMessageBytesMaxDefault = 4 * 1024 * 1024;

  explicit MessageAssembler(uint32_t message_bytes_max = kMessageBytesMaxDefault)
      : message_bytes_max_(message_bytes_max) {}

  // Takes what it can from the front of *input. After an error every call returns the same error
  // and takes nothing: DATA that was on its way when the stream was refused does no harm.
  // Ownership: bytes gathered over several calls live in `arena`, the same one every time.
  Result Next(Bytes* input, Arena* arena, AssembledMessage* message) {
    if (PENSTOCK_LIKELY(prefix_filled_ == 0 && input->size() >= kMessagePrefixBytes)) {
      const MessagePrefix prefix = LoadMessagePrefix(input->data());
      if (PENSTOCK_LIKELY(prefix.flag <= 1 && prefix.length_bytes <= message_bytes_max_ &&
                          input->size() - kMessagePrefixBytes >= prefix.length_bytes)) {
        *message = {input->subspan(kMessagePrefixBytes, prefix.length_bytes), prefix.flag == 1,
                    true};
        *input = input->subspan(kMessagePrefixBytes + prefix.length_bytes);
        return Result::kMessage;
      }
    }
    return NextSlow(input, arena, message);
  }

  // Whatever comes is no message of ours: every Next() takes all of its input and drops it, and
  // there is no boundary again. For streams that turn out to carry something else.
  void Discard() {
    prefix_[0] = 2;  // no flag of a message: NextSlow() looks no further
    prefix_filled_ = kDiscarding;
  }

  // True between messages: an end of stream here is clean.
  bool at_boundary() const { return prefix_filled_ == 0; }

  // Octets of the message under way that have not arrived; 0 at a boundary, inside a prefix, and of
  // a message that was refused.
  uint32_t missing_bytes() const {
    const bool accepted =
        prefix_filled_ == kMessagePrefixBytes && flag() <= 1 && length_bytes_ <= message_bytes_max_;
    return accepted ? length_bytes_ - filled_bytes_ : 0;
  }

  // The length that kTooLarge refused.
  uint32_t length_bytes() const { return length_bytes_; }
  uint8_t flag() const { return prefix_[0]; }

 private:
  static constexpr uint8_t kDiscarding = 0xFF;  // in prefix_filled_

  Result NextSlow(Bytes* input, Arena* arena, AssembledMessage* message);
  void GrowTo(uint32_t needed_bytes, Arena* arena);

  uint32_t message_bytes_max_;
  uint32_t length_bytes_ = 0;
  uint32_t filled_bytes_ = 0;
  uint32_t room_bytes_ = 0;
  uint8_t* gathered_ = nullptr;
  uint8_t prefix_[kMessagePrefixBytes] = {};
  uint8_t prefix_filled_ = 0;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_MESSAGE_ASSEMBLER_H_
