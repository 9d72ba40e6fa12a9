// Writing the wire format, for generated code: sizes first (ByteSize), then octets into room of
// that size. Nothing here can fail.
//
// Spec: protobuf.dev, "Encoding".
#ifndef PENSTOCK_CODEC_WRITER_H_
#define PENSTOCK_CODEC_WRITER_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "penstock/codec/map_base.h"
#include "penstock/codec/message_layout.h"
#include "penstock/codec/repeated_field.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/varint.h"

namespace penstock::codec {

class Writer {
 public:
  // Octets a value takes behind its tag. int32 and enums are sign-extended to 64 bits.
  static size_t SizeOfInt32(int32_t value) {
    return wire::VarintSize(static_cast<uint64_t>(int64_t{value}));
  }
  static size_t SizeOfInt64(int64_t value) {
    return wire::VarintSize(static_cast<uint64_t>(value));
  }
  static size_t SizeOfUint32(uint32_t value) { return wire::VarintSize(value); }
  static size_t SizeOfUint64(uint64_t value) { return wire::VarintSize(value); }
  static size_t SizeOfSint32(int32_t value) {
    return wire::VarintSize(static_cast<uint32_t>(wire::ZigZagEncode(value)));
  }
  static size_t SizeOfSint64(int64_t value) { return wire::VarintSize(wire::ZigZagEncode(value)); }
  // A float or double is absent when its bits are zero: -0.0 is a value.
  static uint32_t BitsOf(float value) { return std::bit_cast<uint32_t>(value); }
  static uint64_t BitsOf(double value) { return std::bit_cast<uint64_t>(value); }

  static size_t SizeOfLength(size_t bytes) { return wire::VarintSize(bytes) + bytes; }

  // Octets of the values of a whole repeated field, without tags and length.
  static size_t SizeOfInt32s(const RepeatedBase& values);
  static size_t SizeOfInt64s(const RepeatedBase& values);
  static size_t SizeOfUint32s(const RepeatedBase& values);
  static size_t SizeOfSint32s(const RepeatedBase& values);
  static size_t SizeOfSint64s(const RepeatedBase& values);
  static size_t SizeOfTexts(const RepeatedString& values);  // with their lengths

  static uint8_t* Varint(uint8_t* p, uint64_t value) { return wire::EncodeVarint64(p, value); }
  static uint8_t* Int32(uint8_t* p, int32_t value) {
    return Varint(p, static_cast<uint64_t>(int64_t{value}));
  }
  static uint8_t* Int64(uint8_t* p, int64_t value) {
    return Varint(p, static_cast<uint64_t>(value));
  }
  static uint8_t* Uint32(uint8_t* p, uint32_t value) { return Varint(p, value); }
  static uint8_t* Uint64(uint8_t* p, uint64_t value) { return Varint(p, value); }
  static uint8_t* Sint32(uint8_t* p, int32_t value) {
    return Varint(p, static_cast<uint32_t>(wire::ZigZagEncode(value)));
  }
  static uint8_t* Sint64(uint8_t* p, int64_t value) { return Varint(p, wire::ZigZagEncode(value)); }
  static uint8_t* Bool(uint8_t* p, bool value) {
    *p = value ? 1 : 0;
    return p + 1;
  }
  template <typename T>
  static uint8_t* Fixed(uint8_t* p, T value) {
    std::memcpy(p, &value, sizeof value);
    return p + sizeof value;
  }
  // Octets as they are.
  static uint8_t* Raw(uint8_t* p, const void* octets, size_t bytes) {
    if (bytes != 0) std::memcpy(p, octets, bytes);
    return p + bytes;
  }
  // A string or bytes value: length and octets.
  static uint8_t* Text(uint8_t* p, std::string_view text);
  static uint8_t* Unknown(uint8_t* p, const MessageHead& head) {
    const wire::Bytes unknown = head.unknown_fields();
    return Raw(p, unknown.data(), unknown.size());
  }

  // The values of a packed run, without tag and length; they take `bytes`.
  static uint8_t* Int32s(uint8_t* p, const RepeatedBase& values, size_t bytes);
  static uint8_t* Int64s(uint8_t* p, const RepeatedBase& values, size_t bytes);
  static uint8_t* Uint32s(uint8_t* p, const RepeatedBase& values, size_t bytes);
  static uint8_t* Sint32s(uint8_t* p, const RepeatedBase& values, size_t bytes);
  static uint8_t* Sint64s(uint8_t* p, const RepeatedBase& values, size_t bytes);

  // Numbers, bools and enums of a type that only its layout knows.
  static size_t SizeOfNumber(FieldType type, const void* value);
  static uint8_t* Number(uint8_t* p, FieldType type, const void* value);

  // All entries of a map, with their tags. `entry` is their layout.
  static size_t SizeOfMap(const MapBase& map, const MessageLayout& entry, size_t tag_bytes) {
    return map.empty() ? 0 : SizeOfEntries(map, entry, tag_bytes);
  }
  static uint8_t* Map(uint8_t* p, const MapBase& map, const MessageLayout& entry, uint32_t tag,
                      MapOrder order) {
    return map.empty() ? p : Entries(p, map, entry, tag, order);
  }

 private:
  static size_t SizeOfEntries(const MapBase& map, const MessageLayout& entry, size_t tag_bytes);
  static uint8_t* Entries(uint8_t* p, const MapBase& map, const MessageLayout& entry, uint32_t tag,
                          MapOrder order);
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_WRITER_H_
