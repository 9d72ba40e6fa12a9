// Feeds the same bytes whole and in pieces whose sizes the input chooses: the messages, the error
// and the place of the end must be the same, and memory must follow what arrived.
//
//     bazel build --config=fuzz //wire:message_assembler_fuzz
//     bazel-bin/wire/message_assembler_fuzz -max_total_time=60
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "penstock/wire/check.h"
#include "penstock/wire/message_assembler.h"

namespace penstock::wire {
namespace {

constexpr uint32_t kMessageBytesMax = 1000;

struct Outcome {
  std::vector<std::string> messages;
  MessageAssembler::Result last = MessageAssembler::Result::kNeedMore;
  uint32_t missing_bytes = 0;
  bool at_boundary = true;
  bool operator==(const Outcome&) const = default;
};

bool IsError(MessageAssembler::Result result) {
  return result == MessageAssembler::Result::kBadFlag ||
         result == MessageAssembler::Result::kTooLarge;
}

// `cut_seed` 0 feeds everything at once.
Outcome Feed(Bytes wire, uint32_t cut_seed) {
  Arena arena;
  MessageAssembler assembler(kMessageBytesMax);
  Outcome outcome;
  while (!wire.empty() && !IsError(outcome.last)) {
    size_t piece_bytes = wire.size();
    if (cut_seed != 0) {
      cut_seed = cut_seed * 1664525u + 1013904223u;
      piece_bytes = std::min<size_t>(piece_bytes, 1 + (cut_seed >> 27));
    }
    // A copy of its own, so that a sanitizer sees a view that outlives its input.
    const std::vector<uint8_t> piece(wire.begin(),
                                     wire.begin() + static_cast<ptrdiff_t>(piece_bytes));
    wire = wire.subspan(piece_bytes);
    Bytes input = piece;
    while (!input.empty() && !IsError(outcome.last)) {
      AssembledMessage message{};
      outcome.last = assembler.Next(&input, &arena, &message);
      if (outcome.last != MessageAssembler::Result::kMessage) continue;
      PENSTOCK_CHECK(message.bytes.size() <= kMessageBytesMax, "limits hold");
      outcome.messages.push_back((message.compressed ? "Z" : "-") +
                                 std::string(AsString(message.bytes)));
    }
  }
  if (!IsError(outcome.last)) outcome.last = MessageAssembler::Result::kNeedMore;
  outcome.at_boundary = assembler.at_boundary();
  outcome.missing_bytes = assembler.missing_bytes();
  return outcome;
}

}  // namespace
}  // namespace penstock::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  using penstock::wire::Feed;
  if (size == 0) return 0;
  const penstock::wire::Bytes wire(input + 1, size - 1);
  PENSTOCK_CHECK(Feed(wire, 0) == Feed(wire, input[0] + 1u), "cuts mean nothing");
  return 0;
}
