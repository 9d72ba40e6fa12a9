#include "penstock/loadtest/tool/proto_text.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "penstock/codec/compiler/names.h"
#include "penstock/codec/number_text.h"
#include "penstock/codec/text/text_escape.h"
#include "penstock/loadtest/tool/option_text.h"

namespace penstock::loadtest::tool {
namespace {

using codec::FieldType;
using codec::compiler::Comments;
using codec::compiler::NumberRange;
using codec::compiler::ReservedName;
using codec::reflection::EnumDescriptor;
using codec::reflection::FieldDescriptor;
using codec::reflection::FileDescriptor;
using codec::reflection::MessageDescriptor;
using codec::reflection::MethodDescriptor;
using codec::reflection::OneofDescriptor;
using codec::reflection::ServiceDescriptor;

constexpr int64_t kFieldNumberMax = 536'870'911;

std::string Quoted(std::string_view text) {
  std::string quoted;
  codec::text::AppendEscaped(text, true, &quoted);
  return quoted;
}

const char* NameOf(FieldType type) {
  switch (type) {
    case FieldType::kDouble:
      return "double";
    case FieldType::kFloat:
      return "float";
    case FieldType::kInt64:
      return "int64";
    case FieldType::kUint64:
      return "uint64";
    case FieldType::kInt32:
      return "int32";
    case FieldType::kFixed64:
      return "fixed64";
    case FieldType::kFixed32:
      return "fixed32";
    case FieldType::kBool:
      return "bool";
    case FieldType::kString:
      return "string";
    case FieldType::kBytes:
      return "bytes";
    case FieldType::kUint32:
      return "uint32";
    case FieldType::kSfixed32:
      return "sfixed32";
    case FieldType::kSfixed64:
      return "sfixed64";
    case FieldType::kSint32:
      return "sint32";
    case FieldType::kSint64:
      return "sint64";
    case FieldType::kGroup:
    case FieldType::kMessage:
    case FieldType::kEnum:
      break;
  }
  return "";  // they have names of their own
}

std::string TypeText(const FieldDescriptor& field) {
  if (field.message != nullptr) return field.message->full_name;
  if (field.enumeration != nullptr) return field.enumeration->full_name;
  return NameOf(field.type);
}

std::string FloatText(double value, bool is_float) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string text;
  is_float ? codec::AppendNumber(static_cast<float>(value), &text)
           : codec::AppendNumber(value, &text);
  return text;
}

std::string DefaultText(const FieldDescriptor& field) {
  const auto& value = *field.default_value;
  switch (field.type) {
    case FieldType::kString:
    case FieldType::kBytes:
      return Quoted(value.text);
    case FieldType::kEnum:
      return value.text;
    case FieldType::kBool:
      return value.integer != 0 ? "true" : "false";
    case FieldType::kFloat:
    case FieldType::kDouble:
      return FloatText(value.number, field.type == FieldType::kFloat);
    case FieldType::kUint32:
    case FieldType::kUint64:
    case FieldType::kFixed32:
    case FieldType::kFixed64:
      return std::to_string(value.integer);
    default:
      return std::to_string(static_cast<int64_t>(value.integer));
  }
}

std::string LabelText(const FieldDescriptor& field, std::string_view syntax) {
  if (field.repeated()) return field.is_map ? "" : "repeated ";
  if (syntax == "proto3") return field.proto3_optional ? "optional " : "";
  if (syntax != "proto2" || field.oneof_index >= 0) return "";
  return field.required() ? "required " : "optional ";
}

// A group of proto2, whose message is written where the field is.
bool IsWrittenAsGroup(const FieldDescriptor& field, std::string_view syntax) {
  return field.is_group() && syntax == "proto2";
}

std::string RangeText(const NumberRange& range, int64_t number_max) {
  if (range.first == range.last) return std::to_string(range.first);
  return std::to_string(range.first) + " to " +
         (range.last >= number_max ? "max" : std::to_string(range.last));
}

// Writes line by line, each as deep as the block that it is in.
class Writer {
 public:
  explicit Writer(const codec::json::ExtensionSource& extensions) : extensions_(extensions) {}

  void File(const FileDescriptor& file);
  void Service(const ServiceDescriptor& service);
  void Method(const MethodDescriptor& method);
  void Message(const MessageDescriptor& message);
  void Enum(const EnumDescriptor& enumeration);
  void Field(const FieldDescriptor& field, std::string_view syntax);
  void Extensions(const std::vector<FieldDescriptor>& fields, std::string_view syntax);

  void Line(const std::string& text) {
    if (!text.empty()) text_.append(static_cast<size_t>(depth_) * 2, ' ') += text;
    text_ += '\n';
  }
  std::string TakeText() { return std::move(text_); }

 private:
  void Begin(const std::string& text) {
    Line(text + " {");
    ++depth_;
  }
  void End() {
    --depth_;
    Line("}");
  }
  void Comment(const Comments& comments);
  void Options(OptionsOf kind, const std::string& octets) {
    for (const std::string& text : OptionTexts(kind, octets, extensions_)) {
      Line("option " + text + ";");
    }
  }
  static std::string Bracketed(const std::vector<std::string>& options);
  void Reserved(const std::vector<NumberRange>& ranges, const std::vector<ReservedName>& names,
                int64_t number_max, bool quoted);
  void Body(const MessageDescriptor& message);
  void Fields(const MessageDescriptor& message);

  const codec::json::ExtensionSource& extensions_;
  std::string text_;
  int depth_ = 0;
};

void Writer::Comment(const Comments& comments) {
  std::string_view rest = comments.leading;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    Line("//" + std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

std::string Writer::Bracketed(const std::vector<std::string>& options) {
  std::string text;
  for (const std::string& option : options) text += (text.empty() ? " [" : ", ") + option;
  return text.empty() ? "" : text + "]";
}

void Writer::Reserved(const std::vector<NumberRange>& ranges,
                      const std::vector<ReservedName>& names, int64_t number_max, bool quoted) {
  std::string numbers;
  for (const NumberRange& range : ranges) {
    numbers += (numbers.empty() ? "" : ", ") + RangeText(range, number_max);
  }
  if (!numbers.empty()) Line("reserved " + numbers + ";");
  std::string all;
  for (const ReservedName& name : names) {
    all += (all.empty() ? "" : ", ") + (quoted ? Quoted(name.name) : name.name);
  }
  if (!all.empty()) Line("reserved " + all + ";");
}

void Writer::File(const FileDescriptor& file) {
  if (file.syntax == "editions") {
    Line("edition = \"" + std::to_string(file.edition) + "\";");
  } else {
    Line("syntax = \"" + file.syntax + "\";");
  }
  if (!file.package.empty()) {
    Line("");
    Line("package " + file.package + ";");
  }
  if (!file.imports.empty()) Line("");
  for (const auto& import : file.imports) {
    Line("import " + std::string(import.is_public ? "public " : import.is_weak ? "weak " : "") +
         Quoted(import.path) + ";");
  }
  if (!file.options_bytes.empty()) Line("");
  Options(OptionsOf::kFile, file.options_bytes);
  for (const ServiceDescriptor& service : file.services) {
    Line("");
    Service(service);
  }
  for (const auto& message : file.messages) {
    bool is_group = false;
    for (const FieldDescriptor& extension : file.extensions) {
      is_group = is_group || (IsWrittenAsGroup(extension, file.syntax) &&
                              extension.message == message.get());
    }
    if (is_group) continue;
    Line("");
    Message(*message);
  }
  for (const auto& enumeration : file.enums) {
    Line("");
    Enum(*enumeration);
  }
  if (!file.extensions.empty()) Line("");
  Extensions(file.extensions, file.syntax);
}

void Writer::Service(const ServiceDescriptor& service) {
  Comment(service.comments);
  Begin("service " + service.name);
  Options(OptionsOf::kService, service.options_bytes);
  for (const MethodDescriptor& method : service.methods) Method(method);
  End();
}

void Writer::Method(const MethodDescriptor& method) {
  Comment(method.comments);
  const std::string head = "rpc " + method.name + "(" + (method.client_streaming ? "stream " : "") +
                           method.input->full_name + ") returns (" +
                           (method.server_streaming ? "stream " : "") + method.output->full_name +
                           ")";
  if (method.options_bytes.empty()) return Line(head + ";");
  Begin(head);
  Options(OptionsOf::kMethod, method.options_bytes);
  End();
}

void Writer::Message(const MessageDescriptor& message) {
  Comment(message.comments);
  Begin("message " + message.name);
  Body(message);
  End();
}

// Recursion: as deep as messages nest, kMessageNestingMax.
void Writer::Body(const MessageDescriptor& message) {
  const std::string_view syntax = message.file->syntax;
  Options(OptionsOf::kMessage, message.options_bytes);
  Fields(message);
  for (const auto& range : message.extension_ranges) {
    Line("extensions " + RangeText(range.range, kFieldNumberMax) +
         Bracketed(OptionTexts(OptionsOf::kExtensionRange, range.options_bytes, extensions_)) +
         ";");
  }
  Reserved(message.reserved_ranges, message.reserved_names, kFieldNumberMax, syntax != "editions");
  const auto is_group = [&](const MessageDescriptor& nested) {
    for (const auto* fields : {&message.fields, &message.extensions}) {
      for (const FieldDescriptor& field : *fields) {
        if (IsWrittenAsGroup(field, syntax) && field.message == &nested) return true;
      }
    }
    return false;
  };
  for (const auto& nested : message.messages) {
    if (!nested->is_map_entry && !is_group(*nested)) Message(*nested);
  }
  for (const auto& nested : message.enums) Enum(*nested);
  Extensions(message.extensions, syntax);
}

// The fields of a oneof stand together, where the first of them is.
void Writer::Fields(const MessageDescriptor& message) {
  const std::string_view syntax = message.file->syntax;
  std::vector<bool> written(message.oneofs.size());
  for (const FieldDescriptor& field : message.fields) {
    if (field.oneof_index < 0) {
      Field(field, syntax);
      continue;
    }
    const auto index = static_cast<size_t>(field.oneof_index);
    if (written[index]) continue;
    written[index] = true;
    const OneofDescriptor& oneof = message.oneofs[index];
    Comment(oneof.comments);
    Begin("oneof " + oneof.name);
    Options(OptionsOf::kOneof, oneof.options_bytes);
    for (const FieldDescriptor& one : message.fields) {
      if (one.oneof_index == field.oneof_index) Field(one, syntax);
    }
    End();
  }
}

void Writer::Field(const FieldDescriptor& field, std::string_view syntax) {
  Comment(field.comments);
  std::vector<std::string> options;
  if (field.default_value) options.push_back("default = " + DefaultText(field));
  if (!field.is_extension && field.json_name != codec::compiler::JsonName(field.name)) {
    options.push_back("json_name = " + Quoted(field.json_name));
  }
  for (std::string& text : OptionTexts(OptionsOf::kField, field.options_bytes, extensions_)) {
    options.push_back(std::move(text));
  }
  const std::string number = " = " + std::to_string(field.number) + Bracketed(options);
  const std::string label = LabelText(field, syntax);
  if (IsWrittenAsGroup(field, syntax)) {
    Begin(label + "group " + field.message->name + number);
    Body(*field.message);
    return End();
  }
  if (field.is_map && field.message->fields.size() == 2) {
    return Line("map<" + TypeText(field.message->fields[0]) + ", " +
                TypeText(field.message->fields[1]) + "> " + field.name + number + ";");
  }
  Line(label + TypeText(field) + " " + field.name + number + ";");
}

void Writer::Extensions(const std::vector<FieldDescriptor>& fields, std::string_view syntax) {
  for (size_t i = 0; i < fields.size();) {
    const MessageDescriptor* extendee = fields[i].extendee;
    Begin("extend " + extendee->full_name);
    for (; i < fields.size() && fields[i].extendee == extendee; ++i) Field(fields[i], syntax);
    End();
  }
}

void Writer::Enum(const EnumDescriptor& enumeration) {
  Comment(enumeration.comments);
  Begin("enum " + enumeration.name);
  Options(OptionsOf::kEnum, enumeration.options_bytes);
  for (const auto& value : enumeration.values) {
    Comment(value.comments);
    Line(value.name + " = " + std::to_string(value.number) +
         Bracketed(OptionTexts(OptionsOf::kEnumValue, value.options_bytes, extensions_)) + ";");
  }
  Reserved(enumeration.reserved_ranges, enumeration.reserved_names, INT32_MAX,
           enumeration.file->syntax != "editions");
  End();
}

// "a.B" and "c" of "a.B.c" and of "a.B/c".
bool Split(std::string_view name, std::string_view* scope, std::string_view* member) {
  const size_t at = name.find_last_of("./");
  if (at == std::string_view::npos) return false;
  *scope = name.substr(0, at);
  *member = name.substr(at + 1);
  return true;
}

template <typename T>
const T* Named(const std::vector<T>& all, std::string_view name) {
  for (const T& one : all) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

}  // namespace

std::string ProtoText::OfFile(const FileDescriptor& file) const {
  Writer writer(extensions_);
  writer.File(file);
  return writer.TakeText();
}

std::string ProtoText::OfSymbol(std::string_view name) const {
  Writer writer(extensions_);
  const auto begin = [&writer](const FileDescriptor& file) { writer.Line("// " + file.path); };
  if (const ServiceDescriptor* service = pool_.FindService(name)) {
    begin(*pool_.FindFileOf(name));
    writer.Service(*service);
  } else if (const MessageDescriptor* message = pool_.FindMessage(name)) {
    begin(*message->file);
    writer.Message(*message);
  } else if (const EnumDescriptor* enumeration = pool_.FindEnum(name)) {
    begin(*enumeration->file);
    writer.Enum(*enumeration);
  } else if (const FieldDescriptor* extension = pool_.FindExtension(name)) {
    const FileDescriptor& file = *pool_.FindFileOf(name);
    begin(file);
    writer.Extensions({*extension}, file.syntax);
  } else if (std::string_view scope, member; Split(name, &scope, &member)) {
    if (const ServiceDescriptor* of = pool_.FindService(scope)) {
      if (const MethodDescriptor* method = Named(of->methods, member)) {
        begin(*pool_.FindFileOf(scope));
        writer.Method(*method);
      }
    } else if (const MessageDescriptor* around = pool_.FindMessage(scope)) {
      if (const FieldDescriptor* field = Named(around->fields, member)) {
        begin(*around->file);
        writer.Field(*field, around->file->syntax);
      }
    }
  }
  return writer.TakeText();
}

}  // namespace penstock::loadtest::tool
