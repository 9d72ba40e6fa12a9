// The wire format field by field, for descriptors and options: they are messages that the compiler
// must read and write before it can generate code for any.
//
//     FieldReader reader(bytes);
//     for (WireField field; reader.Next(&field);) { ... }
//     if (!reader.ok()) ...
#ifndef PENSTOCK_CODEC_COMPILER_WIRE_FIELDS_H_
#define PENSTOCK_CODEC_COMPILER_WIRE_FIELDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::codec::compiler {

enum class WireType : uint32_t {
  kVarint = 0,
  kFixed64 = 1,
  kLength = 2,
  kGroupStart = 3,
  kGroupEnd = 4,
  kFixed32 = 5,
};

struct WireField {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t value = 0;      // kVarint, kFixed32, kFixed64
  std::string_view bytes;  // kLength: the octets; kGroupStart: the fields in the group
};

class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : rest_(bytes) {}

  // False at the end, and at the first fault.
  bool Next(WireField* field);
  bool ok() const { return ok_; }
  // What is behind the field last read.
  std::string_view rest() const { return rest_; }

 private:
  bool Read(WireField* field);
  bool ReadFixed(size_t bytes, uint64_t* value);
  bool ReadGroup(uint32_t number, std::string_view* content);

  std::string_view rest_;
  bool ok_ = true;
};

// The varints of a packed field, one behind the other.
class VarintReader {
 public:
  explicit VarintReader(std::string_view packed) : rest_(packed) {}
  // False at the end, and at the first fault.
  bool Next(uint64_t* value);

 private:
  std::string_view rest_;
};

class FieldWriter {
 public:
  void Varint(int32_t number, uint64_t value);
  void Bool(int32_t number, bool value) { Varint(number, value ? 1 : 0); }
  // Negative ones take ten octets, as int32 and enums do.
  void Int(int32_t number, int64_t value) { Varint(number, static_cast<uint64_t>(value)); }
  void Fixed32(int32_t number, uint32_t value);
  void Fixed64(int32_t number, uint64_t value);
  void Text(int32_t number, std::string_view text);
  void Group(int32_t number, std::string_view fields);
  // Values without tags: the content of a packed field.
  void RawVarint(uint64_t value);
  void Raw(std::string_view octets) { out_ += octets; }

  const std::string& out() const { return out_; }
  std::string Take() { return std::move(out_); }

 private:
  void Tag(int32_t number, WireType type);
  void RawFixed(uint64_t value, size_t bytes);

  std::string out_;
};

// The value of a varint field of a message, the last one if there are several.
std::optional<uint64_t> FindVarint(std::string_view message, int32_t number);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_WIRE_FIELDS_H_
