#include "penstock/codec/reflection/descriptor_pool.h"

#include <utility>

#include "penstock/codec/compiler/descriptor_reader.h"
#include "penstock/codec/compiler/symbol_table.h"
#include "penstock/codec/compiler/wire_fields.h"

namespace penstock::codec::reflection {
namespace {

constexpr uint32_t kFileOfSet = 1;  // FileDescriptorSet.file

}  // namespace

const FileDescriptor* DescriptorPool::AddFile(std::string_view octets, std::string* error) {
  diagnostics_ = {};
  std::unique_ptr<FileDescriptor> file = compiler::ReadFileDescriptor(octets, &diagnostics_);
  if (file != nullptr) {
    const auto known = by_path_.find(file->path);
    if (known != by_path_.end() && known->second.octets == octets) return known->second.file.get();
    if (known != by_path_.end()) {
      diagnostics_.AddError(file->path, {},
                            "the pool has a file of this path already, and it is another");
    } else if (SetImports(file.get())) {
      linker_.Link(file.get());
      if (!diagnostics_.ok()) linker_.Forget(*file);
    }
  }
  if (!diagnostics_.ok()) {
    *error = diagnostics_.ToString();
    return nullptr;
  }
  const FileDescriptor* added = file.get();
  for (const ServiceDescriptor& service : added->services) {
    services_.emplace(service.full_name, &service);
  }
  files_.push_back(added);
  by_path_.emplace(added->path, Entry{std::move(file), std::string(octets)});
  return added;
}

bool DescriptorPool::SetImports(FileDescriptor* file) {
  for (compiler::ImportDescriptor& import : file->imports) {
    import.file = FindFile(import.path);
    if (import.file != nullptr) continue;
    diagnostics_.AddError(
        file->path, import.location,
        import.path == file->path
            ? "the file imports itself"
            : "import \"" + import.path + "\" is not in the pool: add that file before this one");
  }
  return diagnostics_.ok();
}

bool DescriptorPool::AddFileSet(std::string_view octets, std::string* error) {
  compiler::FieldReader reader(octets);
  for (compiler::WireField field; reader.Next(&field);) {
    if (field.number != kFileOfSet) continue;
    if (AddFile(field.bytes, error) == nullptr) return false;
  }
  if (reader.ok()) return true;
  *error =
      "the octets are no google.protobuf.FileDescriptorSet: write one with penstockc "
      "--descriptor_set_out=FILE --include_imports\n";
  return false;
}

// Recursion: as deep as the program's own .proto files import each other.
const FileDescriptor* DescriptorPool::AddEmbedded(const EmbeddedFile& file, std::string* error) {
  for (uint32_t i = 0; i < file.import_count; ++i) {
    if (AddEmbedded(*file.imports[i], error) == nullptr) return nullptr;
  }
  return AddFile(file.octets, error);
}

const FileDescriptor* DescriptorPool::FindFile(std::string_view path) const {
  const auto it = by_path_.find(path);
  return it == by_path_.end() ? nullptr : it->second.file.get();
}

const MessageDescriptor* DescriptorPool::FindMessage(std::string_view full_name) const {
  const compiler::Symbol* symbol = linker_.symbols().Find(full_name);
  return symbol == nullptr ? nullptr : symbol->message;
}

const EnumDescriptor* DescriptorPool::FindEnum(std::string_view full_name) const {
  const compiler::Symbol* symbol = linker_.symbols().Find(full_name);
  return symbol == nullptr ? nullptr : symbol->enumeration;
}

const ServiceDescriptor* DescriptorPool::FindService(std::string_view full_name) const {
  const auto it = services_.find(full_name);
  return it == services_.end() ? nullptr : it->second;
}

const FieldDescriptor* DescriptorPool::FindExtension(std::string_view full_name) const {
  const compiler::Symbol* symbol = linker_.symbols().Find(full_name);
  return symbol == nullptr ? nullptr : symbol->extension;
}

const FieldDescriptor* DescriptorPool::FindExtension(const MessageDescriptor& extendee,
                                                     uint32_t number) const {
  return linker_.FindExtension(extendee, number);
}

const FileDescriptor* DescriptorPool::FindFileOf(std::string_view full_name) const {
  const compiler::Symbol* symbol = linker_.symbols().Find(full_name);
  return symbol == nullptr || symbol->kind == "package" ? nullptr : symbol->file;
}

std::string_view DescriptorPool::OctetsOf(const FileDescriptor& file) const {
  const auto it = by_path_.find(file.path);
  return it == by_path_.end() ? std::string_view() : std::string_view(it->second.octets);
}

}  // namespace penstock::codec::reflection
