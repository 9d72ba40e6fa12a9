#include "penstock/codec/compiler/cpp_names.h"

#include <array>

#include "penstock/codec/compiler/names.h"

namespace penstock::codec::compiler {
namespace {

// By number of FieldType.
constexpr std::array<TypeTraits, 19> kTraits = {{
    {},
    {"kDouble", "double", "ReadFixed", "ReadPackedFixed64", "Fixed", 8, 1},
    {"kFloat", "float", "ReadFixed", "ReadPackedFixed32", "Fixed", 4, 5},
    {"kInt64", "int64_t", "ReadInt", "ReadPackedInt64", "Int64", 0, 0},
    {"kUint64", "uint64_t", "ReadInt", "ReadPackedInt64", "Uint64", 0, 0},
    {"kInt32", "int32_t", "ReadInt", "ReadPackedInt32", "Int32", 0, 0},
    {"kFixed64", "uint64_t", "ReadFixed", "ReadPackedFixed64", "Fixed", 8, 1},
    {"kFixed32", "uint32_t", "ReadFixed", "ReadPackedFixed32", "Fixed", 4, 5},
    {"kBool", "bool", "ReadBool", "ReadPackedBool", "Bool", 1, 0},
    {"kString", "std::string_view", "ReadString", "", "Text", 0, 2},
    {"kGroup", "", "", "", "", 0, 3},
    {"kMessage", "", "ReadMessage", "", "", 0, 2},
    {"kBytes", "std::string_view", "ReadBytes", "", "Text", 0, 2},
    {"kUint32", "uint32_t", "ReadInt", "ReadPackedInt32", "Uint32", 0, 0},
    {"kEnum", "", "ReadInt", "ReadPackedInt32", "Int32", 0, 0},
    {"kSfixed32", "int32_t", "ReadFixed", "ReadPackedFixed32", "Fixed", 4, 5},
    {"kSfixed64", "int64_t", "ReadFixed", "ReadPackedFixed64", "Fixed", 8, 1},
    {"kSint32", "int32_t", "ReadSint", "ReadPackedSint32", "Sint32", 0, 0},
    {"kSint64", "int64_t", "ReadSint", "ReadPackedSint64", "Sint64", 0, 0},
}};

template <typename T>
std::string NestedName(const T& type) {
  if (type.parent == nullptr) return CppIdentifier(type.name);
  return ClassName(*type.parent) + "_" + type.name;
}

template <typename T>
std::string QualifiedName(const FileDescriptor& file, const T& type) {
  if (type.file->package == file.package) return ClassName(type);
  const std::string name_space = CppNamespace(type.file->package);
  return (name_space.empty() ? "::" : "::" + name_space + "::") + ClassName(type);
}

// libprotobuf has classes of the same names, and libgrpc++ of the services that every server has.
// The inline namespace gives ours other symbols, so that one program can link both; who uses them
// need not write it.
std::string WrittenNamespace(std::string_view package) {
  const bool is_taken = package == "google" || package.starts_with("google.") ||
                        package.starts_with("grpc.health.") ||
                        package.starts_with("grpc.reflection.") ||
                        package.starts_with("grpc.channelz.");
  return CppNamespace(package) + (is_taken ? "::inline penstock_proto" : "");
}

void GatherMessages(const MessageDescriptor& message, std::vector<const MessageDescriptor*>* all) {
  if (message.is_map_entry) return;
  for (const auto& nested : message.messages) GatherMessages(*nested, all);
  all->push_back(&message);
}

void GatherEnums(const MessageDescriptor& message, std::vector<const EnumDescriptor*>* all) {
  for (const auto& enumeration : message.enums) all->push_back(enumeration.get());
  for (const auto& nested : message.messages) GatherEnums(*nested, all);
}

}  // namespace

const TypeTraits& TraitsOf(FieldType type) { return kTraits[static_cast<size_t>(type)]; }

bool IsClosedEnum(const FieldDescriptor& field) {
  return field.type == FieldType::kEnum && field.enumeration->closed;
}

std::string ClassName(const MessageDescriptor& message) { return NestedName(message); }
std::string ClassName(const EnumDescriptor& enumeration) { return NestedName(enumeration); }

std::string TypeNameIn(const FileDescriptor& file, const MessageDescriptor& message) {
  return QualifiedName(file, message);
}
std::string TypeNameIn(const FileDescriptor& file, const EnumDescriptor& enumeration) {
  return QualifiedName(file, enumeration);
}

std::string IncludeGuard(std::string_view path, std::string_view suffix) {
  std::string guard = "PENSTOCK_GENERATED_";
  for (char c : std::string(path) + std::string(suffix)) {
    if (c >= 'a' && c <= 'z') {
      guard += static_cast<char>(c - 'a' + 'A');
    } else {
      guard += (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    }
  }
  return guard + "_";
}

void OpenNamespace(const FileDescriptor& file, CodeWriter* out) {
  if (file.package.empty()) return;
  out->Print("namespace $name$ {\n", {{"name", WrittenNamespace(file.package)}});
}

void CloseNamespace(const FileDescriptor& file, CodeWriter* out) {
  if (file.package.empty()) return;
  out->Print("}  // namespace $name$\n", {{"name", WrittenNamespace(file.package)}});
}

void OpenServicesHeader(const FileDescriptor& file, std::string_view suffix,
                        std::string_view includes, CodeWriter* out) {
  const std::string path = WithoutProtoSuffix(file.path);
  out->Print("#ifndef $guard$\n#define $guard$\n\n", {{"guard", IncludeGuard(path, suffix)}});
  out->Print(includes, {{"path", path}});
  out->Print("\n", {});
  OpenNamespace(file, out);
  out->Print("\n", {});
}

void CloseServicesHeader(const FileDescriptor& file, std::string_view suffix, CodeWriter* out) {
  CloseNamespace(file, out);
  const std::string guard = IncludeGuard(WithoutProtoSuffix(file.path), suffix);
  out->Print("\n#endif  // $guard$\n", {{"guard", guard}});
}

void PrintComment(std::string_view comment, std::string_view indent, CodeWriter* out) {
  while (!comment.empty()) {
    const size_t end = comment.find('\n');
    std::string line(comment.substr(0, end));
    comment.remove_prefix(end == std::string_view::npos ? comment.size() : end + 1);
    // Descriptors from elsewhere may have them.
    std::erase_if(line, [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; });
    // A comment that ends in a backslash would swallow the line below it.
    while (!line.empty() && (line.back() == ' ' || line.back() == '\\')) {
      line.pop_back();
    }
    if (line.empty() && comment.empty()) return;
    if (!line.empty() && line.front() != ' ' && line.front() != '\t') line.insert(0, " ");
    out->Print("$indent$//$line$\n", {{"indent", std::string(indent)}, {"line", line}});
  }
}

std::vector<const MessageDescriptor*> AllMessages(const FileDescriptor& file) {
  std::vector<const MessageDescriptor*> all;
  for (const auto& message : file.messages) GatherMessages(*message, &all);
  return all;
}

std::vector<const EnumDescriptor*> AllEnums(const FileDescriptor& file) {
  std::vector<const EnumDescriptor*> all;
  for (const auto& enumeration : file.enums) all.push_back(enumeration.get());
  for (const auto& message : file.messages) GatherEnums(*message, &all);
  return all;
}

}  // namespace penstock::codec::compiler
