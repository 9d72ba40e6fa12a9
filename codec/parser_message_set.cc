// Message sets: messages whose extensions travel as items, groups of field 1 that hold the
// extension's number (field 2) and its message (field 3).
//
// Spec: descriptor.proto, MessageOptions.message_set_wire_format; the rest is what libprotobuf does
//       (extension_set_inl.h): either field may come first, the first pair of them counts, an item
//       that lacks one is dropped, and a message may also come as a plain field of its number.
#include "penstock/codec/extension_set.h"
#include "penstock/codec/message_operations.h"
#include "penstock/codec/parser.h"
#include "penstock/codec/wire_type.h"

namespace penstock::codec {

// What of an item has been met so far.
struct Parser::Item {
  bool has_type_id = false;
  uint32_t type_id = 0;
  const uint8_t* length = nullptr;  // where the message's length begins; null: no message yet
  wire::Bytes message;              // without it
};

const uint8_t* Parser::ReadMessageSet(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                      ExtensionSet& set) {
  while (p != end) {
    const Tag tag = ReadTag(p, end);
    if (tag.after == nullptr) return nullptr;
    if (tag.value == kItemStartTag) {
      p = ReadItem(tag.after, end, head, set);
    } else if ((tag.value & 7) == kWireGroupEnd) {
      return EndGroup(p, tag);
    } else {
      p = ReadSetField(p, end, tag, head, set);
    }
    if (p == nullptr) return nullptr;
  }
  return p;
}

// A field that is no item: a message by its number, or nothing that a message set may have. That is
// dropped, as there is no way to write it back.
const uint8_t* Parser::ReadSetField(const uint8_t* field, const uint8_t* end, Tag tag,
                                    MessageHead& head, ExtensionSet& set) {
  if (tag.value >> 3 == 0 || (tag.value & 7) > kWireFixed32) {
    return Reject(ParseError::kBadTag, field);
  }
  if ((tag.value & 7) != kWireLength) return SkipField(tag.after, end, tag.value);
  Item item;
  item.type_id = tag.value >> 3;
  const uint8_t* after = ReadItemMessage(tag.after, end, item);
  return after != nullptr && KeepItem(item, head, set) ? after : nullptr;
}

const uint8_t* Parser::ReadItem(const uint8_t* p, const uint8_t* end, MessageHead& head,
                                ExtensionSet& set) {
  const uint8_t* start = p;
  if (--depth_left_ < 0) return Reject(ParseError::kTooDeep, p);
  Item item;
  bool is_kept = false;
  while (p != end) {
    const uint8_t* field = p;
    const Tag tag = ReadTag(p, end);
    if (tag.after == nullptr) return nullptr;
    if (tag.value == kItemEndTag) {
      ++depth_left_;
      return tag.after;
    }
    if (tag.value == kItemTypeIdTag) {
      p = ReadTypeId(tag.after, end, item);
    } else if (tag.value == kItemMessageTag) {
      p = ReadItemMessage(tag.after, end, item);
    } else if ((tag.value & 7) == kWireGroupEnd) {
      return Reject(ParseError::kUnmatchedGroup, field);
    } else {
      p = ReadSetField(field, end, tag, head, set);
    }
    if (p == nullptr) return nullptr;
    if (!is_kept && item.has_type_id && item.length != nullptr) {
      is_kept = true;
      if (!KeepItem(item, head, set)) return nullptr;
    }
  }
  return Reject(ParseError::kTruncated, start);
}

// The first of an item counts, of type ids and of messages.
const uint8_t* Parser::ReadTypeId(const uint8_t* p, const uint8_t* end, Item& item) {
  uint32_t type_id = 0;
  const uint8_t* after = ReadInt(p, end, type_id);
  if (item.has_type_id || after == nullptr) return after;
  item.has_type_id = true;
  item.type_id = type_id;
  return after;
}

const uint8_t* Parser::ReadItemMessage(const uint8_t* p, const uint8_t* end, Item& item) {
  const Varint length = ReadLength(p, end);
  if (length.after == nullptr) return nullptr;
  const uint8_t* after = length.after + length.value;
  if (item.length == nullptr) {
    item.length = p;
    item.message = {length.after, after};
  }
  return after;
}

bool Parser::KeepItem(const Item& item, MessageHead& head, ExtensionSet& set) {
  if (item.type_id == 0) {
    (void)Reject(ParseError::kBadTag, item.length);
    return false;
  }
  if (ExtensionValue* value = set.SetValue(item.type_id)) {
    const uint8_t* end = item.message.data() + item.message.size();
    return ReadSingularExtension(item.length, item.length, end, *value) != nullptr;
  }
  if (set.TryAppendItem(head, item.type_id, item.message, kParseDepthMax - depth_left_)) {
    return true;
  }
  (void)Reject(ParseError::kMemoryLimit, item.length);
  return false;
}

// An item as an ExtensionSet keeps it: type id, then message.
const uint8_t* Parser::ReadKeptItem(const uint8_t* p, const uint8_t* end, ExtensionValue& value) {
  const uint8_t* start = p;
  const auto expect = [&](uint32_t tag) {
    if (p == end || *p != tag) return false;
    ++p;
    return true;
  };
  if (!expect(kItemStartTag) || !expect(kItemTypeIdTag)) return Reject(ParseError::kBadTag, start);
  uint32_t type_id = 0;
  p = ReadInt(p, end, type_id);
  if (p == nullptr) return nullptr;
  if (!expect(kItemMessageTag)) return Reject(ParseError::kBadTag, start);
  p = ReadSingularExtension(p, p, end, value);
  if (p == nullptr) return nullptr;
  return expect(kItemEndTag) ? p : Reject(ParseError::kUnmatchedGroup, start);
}

}  // namespace penstock::codec
