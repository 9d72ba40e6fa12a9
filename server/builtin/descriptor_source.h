// DescriptorSource: what a server's reflection answers from: the .proto files that declare the
// methods of its registry, with all they import.
//
//     DescriptorSource source(&registry);
//     const FileDescriptor* file = source.pool().FindFileOf("helloworld.Greeter");
//
// The pool is made when somebody first asks: a server that nobody asks pays for the octets of its
// descriptors alone. A file that contradicts those before it is left out, and named on stderr.
//
// Ownership: the registry outlives it.
// Threading: any thread, while the registry is not changed any more.
#ifndef PENSTOCK_SERVER_BUILTIN_DESCRIPTOR_SOURCE_H_
#define PENSTOCK_SERVER_BUILTIN_DESCRIPTOR_SOURCE_H_

#include <cstdint>
#include <mutex>
#include <set>
#include <string_view>
#include <vector>

#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/server/registry.h"

namespace penstock::server {

class DescriptorSource {
 public:
  using FileDescriptor = codec::reflection::FileDescriptor;
  using MessageDescriptor = codec::reflection::MessageDescriptor;
  using Files = std::set<const FileDescriptor*>;

  explicit DescriptorSource(const Registry* registry) : registry_(*registry) {}

  const Registry& registry() const { return registry_; }
  const codec::reflection::DescriptorPool& pool() const;

  // The serialised file, and those of what it imports, directly or not, that are not in `*sent`,
  // which they enter. The file itself comes first, and in any case.
  std::vector<std::string_view> WithImports(const FileDescriptor& file, Files* sent) const;

  // Of the extensions of that message, sorted.
  std::vector<int32_t> ExtensionNumbers(const MessageDescriptor& extendee) const;

 private:
  void FillPool() const;

  const Registry& registry_;
  mutable std::once_flag filled_;
  mutable codec::reflection::DescriptorPool pool_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_BUILTIN_DESCRIPTOR_SOURCE_H_
