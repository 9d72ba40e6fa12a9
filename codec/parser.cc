#include "penstock/codec/parser.h"

#include <algorithm>

namespace penstock::codec {
namespace {

enum WireType : uint32_t {
  kWireVarint = 0,
  kWireFixed64 = 1,
  kWireLength = 2,
  kWireGroupStart = 3,
  kWireGroupEnd = 4,
  kWireFixed32 = 5,
};

int32_t DecodeInt32(uint64_t value) { return static_cast<int32_t>(value); }
int64_t DecodeInt64(uint64_t value) { return static_cast<int64_t>(value); }
int32_t DecodeSint32(uint64_t value) {
  return static_cast<int32_t>(wire::ZigZagDecode(static_cast<uint32_t>(value)));
}
int64_t DecodeSint64(uint64_t value) { return wire::ZigZagDecode(value); }
bool DecodeBool(uint64_t value) { return value != 0; }

}  // namespace

const uint8_t* Parser::Reject(ParseError error, const uint8_t* at) {
  result_ = {error, static_cast<uint32_t>(at - begin_)};
  return nullptr;
}

Parser::Varint Parser::ReadVarintSlow(const uint8_t* p, const uint8_t* end) {
  const size_t bytes_max = std::min<size_t>(static_cast<size_t>(end - p), wire::kVarintBytesMax);
  uint64_t value = 0;
  for (size_t i = 0; i < bytes_max; ++i) {
    value |= static_cast<uint64_t>(p[i] & 0x7f) << (7 * i);
    if (p[i] < 0x80) return {p + i + 1, value};
  }
  const bool cut = bytes_max < wire::kVarintBytesMax;
  return {Reject(cut ? ParseError::kTruncated : ParseError::kVarintTooLong, p), 0};
}

Parser::Tag Parser::ReadTagSlow(const uint8_t* p, const uint8_t* end) {
  constexpr size_t kTagBytesMax = 5;
  const size_t bytes_max = std::min<size_t>(static_cast<size_t>(end - p), kTagBytesMax);
  uint64_t value = 0;
  for (size_t i = 0; i < bytes_max; ++i) {
    value |= static_cast<uint64_t>(p[i] & 0x7f) << (7 * i);
    if (p[i] < 0x80) return {p + i + 1, static_cast<uint32_t>(value)};
  }
  const bool cut = bytes_max < kTagBytesMax;
  return {Reject(cut ? ParseError::kTruncated : ParseError::kVarintTooLong, p), 0};
}

Parser::Varint Parser::ReadLengthSlow(const uint8_t* p, const uint8_t* end) {
  const Tag length = ReadTagSlow(p, end);  // the same form: at most five octets
  if (length.after == nullptr) return {nullptr, 0};
  if (length.value > kMessageBytesMax) return {Reject(ParseError::kTooLarge, p), 0};
  if (length.value > static_cast<size_t>(end - length.after)) {
    return {Reject(ParseError::kTruncated, p), 0};
  }
  return {length.after, length.value};
}

template <typename T, T (*Decode)(uint64_t)>
const uint8_t* Parser::ReadPackedVarints(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                         RepeatedBase& out) {
  const Varint length = ReadLength(p, end);
  if (length.after == nullptr) return nullptr;
  p = length.after;
  end = p + length.value;
  // As many elements as octets that end a varint: known before anything is reserved.
  const auto count =
      static_cast<size_t>(std::count_if(p, end, [](uint8_t octet) { return octet < 0x80; }));
  out.Reserve(head, out.size() + count, sizeof(T));
  T* element = static_cast<T*>(out.raw_data()) + out.size();
  while (p != end) {
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

template <typename T>
const uint8_t* Parser::ReadPackedFixed(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                       RepeatedBase& out) {
  const Varint length = ReadLength(p, end);
  if (length.after == nullptr) return nullptr;
  if (length.value % sizeof(T) != 0) return Reject(ParseError::kTruncated, p);
  const size_t count = length.value / sizeof(T);
  if (count == 0) return length.after;
  out.Reserve(head, out.size() + count, sizeof(T));
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

const uint8_t* Parser::ReadUnknown(const uint8_t* field, const uint8_t* end, Tag tag,
                                   MessageHead& head) {
  if (tag.value >> 3 == 0) return Reject(ParseError::kBadTag, field);
  if ((tag.value & 7) > kWireFixed32) return Reject(ParseError::kBadTag, field);
  if ((tag.value & 7) == kWireGroupEnd) return Reject(ParseError::kUnmatchedGroup, field);
  const uint8_t* after = SkipField(tag.after, end, tag.value);
  if (after != nullptr) head.AppendUnknown({field, after});
  return after;
}

const uint8_t* Parser::SkipField(const uint8_t* p, const uint8_t* end, uint32_t tag) {
  switch (tag & 7) {
    case kWireVarint:
      return ReadVarint(p, end).after;
    case kWireFixed64:
      return end - p >= 8 ? p + 8 : Reject(ParseError::kTruncated, p);
    case kWireFixed32:
      return end - p >= 4 ? p + 4 : Reject(ParseError::kTruncated, p);
    case kWireLength: {
      const Varint length = ReadLength(p, end);
      return length.after == nullptr ? nullptr : length.after + length.value;
    }
    case kWireGroupStart:
      return SkipGroup(p, end, tag >> 3);
    default:
      return Reject(ParseError::kBadTag, p);
  }
}

// Limits: recursion is bounded by kParseDepthMax.
const uint8_t* Parser::SkipGroup(const uint8_t* p, const uint8_t* end, uint32_t number) {
  const uint8_t* group = p;
  if (--depth_left_ < 0) return Reject(ParseError::kTooDeep, p);
  while (p != end) {
    const uint8_t* field = p;
    const Tag tag = ReadTag(p, end);
    if (tag.after == nullptr) return nullptr;
    if (tag.value >> 3 == 0) return Reject(ParseError::kBadTag, field);
    if ((tag.value & 7) == kWireGroupEnd) {
      if (tag.value >> 3 != number) return Reject(ParseError::kUnmatchedGroup, field);
      ++depth_left_;
      return tag.after;
    }
    if ((tag.value & 7) > kWireFixed32) return Reject(ParseError::kBadTag, field);
    p = SkipField(tag.after, end, tag.value);
    if (p == nullptr) return nullptr;
  }
  return Reject(ParseError::kTruncated, group);
}

}  // namespace penstock::codec
