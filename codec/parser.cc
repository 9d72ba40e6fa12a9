#include "penstock/codec/parser.h"

#include <algorithm>

#include "penstock/codec/wire_type.h"

namespace penstock::codec {

const uint8_t* Parser::Reject(ParseError error, const uint8_t* at) {
  result_ = {error, static_cast<uint32_t>(at - begin_)};
  return nullptr;
}

const uint8_t* Parser::RejectGroupEnd() {
  if (result_.ok()) (void)Reject(ParseError::kUnmatchedGroup, group_end_);
  return nullptr;
}

ParseResult Parser::Failure() {
  if (group_end_ != nullptr) (void)RejectGroupEnd();
  return result_;
}

ParseResult Parser::ParseMessage(MessageHead& message, const MessageLayout& layout,
                                 wire::Bytes input, StringRule rule) {
  Parser parser(input, rule);
  if (input.size() > kMessageBytesMax) return {ParseError::kTooLarge, 0};
  const uint8_t* p = layout.Parse(message, parser, parser.begin_, parser.begin_ + input.size());
  if (p == nullptr || parser.group_end_ != nullptr) return parser.Failure();
  if (!HasRequiredFields(message, layout)) {
    return {ParseError::kMissingField, static_cast<uint32_t>(input.size())};
  }
  return {};
}

Parser::Varint Parser::ReadVarintSlow(const uint8_t* p, const uint8_t* end) {
  uint64_t value;
  const uint8_t* after = wire::DecodeVarint64(p, end, &value);
  if (PENSTOCK_LIKELY(after != nullptr)) return {after, value};
  const bool cut = static_cast<size_t>(end - p) < wire::kVarintBytesMax;
  return {Reject(cut ? ParseError::kTruncated : ParseError::kVarintTooLong, p), 0};
}

Parser::Tag Parser::ReadTagSlow(const uint8_t* p, const uint8_t* end) {
  constexpr size_t kTagBytesMax = 5;
  const size_t left_bytes = static_cast<size_t>(end - p);
  uint64_t value;
  const uint8_t* after = wire::DecodeVarint64(p, p + std::min(left_bytes, kTagBytesMax), &value);
  if (PENSTOCK_LIKELY(after != nullptr)) return {after, static_cast<uint32_t>(value)};
  const bool cut = left_bytes < kTagBytesMax;
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

const uint8_t* Parser::AddBytes(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                RepeatedString& out) {
  void* element = out.TryAddRaw(head, sizeof(StringField));
  if (PENSTOCK_UNLIKELY(element == nullptr)) return Reject(ParseError::kMemoryLimit, p);
  return ReadBytes(p, end, head, *static_cast<StringField*>(element));
}

const uint8_t* Parser::AddString(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                 RepeatedString& out) {
  void* element = out.TryAddRaw(head, sizeof(StringField));
  if (PENSTOCK_UNLIKELY(element == nullptr)) return Reject(ParseError::kMemoryLimit, p);
  return ReadString(p, end, head, *static_cast<StringField*>(element));
}

const uint8_t* Parser::ReadInto(const uint8_t* p, const uint8_t* end, MessageHead& message,
                                const MessageLayout& layout) {
  const Varint length = ReadLength(p, end);
  if (length.after == nullptr) return nullptr;
  if (--depth_left_ < 0) return Reject(ParseError::kTooDeep, p);
  const uint8_t* after = layout.Parse(message, *this, length.after, length.after + length.value);
  ++depth_left_;
  if (group_end_ != nullptr) return RejectGroupEnd();
  return after;
}

const uint8_t* Parser::ReadGroupInto(const uint8_t* p, const uint8_t* end, uint32_t number,
                                     MessageHead& message, const MessageLayout& layout) {
  if (--depth_left_ < 0) return Reject(ParseError::kTooDeep, p);
  const uint8_t* after = layout.Parse(message, *this, p, end);
  ++depth_left_;
  if (after == nullptr) return nullptr;
  if (group_end_ == nullptr) return Reject(ParseError::kTruncated, p);
  if (group_end_tag_ >> 3 != number) return RejectGroupEnd();
  group_end_ = nullptr;
  return after;
}

const uint8_t* Parser::ReadNumber(FieldType type, const uint8_t* p, const uint8_t* end, void* out) {
  switch (type) {
    case FieldType::kDouble:
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
      return ReadFixed(p, end, *static_cast<uint64_t*>(out));
    case FieldType::kFloat:
    case FieldType::kFixed32:
    case FieldType::kSfixed32:
      return ReadFixed(p, end, *static_cast<uint32_t*>(out));
    case FieldType::kInt64:
    case FieldType::kUint64:
      return ReadInt(p, end, *static_cast<uint64_t*>(out));
    case FieldType::kBool:
      return ReadBool(p, end, *static_cast<bool*>(out));
    case FieldType::kSint32:
      return ReadSint(p, end, *static_cast<int32_t*>(out));
    case FieldType::kSint64:
      return ReadSint(p, end, *static_cast<int64_t*>(out));
    default:
      return ReadInt(p, end, *static_cast<uint32_t*>(out));
  }
}

const uint8_t* Parser::KeepUnknown(const uint8_t* field, const uint8_t* after, MessageHead& head) {
  if (!head.TryAppendUnknown({field, after})) return Reject(ParseError::kMemoryLimit, field);
  return after;
}

const uint8_t* Parser::ReadUnknown(const uint8_t* field, const uint8_t* end, Tag tag,
                                   MessageHead& head) {
  if (tag.value >> 3 == 0) return Reject(ParseError::kBadTag, field);
  if ((tag.value & 7) > kWireFixed32) return Reject(ParseError::kBadTag, field);
  const uint8_t* after = SkipField(tag.after, end, tag.value);
  return after == nullptr ? nullptr : KeepUnknown(field, after, head);
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
