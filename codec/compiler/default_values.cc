#include "penstock/codec/compiler/default_values.h"

#include <array>
#include <cfloat>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include "penstock/wire/suggestion.h"

namespace penstock::codec::compiler {
namespace {

bool IsUnsigned(FieldType type) {
  return type == FieldType::kUint32 || type == FieldType::kUint64 || type == FieldType::kFixed32 ||
         type == FieldType::kFixed64;
}

bool Is32Bits(FieldType type) {
  return type == FieldType::kInt32 || type == FieldType::kSint32 || type == FieldType::kSfixed32 ||
         type == FieldType::kUint32 || type == FieldType::kFixed32;
}

bool FitsInteger(FieldType type, bool negative, uint64_t magnitude) {
  if (IsUnsigned(type)) {
    return !negative && magnitude <= (Is32Bits(type) ? std::numeric_limits<uint32_t>::max()
                                                     : std::numeric_limits<uint64_t>::max());
  }
  const uint64_t max = Is32Bits(type) ? std::numeric_limits<int32_t>::max()
                                      : uint64_t{std::numeric_limits<int64_t>::max()};
  return magnitude <= max + (negative ? 1 : 0);
}

const EnumValueDescriptor* ValueNamed(const EnumDescriptor& enumeration, std::string_view name) {
  for (const EnumValueDescriptor& value : enumeration.values) {
    if (value.name == name) return &value;
  }
  return nullptr;
}

// The shortest of two lengths of "%g" that reads back as the same number.
template <typename T, typename Read>
std::string ShortestDecimal(T value, int digits, int digits_more, Read read) {
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  if (std::isnan(value)) return "nan";
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*g", digits, static_cast<double>(value));
  if (read(text.data()) != value) {
    std::snprintf(text.data(), text.size(), "%.*g", digits_more, static_cast<double>(value));
  }
  return text.data();
}

std::string EscapeBytes(std::string_view octets) {
  std::string out;
  for (char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    static constexpr std::string_view kNamed = "\n\r\t\"'\\";
    static constexpr std::string_view kLetters = "nrt\"'\\";
    if (const size_t at = kNamed.find(c); at != std::string_view::npos) {
      out += {'\\', kLetters[at]};
    } else if (octet < 0x20 || octet >= 0x7f) {
      out += {'\\', static_cast<char>('0' + (octet >> 6)),
              static_cast<char>('0' + (octet >> 3 & 7)), static_cast<char>('0' + (octet & 7))};
    } else {
      out += c;
    }
  }
  return out;
}

std::string UnescapeBytes(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    static constexpr std::string_view kLetters = "nrt";
    if (const size_t at = kLetters.find(c); at != std::string_view::npos) {
      out += "\n\r\t"[at];
    } else if (c >= '0' && c <= '7') {
      unsigned value = 0;
      size_t digits = 0;
      while (digits < 3 && i < text.size() && text[i] >= '0' && text[i] <= '7') {
        value = value * 8 + static_cast<unsigned>(text[i++] - '0');
        ++digits;
      }
      --i;
      out += static_cast<char>(value);
    } else {
      out += c;
    }
  }
  return out;
}

class DefaultResolver {
 public:
  DefaultResolver(const FileDescriptor& file, FieldDescriptor* field, Diagnostics* diagnostics)
      : file_(file), field_(field), written_(*field->written_default), diagnostics_(diagnostics) {}

  void Run() {
    DefaultValue value;
    if (Allowed() && Convert(&value)) field_->default_value = std::move(value);
  }

 private:
  bool Reject(std::string message) {
    diagnostics_->AddError(file_.path, written_.location, std::move(message));
    return false;
  }

  bool Allowed() {
    if (file_.syntax == "proto3") return Reject("default values do not exist in proto3");
    if (field_->repeated()) return Reject("repeated fields have no default values");
    if (IsMessage(field_->type)) return Reject("messages have no default values");
    if (!field_->has_presence) {
      return Reject("fields of implicit presence have no default values");
    }
    return true;
  }

  bool Convert(DefaultValue* value) {
    switch (field_->type) {
      case FieldType::kString:
      case FieldType::kBytes:
        value->text = written_.text;
        return written_.kind == Option::Kind::kString ||
               Reject("the default value of \"" + field_->name + "\" is a string, in quotes");
      case FieldType::kBool:
        value->integer = written_.text == "true" ? 1 : 0;
        return (written_.kind == Option::Kind::kIdentifier &&
                (written_.text == "true" || written_.text == "false")) ||
               Reject("the default value of \"" + field_->name + "\" is true or false");
      case FieldType::kFloat:
      case FieldType::kDouble:
        return ConvertNumber(value);
      case FieldType::kEnum:
        return ConvertEnum(value);
      default:
        return ConvertInteger(value);
    }
  }

  bool ConvertNumber(DefaultValue* value) {
    const bool is_number =
        written_.kind == Option::Kind::kInteger || written_.kind == Option::Kind::kFloat;
    if (is_number) {
      value->number = written_.number;
    } else if (written_.kind == Option::Kind::kIdentifier &&
               (written_.text.ends_with("inf") || written_.text.ends_with("nan")) &&
               written_.text.size() <= 4) {
      value->number = std::strtod(written_.text.c_str(), nullptr);
    } else {
      return Reject("the default value of \"" + field_->name + "\" is a number");
    }
    if (field_->type == FieldType::kFloat) value->number = static_cast<float>(value->number);
    return true;
  }

  bool ConvertInteger(DefaultValue* value) {
    if (written_.kind != Option::Kind::kInteger) {
      return Reject("the default value of \"" + field_->name + "\" is an integer");
    }
    if (!FitsInteger(field_->type, written_.negative, written_.integer)) {
      return Reject("the default value does not fit the type of \"" + field_->name + "\"");
    }
    value->integer = written_.negative ? 0 - written_.integer : written_.integer;
    return true;
  }

  bool ConvertEnum(DefaultValue* value) {
    if (field_->enumeration == nullptr) return false;
    const EnumValueDescriptor* named = written_.kind == Option::Kind::kIdentifier
                                           ? ValueNamed(*field_->enumeration, written_.text)
                                           : nullptr;
    if (named == nullptr) {
      std::vector<std::string> names;
      for (const EnumValueDescriptor& v : field_->enumeration->values) names.push_back(v.name);
      std::string error =
          "enum \"" + field_->enumeration->full_name + "\" has no value \"" + written_.text + "\"";
      const std::string nearest = wire::NearestOf(written_.text, names);
      if (!nearest.empty()) error += "; did you mean \"" + nearest + "\"?";
      return Reject(std::move(error));
    }
    value->text = named->name;
    value->integer = static_cast<uint64_t>(int64_t{named->number});
    return true;
  }

  const FileDescriptor& file_;
  FieldDescriptor* const field_;
  const Option& written_;
  Diagnostics* const diagnostics_;
};

}  // namespace

void ResolveDefault(const FileDescriptor& file, FieldDescriptor* field, Diagnostics* diagnostics) {
  if (field->written_default.has_value()) DefaultResolver(file, field, diagnostics).Run();
}

std::string DefaultText(const FieldDescriptor& field) {
  const DefaultValue& value = *field.default_value;
  switch (field.type) {
    case FieldType::kString:
    case FieldType::kEnum:
      return value.text;
    case FieldType::kBytes:
      return EscapeBytes(value.text);
    case FieldType::kBool:
      return value.integer != 0 ? "true" : "false";
    case FieldType::kFloat:
      return ShortestDecimal(static_cast<float>(value.number), FLT_DIG, FLT_DIG + 3,
                             [](const char* text) { return std::strtof(text, nullptr); });
    case FieldType::kDouble:
      return ShortestDecimal(value.number, DBL_DIG, DBL_DIG + 2,
                             [](const char* text) { return std::strtod(text, nullptr); });
    default:
      return IsUnsigned(field.type) ? std::to_string(value.integer)
                                    : std::to_string(static_cast<int64_t>(value.integer));
  }
}

bool ParseDefaultText(std::string_view text, FieldDescriptor* field) {
  DefaultValue value;
  switch (field->type) {
    case FieldType::kString:
      value.text = text;
      break;
    case FieldType::kBytes:
      value.text = UnescapeBytes(text);
      break;
    case FieldType::kBool:
      value.integer = text == "true" ? 1 : 0;
      if (text != "true" && text != "false") return false;
      break;
    case FieldType::kEnum: {
      const EnumValueDescriptor* named =
          field->enumeration == nullptr ? nullptr : ValueNamed(*field->enumeration, text);
      if (named == nullptr) return false;
      value.text = text;
      value.integer = static_cast<uint64_t>(int64_t{named->number});
      break;
    }
    case FieldType::kFloat:
    case FieldType::kDouble: {
      const std::string copy(text);
      char* end = nullptr;
      value.number = std::strtod(copy.c_str(), &end);
      if (copy.empty() || *end != '\0') return false;
      break;
    }
    case FieldType::kMessage:
    case FieldType::kGroup:
      return false;
    default: {
      const bool negative = text.starts_with('-');
      if (negative) text.remove_prefix(1);
      uint64_t magnitude = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), magnitude);
      if (error != std::errc() || end != text.data() + text.size()) return false;
      if (!FitsInteger(field->type, negative, magnitude)) return false;
      value.integer = negative ? 0 - magnitude : magnitude;
    }
  }
  field->default_value = std::move(value);
  return true;
}

}  // namespace penstock::codec::compiler
