// The runs of packed repeated fields.
#include <algorithm>
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

}  // namespace

// Numbers of random lengths defeat the branch predictor, so that eight octets are looked at
// together: eight short numbers at once, or one long one without a loop.
// Bench: comparison_bench, parse/Numbers.
template <typename T, T (*Decode)(uint64_t)>
const uint8_t* Parser::ReadPackedVarints(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                         RepeatedBase& out) {
  const Varint length = ReadLength(p, end);
  if (length.after == nullptr) return nullptr;
  // As many elements as octets that end a varint: known before anything is reserved.
  end = length.after + length.value;
  const auto count = static_cast<size_t>(
      std::count_if(length.after, end, [](uint8_t octet) { return octet < 0x80; }));
  if (!out.TryReserve(head, out.size() + count, sizeof(T))) {
    return Reject(ParseError::kMemoryLimit, p);
  }
  p = length.after;
  T* element = static_cast<T*>(out.raw_data()) + out.size();
  while (p != end) {
    if (PENSTOCK_LIKELY(end - p >= 8)) {
      uint64_t word;
      std::memcpy(&word, p, 8);
      if ((word & kContinuationBits) == 0) {
        for (int i = 0; i < 8; ++i) element[i] = Decode(p[i]);
        element += 8;
        p += 8;
        continue;
      }
      const wire::VarintWord varint = wire::DecodeVarintWord(p);
      if (PENSTOCK_LIKELY(varint.after != nullptr)) {
        *element++ = Decode(varint.value);
        p = varint.after;
        continue;
      }
    }
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

const uint8_t* Parser::ReadPackedClosedEnum(const uint8_t* p, const uint8_t* end,
                                            MessageHead& head, RepeatedBase& out,
                                            const EnumLayout& layout, uint32_t number) {
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
