#include "penstock/codec/compiler/linker.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "penstock/codec/compiler/default_values.h"
#include "penstock/codec/compiler/descriptor_checks.h"
#include "penstock/codec/compiler/features.h"
#include "penstock/codec/compiler/option_interpreter.h"
#include "penstock/codec/compiler/parser.h"
#include "penstock/wire/suggestion.h"

namespace penstock::codec::compiler {

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
  LinkFile(file);
  return file;
}

const FileDescriptor* Linker::Adopt(std::unique_ptr<FileDescriptor> adopted) {
  const auto [it, is_new] = files_.emplace(adopted->path, std::move(adopted));
  FileDescriptor* file = it->second.get();
  if (!is_new) return file;
  loading_.push_back(file->path);
  LoadImports(file);
  loading_.pop_back();
  linker_.Link(file);
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
    if (passes_on || linker_.symbols().IsUsed(file, *import.file)) continue;
    diagnostics_->AddWarning(file.path, import.location,
                             "import \"" + import.path + "\" is not used");
  }
}

// Types first: values of options need them. Then the standard options, what follows from them, and
// with that the custom ones and all that is left to check.
void Linker::LinkFile(FileDescriptor* file) {
  linker_.symbols().DeclareFile(*file);
  linker_.LinkTypes(file);
  OptionInterpreter options(linker_.symbols(), file, diagnostics_);
  options.InterpretStandard();
  ResolveFeatures(file, diagnostics_);
  options.InterpretCustom();
  ForEachField(file, [&](FieldDescriptor& field) { ResolveDefault(*file, &field, diagnostics_); });
  linker_.Check(*file);
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
