#include "penstock/codec/reflection/generated_types.h"

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/codec/reflection/type_table.h"
#include "penstock/wire/check.h"

namespace penstock::codec::reflection {
namespace {

class Registry final : public TypeSource {
 public:
  // Never destroyed: types are handed out for ever.
  static Registry& Instance() {
    static auto* const registry = new Registry;
    return *registry;
  }

  const MessageType* FindType(std::string_view full_name) const override {
    const std::scoped_lock lock(mutex_);
    const auto it = types_.find(full_name);
    return it == types_.end() ? nullptr : it->second;
  }

  const MessageType& TypeIn(const EmbeddedFile& file, std::string_view full_name) {
    const std::scoped_lock lock(mutex_);
    AddFile(file);
    const auto it = types_.find(full_name);
    PENSTOCK_CHECK(it != types_.end(), "a generated file has the messages it names");
    return *it->second;
  }

 private:
  Registry() : table_(this) {}

  // Recursion: as deep as the program's own .proto files import each other.
  void AddFile(const EmbeddedFile& file) {
    if (!files_.insert(&file).second) return;
    for (uint32_t i = 0; i < file.import_count; ++i) AddFile(*file.imports[i]);
    std::string error;
    const FileDescriptor* descriptor = pool_.AddFile(file.octets, &error);
    // Two files that cannot be in one program, as when both declare one name.
    PENSTOCK_CHECK(descriptor != nullptr, error.c_str());
    for (uint32_t i = 0; i < file.message_count; ++i) {
      const EmbeddedMessage& message = file.messages[i];
      const MessageDescriptor* of_message = pool_.FindMessage(message.full_name);
      PENSTOCK_CHECK(of_message != nullptr, "a generated file has the messages it names");
      types_.emplace(message.full_name, &table_.Add(*of_message, *message.layout));
    }
  }

  mutable std::mutex mutex_;
  DescriptorPool pool_;
  TypeTable table_;
  std::set<const EmbeddedFile*> files_;
  std::map<std::string_view, const MessageType*> types_;
};

}  // namespace

const MessageType& GeneratedType(const EmbeddedFile& file, std::string_view full_name) {
  return Registry::Instance().TypeIn(file, full_name);
}

const TypeSource& GeneratedTypes() { return Registry::Instance(); }

}  // namespace penstock::codec::reflection
