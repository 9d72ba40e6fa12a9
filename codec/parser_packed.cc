// The runs of packed repeated fields.
#include <bit>
#include <cstddef>
#include <cstring>

#include "penstock/codec/parser.h"
#include "penstock/codec/wire_type.h"

namespace penstock::codec {
namespace {

int32_t DecodeInt32(uint64_t value) { return static_cast<int32_t>(value); }
int64_t DecodeInt64(uint64_t value) { return static_cast<int64_t>(value); }
int32_t DecodeSint32(uint64_t value) {
  return static_cast<int32_t>(wire::ZigZagDecode(static_cast<uint32_t>(value)));
}
int64_t DecodeSint64(uint64_t value) { return wire::ZigZagDecode(value); }
bool DecodeBool(uint64_t value) { return value != 0; }

constexpr uint64_t kContinuationBits = 0x8080808080808080u;
constexpr ptrdiff_t kBlockBytes = 64;

// Octets that end a varint: one for each number of the run.
size_t CountVarints(const uint8_t* p, const uint8_t* end) {
  size_t count = 0;
  for (; end - p >= 8; p += 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    count += ((~word & kContinuationBits) >> 7) * 0x0101010101010101u >> 56;
  }
  for (; p != end; ++p) count += *p < 0x80;
  return count;
}

// Where varints end in a block: bit i is set when octet i is the last of one.
uint64_t EndsInBlock(const uint8_t* p) {
  uint64_t ends = 0;
  for (int i = 0; i < 8; ++i) {
    uint64_t word;
    std::memcpy(&word, p + 8 * i, 8);
    // The product gathers the top bits of the octets in its top octet.
    ends |= ((~word & kContinuationBits) * 0x0002040810204081u >> 56) << (8 * i);
  }
  return ends;
}

// A varint of nine or ten octets: the first eight, and the others from `p` to `last`. Bits above
// the 64th are dropped.
uint64_t JoinBeyondWord(uint64_t first_eight, const uint8_t* p, const uint8_t* last) {
  const uint64_t ninth = uint64_t{*p & 0x7fu} << 56;
  const uint64_t tenth = p == last ? 0 : uint64_t{*last} << 63;
  return wire::JoinVarintGroups(first_eight) | ninth | tenth;
}

// Stores the numbers that end in the blocks from `p` on, while a block and eight octets more are
// left, and moves *elements. Returns where the next number begins. Where a number ends is known
// before the one in front of it is decoded: decoding waits neither for that nor for a branch.
// Bench: comparison_bench, parse/Numbers.
template <typename T, T (*Decode)(uint64_t)>
const uint8_t* DecodeBlocks(const uint8_t* p, const uint8_t* end, T** elements) {
  T* element = *elements;
  while (end - p >= kBlockBytes + 8) {
    uint64_t ends = EndsInBlock(p);
    if (ends == ~uint64_t{0}) {
      for (int i = 0; i < kBlockBytes; ++i) element[i] = Decode(p[i]);
      element += kBlockBytes;
      p += kBlockBytes;
      continue;
    }
    int start = 0;
    for (; ends != 0; ends &= ends - 1) {
      const int last = std::countr_zero(ends);
      const int unused_bits = 8 * (7 - (last - start));
      uint64_t word;
      std::memcpy(&word, p + start, 8);
      if (PENSTOCK_LIKELY(unused_bits >= 0)) {
        *element++ = Decode(wire::JoinVarintGroups(word << unused_bits >> unused_bits));
      } else if (last - start < static_cast<int>(wire::kVarintBytesMax)) {
        *element++ = Decode(JoinBeyondWord(word, p + start + 8, p + last));
      } else {
        break;  // too long: for the reader of one, who knows what to say
      }
      start = last + 1;
    }
    p += start;
    if (ends != 0 || start == 0) break;
  }
  *elements = element;
  return p;
}

}  // namespace

template <typename T, T (*Decode)(uint64_t)>
const uint8_t* Parser::ReadPackedVarints(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                         RepeatedBase& out) {
  const Varint length = ReadLength(p, end);
  if (length.after == nullptr) return nullptr;
  end = length.after + length.value;
  const size_t count = CountVarints(length.after, end);  // before anything is reserved
  if (!out.TryReserve(head, out.size() + count, sizeof(T))) {
    return Reject(ParseError::kMemoryLimit, p);
  }
  p = length.after;
  T* element = static_cast<T*>(out.raw_data()) + out.size();
  while (p != end) {
    p = DecodeBlocks<T, Decode>(p, end, &element);
    const Varint varint = ReadVarint(p, end);
    if (PENSTOCK_UNLIKELY(varint.after == nullptr)) return nullptr;
    *element++ = Decode(varint.value);
    p = varint.after;
  }
  out.SetSize(out.size() + count);
  return p;
}

const uint8_t* Parser::ReadPackedInt32(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                       RepeatedBase& out) {
  return ReadPackedVarints<int32_t, DecodeInt32>(p, end, head, out);
}
const uint8_t* Parser::ReadPackedInt64(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                       RepeatedBase& out) {
  return ReadPackedVarints<int64_t, DecodeInt64>(p, end, head, out);
}
const uint8_t* Parser::ReadPackedSint32(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                        RepeatedBase& out) {
  return ReadPackedVarints<int32_t, DecodeSint32>(p, end, head, out);
}
const uint8_t* Parser::ReadPackedSint64(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                        RepeatedBase& out) {
  return ReadPackedVarints<int64_t, DecodeSint64>(p, end, head, out);
}
const uint8_t* Parser::ReadPackedBool(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                      RepeatedBase& out) {
  return ReadPackedVarints<bool, DecodeBool>(p, end, head, out);
}

const uint8_t* Parser::ReadPackedClosedEnum(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                            RepeatedBase& out, const EnumLayout& layout,
                                            uint32_t number) {
  const Varint length = ReadLength(p, end);
  if (length.after == nullptr) return nullptr;
  p = length.after;
  end = p + length.value;
  while (p != end) {
    const Varint varint = ReadVarint(p, end);
    if (varint.after == nullptr) return nullptr;
    const auto value = static_cast<int32_t>(varint.value);
    if (layout.Has(value)) {
      void* element = out.TryAddRaw(head, sizeof value);
      if (element == nullptr) return Reject(ParseError::kMemoryLimit, p);
      std::memcpy(element, &value, sizeof value);
    } else {
      uint8_t field[2 * wire::kVarintBytesMax];
      uint8_t* field_end = wire::EncodeVarint64(field, number << 3 | kWireVarint);
      field_end = wire::EncodeVarint64(field_end, varint.value);
      if (!head.TryAppendUnknown({field, field_end})) return Reject(ParseError::kMemoryLimit, p);
    }
    p = varint.after;
  }
  return p;
}

template <typename T>
const uint8_t* Parser::ReadPackedFixed(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                       RepeatedBase& out) {
  const Varint length = ReadLength(p, end);
  if (length.after == nullptr) return nullptr;
  if (length.value % sizeof(T) != 0) return Reject(ParseError::kTruncated, p);
  const size_t count = length.value / sizeof(T);
  if (count == 0) return length.after;
  if (!out.TryReserve(head, out.size() + count, sizeof(T))) {
    return Reject(ParseError::kMemoryLimit, p);
  }
  std::memcpy(static_cast<char*>(out.raw_data()) + out.size() * sizeof(T), length.after,
              length.value);
  out.SetSize(out.size() + count);
  return length.after + length.value;
}

const uint8_t* Parser::ReadPackedFixed32(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                         RepeatedBase& out) {
  return ReadPackedFixed<uint32_t>(p, end, head, out);
}
const uint8_t* Parser::ReadPackedFixed64(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                         RepeatedBase& out) {
  return ReadPackedFixed<uint64_t>(p, end, head, out);
}

}  // namespace penstock::codec
