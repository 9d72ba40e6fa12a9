#include "penstock/codec/json/well_known.h"

namespace penstock::codec::json {
namespace {

using reflection::Field;
using reflection::MessageType;
using reflection::ValueKind;

constexpr std::string_view kPackage = "google.protobuf.";

// What a well-known type has under a number.
struct Part {
  uint32_t number = 0;  // 0: nothing
  ValueKind kind = ValueKind::kMessage;
  FieldShape shape = FieldShape::kImplicit;
};

struct KnownType {
  std::string_view name;
  WellKnown known;
  Part parts[6];
};

constexpr FieldShape kOneof = FieldShape::kOneof;
constexpr FieldShape kRepeated = FieldShape::kRepeated;

constexpr KnownType kKnownTypes[] = {
    {"Any", WellKnown::kAny, {{1, ValueKind::kText}, {2, ValueKind::kText}}},
    {"Timestamp", WellKnown::kTimestamp, {{1, ValueKind::kInt64}, {2, ValueKind::kInt32}}},
    {"Duration", WellKnown::kDuration, {{1, ValueKind::kInt64}, {2, ValueKind::kInt32}}},
    {"FieldMask", WellKnown::kFieldMask, {{1, ValueKind::kText, kRepeated}}},
    {"Struct", WellKnown::kStruct, {{1, ValueKind::kMessage, FieldShape::kMap}}},
    {"Value",
     WellKnown::kValue,
     {{1, ValueKind::kEnum, kOneof},
      {2, ValueKind::kDouble, kOneof},
      {3, ValueKind::kText, kOneof},
      {4, ValueKind::kBool, kOneof},
      {5, ValueKind::kMessage, kOneof},
      {6, ValueKind::kMessage, kOneof}}},
    {"ListValue", WellKnown::kListValue, {{1, ValueKind::kMessage, kRepeated}}},
    {"DoubleValue", WellKnown::kWrapper, {{1, ValueKind::kDouble}}},
    {"FloatValue", WellKnown::kWrapper, {{1, ValueKind::kFloat}}},
    {"Int64Value", WellKnown::kWrapper, {{1, ValueKind::kInt64}}},
    {"UInt64Value", WellKnown::kWrapper, {{1, ValueKind::kUint64}}},
    {"Int32Value", WellKnown::kWrapper, {{1, ValueKind::kInt32}}},
    {"UInt32Value", WellKnown::kWrapper, {{1, ValueKind::kUint32}}},
    {"BoolValue", WellKnown::kWrapper, {{1, ValueKind::kBool}}},
    {"StringValue", WellKnown::kWrapper, {{1, ValueKind::kText}}},
    {"BytesValue", WellKnown::kWrapper, {{1, ValueKind::kText}}},
    {"Empty", WellKnown::kEmpty, {}},
};

// Implicit presence and has-bits hold a value alike.
bool HasShape(const Field& field, FieldShape shape) {
  if (shape == FieldShape::kImplicit) return field.singular();
  return field.layout().shape == shape;
}

bool HasParts(const MessageType& type, const KnownType& known) {
  for (const Part& part : known.parts) {
    if (part.number == 0) continue;
    const Field* field = type.FindByNumber(part.number);
    if (field == nullptr || !HasShape(*field, part.shape)) return false;
    if (!field->is_map() && field->kind() != part.kind) return false;
    if (field->is_map() && field->map_key().kind() != ValueKind::kText) return false;
  }
  return true;
}

}  // namespace

WellKnown WellKnownOf(const MessageType& type) {
  const std::string_view full_name = type.full_name();
  if (!full_name.starts_with(kPackage)) return WellKnown::kNone;
  const std::string_view name = full_name.substr(kPackage.size());
  for (const KnownType& known : kKnownTypes) {
    if (known.name == name) return HasParts(type, known) ? known.known : WellKnown::kNone;
  }
  return WellKnown::kNone;
}

bool IsNullValue(const Field& field) {
  return field.kind() == ValueKind::kEnum &&
         field.enumeration()->full_name == "google.protobuf.NullValue";
}

const MessageType* FindTypeOf(std::string_view type_url, const MessageType& any,
                              const reflection::TypeSource* types) {
  const size_t slash = type_url.rfind('/');
  if (slash == std::string_view::npos) return nullptr;
  const std::string_view full_name = type_url.substr(slash + 1);
  const MessageType* type = types == nullptr ? nullptr : types->FindType(full_name);
  return type != nullptr ? type : any.source().FindType(full_name);
}

}  // namespace penstock::codec::json
