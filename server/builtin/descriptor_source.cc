#include "penstock/server/builtin/descriptor_source.h"

#include <algorithm>
#include <cstdio>
#include <string>

namespace penstock::server {
namespace {

using codec::reflection::FieldDescriptor;
using codec::reflection::FileDescriptor;
using codec::reflection::MessageDescriptor;

void Gather(const std::vector<FieldDescriptor>& extensions, const MessageDescriptor& extendee,
            std::vector<int32_t>* numbers) {
  for (const FieldDescriptor& extension : extensions) {
    if (extension.extendee == &extendee) numbers->push_back(static_cast<int32_t>(extension.number));
  }
}

// Recursion: as deep as the program's own .proto files nest messages.
void GatherWithin(const MessageDescriptor& scope, const MessageDescriptor& extendee,
                  std::vector<int32_t>* numbers) {
  Gather(scope.extensions, extendee, numbers);
  for (const auto& nested : scope.messages) GatherWithin(*nested, extendee, numbers);
}

}  // namespace

const codec::reflection::DescriptorPool& DescriptorSource::pool() const {
  std::call_once(filled_, [this] { FillPool(); });
  return pool_;
}

void DescriptorSource::FillPool() const {
  for (const codec::EmbeddedFile* file : registry_.files()) {
    std::string error;
    if (pool_.AddEmbedded(*file, &error) != nullptr) continue;
    std::fprintf(stderr, "penstock: reflection leaves out a .proto file of this program: %s\n",
                 error.c_str());
  }
}

std::vector<std::string_view> DescriptorSource::WithImports(const FileDescriptor& file,
                                                            Files* sent) const {
  std::vector<std::string_view> octets;
  Files seen = {&file};
  std::vector<const FileDescriptor*> queue = {&file};
  for (size_t next = 0; next < queue.size(); ++next) {
    const FileDescriptor& each = *queue[next];
    if (sent->insert(&each).second || next == 0) octets.push_back(pool().OctetsOf(each));
    for (const auto& import : each.imports) {
      if (import.file != nullptr && seen.insert(import.file).second) queue.push_back(import.file);
    }
  }
  return octets;
}

std::vector<int32_t> DescriptorSource::ExtensionNumbers(const MessageDescriptor& extendee) const {
  std::vector<int32_t> numbers;
  for (const FileDescriptor* file : pool().files()) {
    Gather(file->extensions, extendee, &numbers);
    for (const auto& message : file->messages) GatherWithin(*message, extendee, &numbers);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace penstock::server
