// DescriptorPool: descriptors at run time: files as protoc, penstockc or a server's reflection give
// them, linked, and found by name.
//
//     DescriptorPool pool;
//     std::string error;
//     if (!pool.AddFileSet(octets, &error)) return Fail(error);
//     const MessageDescriptor* message = pool.FindMessage("shop.Cart");
//
// Ownership: descriptors live as long as the pool and are never changed.
// Threading: one thread adds; const methods may run on several when none does.
// Limits:    a file's size is the caller's to bound; what linking it takes grows with it.
#ifndef PENSTOCK_CODEC_REFLECTION_DESCRIPTOR_POOL_H_
#define PENSTOCK_CODEC_REFLECTION_DESCRIPTOR_POOL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/descriptor_linker.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/embedded_file.h"

namespace penstock::codec::reflection {

using compiler::EnumDescriptor;
using compiler::EnumValueDescriptor;
using compiler::FieldDescriptor;
using compiler::FileDescriptor;
using compiler::MessageDescriptor;
using compiler::MethodDescriptor;
using compiler::OneofDescriptor;
using compiler::ServiceDescriptor;

class DescriptorPool {
 public:
  DescriptorPool() : linker_(&diagnostics_) {}
  DescriptorPool(const DescriptorPool&) = delete;
  DescriptorPool& operator=(const DescriptorPool&) = delete;

  // Adds a serialised FileDescriptorProto whose imports are there already. Null, with sentences in
  // *error and the pool as before, when anything about it is wrong. The same octets may come again.
  const FileDescriptor* AddFile(std::string_view octets, std::string* error);

  // Adds the files of a serialised FileDescriptorSet, each behind its imports as `penstockc
  // --descriptor_set_out --include_imports` writes them. Those before a faulty one stay.
  [[nodiscard]] bool AddFileSet(std::string_view octets, std::string* error);

  // Adds the file of a generated class (MessageAccess::File<M>()) with all it imports.
  const FileDescriptor* AddEmbedded(const EmbeddedFile& file, std::string* error);

  // By path or full name, "shop.Cart" without a dot before it; null when there is none.
  const FileDescriptor* FindFile(std::string_view path) const;
  const MessageDescriptor* FindMessage(std::string_view full_name) const;
  const EnumDescriptor* FindEnum(std::string_view full_name) const;
  const ServiceDescriptor* FindService(std::string_view full_name) const;
  const FieldDescriptor* FindExtension(std::string_view full_name) const;
  const FieldDescriptor* FindExtension(const MessageDescriptor& extendee, uint32_t number) const;
  // The file that declares whatever has that name: also fields, methods and enum values.
  const FileDescriptor* FindFileOf(std::string_view full_name) const;

  // In the order in which they were added: each behind its imports.
  const std::vector<const FileDescriptor*>& files() const { return files_; }
  // As they were given to AddFile(). The file is one of the pool's.
  std::string_view OctetsOf(const FileDescriptor& file) const;

 private:
  struct Entry {
    std::unique_ptr<FileDescriptor> file;
    std::string octets;
  };

  bool SetImports(FileDescriptor* file);

  compiler::Diagnostics diagnostics_;  // of the file under way
  compiler::DescriptorLinker linker_;
  std::map<std::string, Entry, std::less<>> by_path_;
  std::map<std::string_view, const ServiceDescriptor*> services_;
  std::vector<const FileDescriptor*> files_;
};

}  // namespace penstock::codec::reflection

#endif  // PENSTOCK_CODEC_REFLECTION_DESCRIPTOR_POOL_H_
