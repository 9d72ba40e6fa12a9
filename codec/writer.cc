#include "penstock/codec/writer.h"

namespace penstock::codec {

uint8_t* Writer::Text(uint8_t* p, std::string_view text) {
  return Raw(Varint(p, text.size()), text.data(), text.size());
}

size_t Writer::SizeOfNumber(FieldType type, const void* value) {
  switch (type) {
    case FieldType::kDouble:
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
      return 8;
    case FieldType::kFloat:
    case FieldType::kFixed32:
    case FieldType::kSfixed32:
      return 4;
    case FieldType::kInt64:
    case FieldType::kUint64:
      return SizeOfUint64(*static_cast<const uint64_t*>(value));
    case FieldType::kUint32:
      return SizeOfUint32(*static_cast<const uint32_t*>(value));
    case FieldType::kBool:
      return 1;
    case FieldType::kSint32:
      return SizeOfSint32(*static_cast<const int32_t*>(value));
    case FieldType::kSint64:
      return SizeOfSint64(*static_cast<const int64_t*>(value));
    default:
      return SizeOfInt32(*static_cast<const int32_t*>(value));
  }
}

uint8_t* Writer::Number(uint8_t* p, FieldType type, const void* value) {
  switch (type) {
    case FieldType::kDouble:
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
      return Raw(p, value, 8);
    case FieldType::kFloat:
    case FieldType::kFixed32:
    case FieldType::kSfixed32:
      return Raw(p, value, 4);
    case FieldType::kInt64:
    case FieldType::kUint64:
      return Uint64(p, *static_cast<const uint64_t*>(value));
    case FieldType::kUint32:
      return Uint32(p, *static_cast<const uint32_t*>(value));
    case FieldType::kBool:
      return Bool(p, *static_cast<const bool*>(value));
    case FieldType::kSint32:
      return Sint32(p, *static_cast<const int32_t*>(value));
    case FieldType::kSint64:
      return Sint64(p, *static_cast<const int64_t*>(value));
    default:
      return Int32(p, *static_cast<const int32_t*>(value));
  }
}

}  // namespace penstock::codec
