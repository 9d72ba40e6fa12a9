#include "penstock/codec/compiler/wire_fields.h"

#include "penstock/codec/limits.h"
#include "penstock/wire/varint.h"

namespace penstock::codec::compiler {

namespace {

// Takes a varint off the front of *rest.
bool TakeVarint(std::string_view* rest, uint64_t* value) {
  const auto* begin = reinterpret_cast<const uint8_t*>(rest->data());
  const uint8_t* after = wire::DecodeVarint64(begin, begin + rest->size(), value);
  if (after == nullptr) return false;
  rest->remove_prefix(static_cast<size_t>(after - begin));
  return true;
}

}  // namespace

bool VarintReader::Next(uint64_t* value) { return TakeVarint(&rest_, value); }

bool FieldReader::Next(WireField* field) {
  if (!ok_ || rest_.empty()) return false;
  ok_ = Read(field) && field->type != WireType::kGroupEnd;
  return ok_;
}

bool FieldReader::ReadFixed(size_t bytes, uint64_t* value) {
  if (rest_.size() < bytes) return false;
  *value = 0;
  for (size_t i = bytes; i-- > 0;) *value = *value << 8 | static_cast<uint8_t>(rest_[i]);
  rest_.remove_prefix(bytes);
  return true;
}

bool FieldReader::Read(WireField* field) {
  uint64_t tag = 0;
  if (!TakeVarint(&rest_, &tag) || tag >> 3 == 0 || tag >> 3 > kFieldNumberMax) return false;
  field->number = static_cast<uint32_t>(tag >> 3);
  field->type = static_cast<WireType>(tag & 7);
  switch (field->type) {
    case WireType::kVarint:
      return TakeVarint(&rest_, &field->value);
    case WireType::kFixed64:
      return ReadFixed(8, &field->value);
    case WireType::kFixed32:
      return ReadFixed(4, &field->value);
    case WireType::kLength: {
      uint64_t length = 0;
      if (!TakeVarint(&rest_, &length) || length > rest_.size()) return false;
      field->bytes = rest_.substr(0, length);
      rest_.remove_prefix(length);
      return true;
    }
    case WireType::kGroupStart:
      return ReadGroup(field->number, &field->bytes);
    case WireType::kGroupEnd:
      return true;  // for ReadGroup; elsewhere it is no field
  }
  return false;
}

// Groups inside are counted, not recursed into.
bool FieldReader::ReadGroup(uint32_t number, std::string_view* content) {
  const std::string_view start = rest_;
  for (int open = 1; !rest_.empty();) {
    const size_t before = start.size() - rest_.size();
    uint64_t tag = 0;
    const std::string_view field_start = rest_;
    if (!TakeVarint(&rest_, &tag)) return false;
    const auto type = static_cast<WireType>(tag & 7);
    if (type == WireType::kGroupStart) {
      ++open;
    } else if (type == WireType::kGroupEnd) {
      if (--open > 0) continue;
      *content = start.substr(0, before);
      return tag >> 3 == number;
    } else {
      rest_ = field_start;
      WireField skipped;
      if (!Read(&skipped)) return false;
    }
  }
  return false;
}

void FieldWriter::RawVarint(uint64_t value) {
  uint8_t octets[wire::kVarintBytesMax];
  const uint8_t* end = wire::EncodeVarint64(octets, value);
  out_.append(reinterpret_cast<const char*>(octets), static_cast<size_t>(end - octets));
}

void FieldWriter::RawFixed(uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) out_ += static_cast<char>(value >> 8 * i & 0xff);
}

void FieldWriter::Tag(int32_t number, WireType type) {
  RawVarint(static_cast<uint64_t>(number) << 3 | static_cast<uint64_t>(type));
}

void FieldWriter::Varint(int32_t number, uint64_t value) {
  Tag(number, WireType::kVarint);
  RawVarint(value);
}

void FieldWriter::Fixed32(int32_t number, uint32_t value) {
  Tag(number, WireType::kFixed32);
  RawFixed(value, 4);
}

void FieldWriter::Fixed64(int32_t number, uint64_t value) {
  Tag(number, WireType::kFixed64);
  RawFixed(value, 8);
}

void FieldWriter::Text(int32_t number, std::string_view text) {
  Tag(number, WireType::kLength);
  RawVarint(text.size());
  out_ += text;
}

void FieldWriter::Group(int32_t number, std::string_view fields) {
  Tag(number, WireType::kGroupStart);
  out_ += fields;
  Tag(number, WireType::kGroupEnd);
}

std::optional<uint64_t> FindVarint(std::string_view message, int32_t number) {
  std::optional<uint64_t> value;
  FieldReader reader(message);
  for (WireField field; reader.Next(&field);) {
    if (field.number == static_cast<uint32_t>(number) && field.type == WireType::kVarint) {
      value = field.value;
    }
  }
  return value;
}

}  // namespace penstock::codec::compiler
