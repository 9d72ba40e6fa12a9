#include "penstock/codec/compiler/linker.h"

#include <algorithm>
#include <utility>

#include "penstock/codec/compiler/names.h"
#include "penstock/codec/compiler/parser.h"
#include "penstock/wire/suggestion.h"

namespace penstock::codec::compiler {
namespace {

// "a.b.C" inside "a.b" is what a person would write as "C".
std::string ShortName(const std::string& full_name, std::string_view scope) {
  while (!scope.empty()) {
    if (full_name.size() > scope.size() && full_name.starts_with(scope) &&
        full_name[scope.size()] == '.') {
      return full_name.substr(scope.size() + 1);
    }
    const size_t dot = scope.rfind('.');
    scope = dot == std::string_view::npos ? std::string_view() : scope.substr(0, dot);
  }
  return full_name;
}

std::string WithArticle(std::string_view kind) {
  return (kind.starts_with('e') || kind.starts_with('o') ? "an " : "a ") + std::string(kind);
}

}  // namespace

void Linker::Error(const FileDescriptor& file, Location location, std::string message) {
  diagnostics_->AddError(file.path, location, std::move(message));
}

const FileDescriptor* Linker::Load(const std::string& path) { return LoadFile(path); }

FileDescriptor* Linker::LoadFile(const std::string& path) {
  if (const auto known = files_.find(path); known != files_.end()) return known->second.get();
  const std::optional<std::string> source = tree_->Read(path);
  if (!source.has_value()) return nullptr;
  FileDescriptor* file =
      files_.emplace(path, ParseFile(path, *source, diagnostics_)).first->second.get();
  loading_.push_back(path);
  LoadImports(file);
  loading_.pop_back();
  DeclareFile(*file);
  LinkFile(file);
  return file;
}

void Linker::LoadImports(FileDescriptor* file) {
  for (ImportDescriptor& import : file->imports) {
    if (std::find(loading_.begin(), loading_.end(), import.path) != loading_.end()) {
      std::string circle;
      for (auto it = std::find(loading_.begin(), loading_.end(), import.path); it != loading_.end();
           ++it) {
        circle += *it + " -> ";
      }
      Error(*file, import.location, "files import each other in a circle: " + circle + import.path);
      continue;
    }
    import.file = LoadFile(import.path);
    if (import.file == nullptr) ReportMissingImport(*file, import);
  }
}

void Linker::ReportMissingImport(const FileDescriptor& file, const ImportDescriptor& import) {
  std::string message = "import \"" + import.path + "\" was not found";
  if (const std::string hint = tree_->MissingHint(); !hint.empty()) message += ": " + hint;
  std::vector<std::string> candidates = tree_->Neighbours(import.path);
  std::erase(candidates, file.path);
  const std::string nearest = wire::NearestOf(import.path, candidates);
  if (!nearest.empty()) message += "; did you mean \"" + nearest + "\"?";
  Error(file, import.location, std::move(message));
}

const Linker::Symbol* Linker::Find(const std::string& full_name) const {
  const auto it = symbols_.find(full_name);
  return it == symbols_.end() ? nullptr : &it->second;
}

void Linker::Declare(const FileDescriptor& file, const std::string& full_name, Symbol symbol) {
  const auto [it, is_new] = symbols_.emplace(full_name, symbol);
  if (is_new) return;
  const Symbol& other = it->second;
  std::string place = " in " + other.file->path;
  if (other.file == &file && other.location.line > 0) {
    place = " in line " + std::to_string(other.location.line);
  }
  Error(file, symbol.location,
        "\"" + full_name + "\" is already " + WithArticle(other.kind) + place);
}

void Linker::DeclarePackage(const FileDescriptor& file) {
  for (size_t end = 0; end < file.package.size();) {
    end = std::min(file.package.find('.', end + 1), file.package.size());
    const std::string name = file.package.substr(0, end);
    const Symbol* known = Find(name);
    if (known != nullptr && known->kind == "package") continue;
    Declare(file, name, {&file, nullptr, nullptr, "package", {1, 1}});
  }
}

void Linker::DeclareEnum(const FileDescriptor& file, const EnumDescriptor& enumeration) {
  Declare(file, enumeration.full_name,
          {&file, nullptr, &enumeration, "enum", enumeration.location});
  // As in C++, the values stand beside their enum, not in it.
  const size_t name_start = enumeration.full_name.size() - enumeration.name.size();
  const std::string scope = enumeration.full_name.substr(0, name_start);
  for (const EnumValueDescriptor& value : enumeration.values) {
    Declare(file, scope + value.name, {&file, nullptr, nullptr, "enum value", value.location});
  }
}

void Linker::DeclareMessage(const FileDescriptor& file, const MessageDescriptor& message) {
  Declare(file, message.full_name, {&file, &message, nullptr, "message", message.location});
  for (const auto& nested : message.messages) DeclareMessage(file, *nested);
  for (const auto& nested : message.enums) DeclareEnum(file, *nested);
  for (const FieldDescriptor& field : message.fields) {
    Declare(file, field.full_name, {&file, nullptr, nullptr, "field", field.location});
  }
  for (const OneofDescriptor& oneof : message.oneofs) {
    Declare(file, message.full_name + "." + oneof.name,
            {&file, nullptr, nullptr, "oneof", oneof.location});
  }
}

void Linker::DeclareFile(const FileDescriptor& file) {
  DeclarePackage(file);
  for (const auto& message : file.messages) DeclareMessage(file, *message);
  for (const auto& enumeration : file.enums) DeclareEnum(file, *enumeration);
  for (const ServiceDescriptor& service : file.services) {
    Declare(file, service.full_name, {&file, nullptr, nullptr, "service", service.location});
    for (const MethodDescriptor& method : service.methods) {
      Declare(file, service.full_name + "." + method.name,
              {&file, nullptr, nullptr, "method", method.location});
    }
  }
}

void Linker::LinkFile(FileDescriptor* file) {
  for (const auto& message : file->messages) LinkMessage(file, message.get());
  for (const auto& enumeration : file->enums) CheckEnum(*enumeration, diagnostics_);
  for (ServiceDescriptor& service : file->services) {
    for (MethodDescriptor& method : service.methods) {
      method.input = LinkMethodType(*file, service, &method.input_name, method.input_location);
      method.output = LinkMethodType(*file, service, &method.output_name, method.output_location);
    }
  }
}

void Linker::LinkMessage(FileDescriptor* file, MessageDescriptor* message) {
  for (FieldDescriptor& field : message->fields) {
    LinkField(*file, *message, &field);
    ResolveFieldTraits(&field);
  }
  for (const auto& nested : message->messages) LinkMessage(file, nested.get());
  for (const auto& nested : message->enums) CheckEnum(*nested, diagnostics_);
  CheckMessage(*message, diagnostics_);
}

void Linker::LinkField(const FileDescriptor& file, const MessageDescriptor& message,
                       FieldDescriptor* field) {
  if (field->type != FieldType::kMessage) return;
  const Symbol* symbol = Resolve(file, message.full_name, field->type_name, field->type_location);
  if (symbol == nullptr) return;
  if (symbol->message != nullptr) {
    field->message = symbol->message;
    field->type_name = symbol->message->full_name;
    if (symbol->message->is_map_entry && !field->is_map) {
      Error(file, field->type_location,
            "\"" + field->type_name + "\" is the entry of a map: write map<...> instead");
    }
  } else if (symbol->enumeration != nullptr) {
    field->type = FieldType::kEnum;
    field->enumeration = symbol->enumeration;
    field->type_name = symbol->enumeration->full_name;
  } else {
    Error(file, field->type_location,
          "\"" + field->type_name + "\" is " + WithArticle(symbol->kind) + ", not a type");
  }
}

const MessageDescriptor* Linker::LinkMethodType(const FileDescriptor& file,
                                                const ServiceDescriptor& service, std::string* name,
                                                Location location) {
  const Symbol* symbol = Resolve(file, service.full_name, *name, location);
  if (symbol == nullptr) return nullptr;
  if (symbol->message == nullptr) {
    Error(file, location,
          "\"" + *name + "\" is " + WithArticle(symbol->kind) +
              "; a method takes and returns messages");
    return nullptr;
  }
  *name = symbol->message->full_name;
  return symbol->message;
}

// Spec: protobuf.dev, "Packages and Name Resolution": from the innermost scope outwards; the first
//       part of the name decides where the rest is looked for.
const Linker::Symbol* Linker::Resolve(const FileDescriptor& file, std::string_view scope,
                                      const std::string& name, Location location) {
  const Symbol* symbol = nullptr;
  if (name.starts_with('.')) {
    symbol = Find(name.substr(1));
  } else {
    const std::string first = name.substr(0, name.find('.'));
    for (std::string prefix(scope);;) {
      const std::string dotted = prefix.empty() ? "" : prefix + ".";
      const Symbol* candidate = Find(dotted + first);
      const bool simple = first.size() == name.size();
      const bool is_type = candidate != nullptr &&
                           (candidate->message != nullptr || candidate->enumeration != nullptr);
      if (simple && is_type) {
        symbol = candidate;
        break;
      }
      // Only what can hold other names decides about a dotted one.
      if (!simple && candidate != nullptr &&
          (candidate->message != nullptr || candidate->kind == "package")) {
        symbol = Find(dotted + name);
        if (symbol != nullptr || candidate->kind != "package") break;
      }
      if (simple && candidate != nullptr && symbol == nullptr) symbol = candidate;
      if (prefix.empty()) break;
      const size_t dot = prefix.rfind('.');
      prefix = dot == std::string::npos ? "" : prefix.substr(0, dot);
    }
  }
  if (symbol == nullptr) {
    ReportUnknownType(file, scope, name, location);
    return nullptr;
  }
  if (!IsVisible(file, *symbol->file)) {
    Error(file, location,
          "\"" + name + "\" is defined in " + symbol->file->path + ", which " + file.path +
              " does not import");
    return nullptr;
  }
  return symbol;
}

bool Linker::IsVisible(const FileDescriptor& from, const FileDescriptor& file) const {
  if (&from == &file) return true;
  // Imports, and whatever these import publicly.
  std::vector<const FileDescriptor*> open;
  std::vector<const FileDescriptor*> seen;
  for (const ImportDescriptor& import : from.imports) open.push_back(import.file);
  while (!open.empty()) {
    const FileDescriptor* next = open.back();
    open.pop_back();
    if (next == &file) return true;
    if (next == nullptr || std::find(seen.begin(), seen.end(), next) != seen.end()) continue;
    seen.push_back(next);
    for (const ImportDescriptor& import : next->imports) {
      if (import.is_public) open.push_back(import.file);
    }
  }
  return false;
}

void Linker::ReportUnknownType(const FileDescriptor& file, std::string_view scope,
                               const std::string& name, Location location) {
  static constexpr std::string_view kScalars[] = {
      "double", "float", "int64",  "uint64",   "int32",    "fixed64", "fixed32", "bool",
      "string", "bytes", "uint32", "sfixed32", "sfixed64", "sint32",  "sint64"};
  std::vector<std::string> candidates;
  for (const auto& [full_name, symbol] : symbols_) {
    const bool is_type = symbol.message != nullptr || symbol.enumeration != nullptr;
    if (!is_type || !IsVisible(file, *symbol.file)) continue;
    if (symbol.message != nullptr && symbol.message->is_map_entry) continue;
    candidates.push_back(ShortName(full_name, scope));
  }
  for (std::string_view scalar : kScalars) candidates.emplace_back(scalar);
  std::string message = "unknown type \"" + name + "\"";
  const std::string nearest = wire::NearestOf(name, candidates);
  // A file that was not found explains everything that would be in it: no guesses then.
  const bool all_found = std::all_of(file.imports.begin(), file.imports.end(),
                                     [](const ImportDescriptor& i) { return i.file != nullptr; });
  if (!nearest.empty()) {
    message += "; did you mean \"" + nearest + "\"?";
  } else if (!all_found) {
    message += " (an import was not found)";
  }
  Error(file, location, std::move(message));
}

}  // namespace penstock::codec::compiler
