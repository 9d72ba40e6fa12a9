#include "penstock/codec/compiler/symbol_table.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

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

// What can hold other names, and so decides about "a.b" when it is "a".
bool IsAggregate(const Symbol& symbol) {
  return symbol.is_type() || symbol.kind == "package" || symbol.kind == "service";
}

}  // namespace

std::string WithArticle(std::string_view kind) {
  return (kind.starts_with('e') || kind.starts_with('o') ? "an " : "a ") + std::string(kind);
}

const Symbol* SymbolTable::Find(std::string_view full_name) const {
  const auto it = symbols_.find(full_name);
  return it == symbols_.end() ? nullptr : &it->second;
}

void SymbolTable::Declare(const std::string& full_name, Symbol symbol) {
  const auto [it, is_new] = symbols_.emplace(full_name, symbol);
  if (is_new) return;
  const Symbol& other = it->second;
  std::string place = " in " + other.file->path;
  if (other.file == symbol.file && other.location.line > 0) {
    place = " in line " + std::to_string(other.location.line);
  }
  diagnostics_->AddError(symbol.file->path, symbol.location,
                         "\"" + full_name + "\" is already " + WithArticle(other.kind) + place);
}

void SymbolTable::DeclarePackage(const FileDescriptor& file) {
  for (size_t end = 0; end < file.package.size();) {
    end = std::min(file.package.find('.', end + 1), file.package.size());
    const std::string name = file.package.substr(0, end);
    const Symbol* known = Find(name);
    if (known != nullptr && known->kind == "package") continue;
    Declare(name, {&file, nullptr, nullptr, nullptr, "package", {1, 1}});
  }
}

void SymbolTable::DeclareEnum(const FileDescriptor& file, const EnumDescriptor& enumeration) {
  Declare(enumeration.full_name,
          {&file, nullptr, &enumeration, nullptr, "enum", enumeration.location});
  // As in C++, the values stand beside their enum, not in it.
  const size_t name_start = enumeration.full_name.size() - enumeration.name.size();
  const std::string scope = enumeration.full_name.substr(0, name_start);
  for (const EnumValueDescriptor& value : enumeration.values) {
    Declare(scope + value.name, {&file, nullptr, nullptr, nullptr, "enum value", value.location});
  }
}

void SymbolTable::DeclareExtension(const FileDescriptor& file, const FieldDescriptor& extension) {
  Declare(extension.full_name,
          {&file, nullptr, nullptr, &extension, "extension", extension.location});
}

void SymbolTable::DeclareMessage(const FileDescriptor& file, const MessageDescriptor& message) {
  Declare(message.full_name, {&file, &message, nullptr, nullptr, "message", message.location});
  for (const auto& nested : message.messages) DeclareMessage(file, *nested);
  for (const auto& nested : message.enums) DeclareEnum(file, *nested);
  for (const FieldDescriptor& field : message.fields) {
    Declare(field.full_name, {&file, nullptr, nullptr, nullptr, "field", field.location});
  }
  for (const FieldDescriptor& field : message.extensions) DeclareExtension(file, field);
  for (const OneofDescriptor& oneof : message.oneofs) {
    Declare(message.full_name + "." + oneof.name,
            {&file, nullptr, nullptr, nullptr, "oneof", oneof.location});
  }
}

void SymbolTable::DeclareFile(const FileDescriptor& file) {
  DeclarePackage(file);
  for (const auto& message : file.messages) DeclareMessage(file, *message);
  for (const auto& enumeration : file.enums) DeclareEnum(file, *enumeration);
  for (const FieldDescriptor& field : file.extensions) DeclareExtension(file, field);
  for (const ServiceDescriptor& service : file.services) {
    Declare(service.full_name, {&file, nullptr, nullptr, nullptr, "service", service.location});
    for (const MethodDescriptor& method : service.methods) {
      Declare(service.full_name + "." + method.name,
              {&file, nullptr, nullptr, nullptr, "method", method.location});
    }
  }
}

// Packages that were declared before it are others' and stay.
void SymbolTable::Forget(const FileDescriptor& file) {
  std::erase_if(symbols_, [&](const auto& entry) { return entry.second.file == &file; });
  std::erase_if(used_, [&](const auto& pair) { return pair.first == &file; });
  visible_.erase(&file);
}

// The file, its imports, and whatever these import publicly.
const std::set<const FileDescriptor*>& SymbolTable::VisibleFrom(const FileDescriptor& file) const {
  const auto [it, is_new] = visible_.try_emplace(&file);
  std::set<const FileDescriptor*>& seen = it->second;
  if (!is_new) return seen;
  seen.insert(&file);
  std::vector<const FileDescriptor*> open;
  for (const ImportDescriptor& import : file.imports) open.push_back(import.file);
  while (!open.empty()) {
    const FileDescriptor* next = open.back();
    open.pop_back();
    if (next == nullptr || !seen.insert(next).second) continue;
    for (const ImportDescriptor& import : next->imports) {
      if (import.is_public) open.push_back(import.file);
    }
  }
  return seen;
}

bool SymbolTable::IsVisible(const FileDescriptor& from, const FileDescriptor& file) const {
  return VisibleFrom(from).contains(&file);
}

const Symbol* SymbolTable::FindVisible(const FileDescriptor& from,
                                       std::string_view full_name) const {
  const Symbol* symbol = Find(full_name);
  if (symbol == nullptr) return nullptr;
  if (symbol->kind != "package") {
    if (!IsVisible(from, *symbol->file)) return nullptr;
    used_.emplace(&from, symbol->file);
    return symbol;
  }
  // A package is where any of its files is.
  for (const FileDescriptor* file : VisibleFrom(from)) {
    if (file->package == full_name ||
        (file->package.starts_with(full_name) && file->package[full_name.size()] == '.')) {
      return symbol;
    }
  }
  return nullptr;
}

const Symbol* SymbolTable::Lookup(const FileDescriptor& file, std::string_view scope,
                                  std::string_view name, Wanted wanted) const {
  if (name.starts_with('.')) return FindVisible(file, name.substr(1));
  const std::string_view first = name.substr(0, name.find('.'));
  for (std::string prefix(scope); !prefix.empty();) {
    const std::string candidate_name = prefix + "." + std::string(first);
    const Symbol* candidate = FindVisible(file, candidate_name);
    if (candidate != nullptr && first.size() < name.size()) {
      // Where the first part is found, the rest must be.
      if (IsAggregate(*candidate)) {
        return FindVisible(file, candidate_name + std::string(name.substr(first.size())));
      }
    } else if (candidate != nullptr && (wanted == Wanted::kAny || candidate->is_type())) {
      return candidate;
    }
    const size_t dot = prefix.rfind('.');
    prefix.resize(dot == std::string::npos ? 0 : dot);
  }
  return FindVisible(file, name);
}

const Symbol* SymbolTable::Resolve(const FileDescriptor& file, std::string_view scope,
                                   std::string_view name, Location location) const {
  const Symbol* symbol = Lookup(file, scope, name, Wanted::kType);
  if (symbol != nullptr) return symbol;
  if (diagnostics_->error_count() >= Diagnostics::kErrorsMax) {
    // Nobody will read it, and looking for the nearest of all names is dear.
    diagnostics_->AddError(file.path, location, "unknown type");
    return nullptr;
  }
  // The same name in a file that is not imported is the likeliest explanation.
  std::string_view hidden_name = name;
  if (name.starts_with('.')) hidden_name.remove_prefix(1);
  const Symbol* hidden = Find(hidden_name);
  for (std::string prefix(scope); hidden == nullptr && !prefix.empty();) {
    hidden = Find(prefix + "." + std::string(hidden_name));
    const size_t dot = prefix.rfind('.');
    prefix.resize(dot == std::string::npos ? 0 : dot);
  }
  const std::string quoted = "\"" + std::string(name) + "\"";
  if (hidden != nullptr && hidden->is_type() && !IsVisible(file, *hidden->file)) {
    diagnostics_->AddError(file.path, location,
                           quoted + " is defined in " + hidden->file->path + ", which " +
                               file.path + " does not import");
    return nullptr;
  }
  std::string message = "unknown type " + quoted + Explain(file, scope, name);
  if (hidden != nullptr && hidden->is_type()) {
    message +=
        "; the innermost scope that has its first part hides the type of that name: begin "
        "with a dot, \"." +
        std::string(hidden_name) + "\"";
  }
  diagnostics_->AddError(file.path, location, std::move(message));
  return nullptr;
}

std::string SymbolTable::Explain(const FileDescriptor& file, std::string_view scope,
                                 std::string_view name) const {
  static constexpr std::array<std::string_view, 15> kScalars = {
      "double", "float", "int64",  "uint64",   "int32",    "fixed64", "fixed32", "bool",
      "string", "bytes", "uint32", "sfixed32", "sfixed64", "sint32",  "sint64"};
  std::vector<std::string> candidates;
  for (const auto& [full_name, symbol] : symbols_) {
    if (!symbol.is_type() || !IsVisible(file, *symbol.file)) continue;
    if (symbol.message != nullptr && symbol.message->is_map_entry) continue;
    candidates.push_back(ShortName(full_name, scope));
  }
  for (std::string_view scalar : kScalars) candidates.emplace_back(scalar);
  const std::string nearest = wire::NearestOf(name, candidates);
  if (!nearest.empty() && nearest != name) return "; did you mean \"" + nearest + "\"?";
  // A file that was not found explains everything that would be in it: no guesses then.
  const bool all_found = std::all_of(file.imports.begin(), file.imports.end(),
                                     [](const ImportDescriptor& i) { return i.file != nullptr; });
  return all_found ? "" : " (an import was not found)";
}

}  // namespace penstock::codec::compiler
