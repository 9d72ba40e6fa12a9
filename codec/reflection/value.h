// Value: one value of a field, an element of a repeated one, or a key or value of a map: a number,
// a bool, a text or a message.
//
//     Value(int64_t{7}), Value("water"), Value::OfEnum(2)
//
// Ownership: texts and messages are viewed: good until the message they lie in changes there.
#ifndef PENSTOCK_CODEC_REFLECTION_VALUE_H_
#define PENSTOCK_CODEC_REFLECTION_VALUE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/codec/reflection/message_type.h"
#include "penstock/wire/check.h"

namespace penstock::codec::reflection {

class ConstMessageRef;

// The getter must be the one of kind(): anything else is a bug of the program.
class Value {
 public:
  explicit Value(int32_t value) : kind_(ValueKind::kInt32), int32_(value) {}
  explicit Value(int64_t value) : kind_(ValueKind::kInt64), int64_(value) {}
  explicit Value(uint32_t value) : kind_(ValueKind::kUint32), uint32_(value) {}
  explicit Value(uint64_t value) : kind_(ValueKind::kUint64), uint64_(value) {}
  explicit Value(float value) : kind_(ValueKind::kFloat), float_(value) {}
  explicit Value(double value) : kind_(ValueKind::kDouble), double_(value) {}
  explicit Value(bool value) : kind_(ValueKind::kBool), bool_(value) {}
  explicit Value(std::string_view text) : kind_(ValueKind::kText), text_(text) {}
  explicit Value(const std::string& text) : Value(std::string_view(text)) {}
  explicit Value(const char* text) : Value(std::string_view(text)) {}
  explicit Value(ConstMessageRef message);
  static Value OfEnum(int32_t number) {
    Value value(number);
    value.kind_ = ValueKind::kEnum;
    return value;
  }

  ValueKind kind() const { return kind_; }

  int32_t int32() const { return Checked(ValueKind::kInt32).int32_; }
  int64_t int64() const { return Checked(ValueKind::kInt64).int64_; }
  uint32_t uint32() const { return Checked(ValueKind::kUint32).uint32_; }
  uint64_t uint64() const { return Checked(ValueKind::kUint64).uint64_; }
  float float32() const { return Checked(ValueKind::kFloat).float_; }
  double float64() const { return Checked(ValueKind::kDouble).double_; }
  bool boolean() const { return Checked(ValueKind::kBool).bool_; }
  int32_t enum_number() const { return Checked(ValueKind::kEnum).int32_; }
  std::string_view text() const { return Checked(ValueKind::kText).text_; }
  ConstMessageRef message() const;

 private:
  friend class MessageRef;

  struct Message {
    const MessageHead* head;
    const MessageType* type;
  };

  const Value& Checked(ValueKind kind) const {
    PENSTOCK_CHECK(kind_ == kind, "a value is read as what it is");
    return *this;
  }
  // Of numbers, bools and enums: as a message stores them.
  const void* stored() const { return &int32_; }

  ValueKind kind_;
  union {
    int32_t int32_;
    int64_t int64_;
    uint32_t uint32_;
    uint64_t uint64_;
    float float_;
    double double_;
    bool bool_;
    std::string_view text_;
    Message message_;
  };
};

}  // namespace penstock::codec::reflection

#endif  // PENSTOCK_CODEC_REFLECTION_VALUE_H_
