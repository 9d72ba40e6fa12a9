#include "penstock/codec/compiler/linker.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "penstock/codec/compiler/checks.h"
#include "penstock/codec/compiler/default_values.h"
#include "penstock/codec/compiler/features.h"
#include "penstock/codec/compiler/link_field.h"
#include "penstock/codec/compiler/option_interpreter.h"
#include "penstock/codec/compiler/parser.h"
#include "penstock/wire/suggestion.h"

namespace penstock::codec::compiler {
namespace {

// Calls `fn` with each message below, inner ones first.
template <typename Fn>
void ForEachMessage(std::vector<std::unique_ptr<MessageDescriptor>>& messages, const Fn& fn) {
  for (const auto& message : messages) {
    ForEachMessage(message->messages, fn);
    fn(message.get());
  }
}

}  // namespace

void Linker::Error(const FileDescriptor& file, Location location, std::string message) {
  diagnostics_->AddError(file.path, location, std::move(message));
}

const FileDescriptor* Linker::Load(const std::string& path) {
  const FileDescriptor* file = LoadFile(path);
  if (file != nullptr) WarnOfUnusedImports(*file);
  return file;
}

FileDescriptor* Linker::LoadFile(const std::string& path) {
  if (const auto known = files_.find(path); known != files_.end()) return known->second.get();
  if (tree_ == nullptr) return nullptr;
  std::optional<std::string> source = tree_->Read(path);
  if (!source.has_value()) return nullptr;
  FileDescriptor* file =
      files_.emplace(path, ParseFile(path, *source, diagnostics_)).first->second.get();
  loading_.push_back(path);
  LoadImports(file);
  loading_.pop_back();
  symbols_.DeclareFile(*file);
  LinkFile(file, true);
  return file;
}

const FileDescriptor* Linker::Adopt(std::unique_ptr<FileDescriptor> adopted) {
  const auto [it, is_new] = files_.emplace(adopted->path, std::move(adopted));
  FileDescriptor* file = it->second.get();
  if (!is_new) return file;
  loading_.push_back(file->path);
  LoadImports(file);
  loading_.pop_back();
  symbols_.DeclareFile(*file);
  LinkFile(file, false);
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
  if (tree_ == nullptr) return Error(file, import.location, std::move(message));
  const std::string hint = tree_->MissingHint(import.path);
  if (!hint.empty()) message += ": " + hint;
  std::vector<std::string> candidates = tree_->Neighbours(import.path);
  std::erase(candidates, file.path);
  const std::string nearest = wire::NearestOf(import.path, candidates);
  if (!nearest.empty()) message += "; did you mean \"" + nearest + "\"?";
  Error(file, import.location, std::move(message));
}

void Linker::WarnOfUnusedImports(const FileDescriptor& file) {
  if (!diagnostics_->ok()) return;
  for (const ImportDescriptor& import : file.imports) {
    if (import.is_public || import.file == nullptr) continue;
    // What passes others on may be there for them.
    const bool passes_on = std::any_of(import.file->imports.begin(), import.file->imports.end(),
                                       [](const ImportDescriptor& i) { return i.is_public; });
    if (passes_on || symbols_.IsUsed(file, *import.file)) continue;
    diagnostics_->AddWarning(file.path, import.location,
                             "import \"" + import.path + "\" is not used");
  }
}

// Types first: values of options need them. Then the standard options, what follows from them, and
// with that the custom ones and all that is left to check.
void Linker::LinkFile(FileDescriptor* file, bool interpret) {
  ForEachMessage(file->messages, [&](MessageDescriptor* message) { LinkMessage(file, message); });
  for (FieldDescriptor& field : file->extensions) {
    LinkField(symbols_, *file, file->package, &field, diagnostics_);
  }
  for (ServiceDescriptor& service : file->services) {
    for (MethodDescriptor& method : service.methods) {
      method.input = LinkMethodType(*file, service, &method.input_name, method.input_location);
      method.output = LinkMethodType(*file, service, &method.output_name, method.output_location);
    }
  }
  OptionInterpreter options(symbols_, file, diagnostics_);
  if (interpret) options.InterpretStandard();
  ResolveFeatures(file, diagnostics_);
  if (interpret) options.InterpretCustom();
  CheckFile(*file, diagnostics_);
  const auto finish = [&](const MessageDescriptor* message, std::vector<FieldDescriptor>* fields) {
    for (FieldDescriptor& field : *fields) {
      if (interpret) {
        ResolveDefault(*file, &field, diagnostics_);
      } else if (field.written_default.has_value() &&
                 !ParseDefaultText(field.written_default->text, &field)) {
        Error(*file, field.location, "the default value of \"" + field.name + "\" is none");
      }
      CheckField(*file, message, field, diagnostics_);
      if (field.is_extension) CheckExtensionNumber(*file, field);
    }
  };
  for (const auto& enumeration : file->enums) CheckEnum(*enumeration, diagnostics_);
  ForEachMessage(file->messages, [&](MessageDescriptor* message) {
    for (const auto& enumeration : message->enums) CheckEnum(*enumeration, diagnostics_);
    finish(message, &message->fields);
    finish(message, &message->extensions);
    CheckMessage(*message, diagnostics_);
  });
  finish(nullptr, &file->extensions);
}

void Linker::LinkMessage(FileDescriptor* file, MessageDescriptor* message) {
  for (FieldDescriptor& field : message->fields) {
    LinkField(symbols_, *file, message->full_name, &field, diagnostics_);
  }
  for (FieldDescriptor& field : message->extensions) {
    LinkField(symbols_, *file, message->full_name, &field, diagnostics_);
  }
}

const MessageDescriptor* Linker::LinkMethodType(const FileDescriptor& file,
                                                const ServiceDescriptor& service, std::string* name,
                                                Location location) {
  const Symbol* symbol = symbols_.Resolve(file, service.full_name, *name, location);
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

void Linker::CheckExtensionNumber(const FileDescriptor& file, const FieldDescriptor& extension) {
  if (extension.extendee == nullptr) return;
  const auto [other, is_new] = extensions_.emplace(std::pair(extension.extendee, extension.number),
                                                   std::pair(&file, &extension));
  if (is_new) return;
  Error(file, extension.number_location,
        "number " + std::to_string(extension.number) + " of \"" + extension.extendee->full_name +
            "\" is already that of \"" + other->second.second->full_name + "\" in " +
            other->second.first->path);
}

std::vector<const FileDescriptor*> Linker::WithImports(
    const std::vector<const FileDescriptor*>& files) const {
  std::vector<const FileDescriptor*> ordered;
  std::set<const FileDescriptor*> seen;
  // Files import each other in no circle, and a chain is as deep as loading it was.
  const auto visit = [&](const auto& self, const FileDescriptor* file) -> void {
    if (file == nullptr || !seen.insert(file).second) return;
    for (const ImportDescriptor& import : file->imports) self(self, import.file);
    ordered.push_back(file);
  };
  for (const FileDescriptor* file : files) visit(visit, file);
  return ordered;
}

}  // namespace penstock::codec::compiler
