#include "penstock/codec/reflection/dynamic_message.h"

#include <cstring>
#include <new>
#include <utility>

namespace penstock::codec::reflection {

const MessageType* DynamicTypes::FindType(std::string_view full_name) const {
  const MessageDescriptor* descriptor = pool_.FindMessage(full_name);
  if (descriptor == nullptr || descriptor->is_map_entry) return nullptr;
  return &TypeOf(*descriptor);
}

const MessageType& DynamicTypes::TypeOf(const MessageDescriptor& descriptor) const {
  PENSTOCK_CHECK(!descriptor.is_map_entry, "the entry of a map is no message of its own");
  const std::scoped_lock lock(mutex_);
  const MessageType* known = table_.Find(descriptor);
  return known != nullptr ? *known : table_.Add(descriptor, layouts_.Of(descriptor));
}

// What lies behind the head of a new message is zero: see MessageHead.
DynamicMessage::DynamicMessage(const MessageType& type, wire::Arena* arena)
    : type_(&type), in_arena_(arena != nullptr) {
  const size_t bytes = type.layout().bytes;
  void* memory = in_arena_ ? arena->Allocate(bytes) : ::operator new(bytes);
  std::memset(memory, 0, bytes);
  head_ = new (memory) MessageHead(arena);
}

DynamicMessage::DynamicMessage(const DynamicMessage& from) : DynamicMessage(*from.type_) {
  MessageOperations::Merge(*head_, *from.head_, type_->layout());
}

DynamicMessage::DynamicMessage(DynamicMessage&& from) noexcept : DynamicMessage(*from.type_) {
  Exchange(from);
}

DynamicMessage& DynamicMessage::operator=(DynamicMessage from) noexcept {
  Exchange(from);
  return *this;
}

void DynamicMessage::Exchange(DynamicMessage& other) {
  std::swap(type_, other.type_);
  std::swap(head_, other.head_);
  std::swap(in_arena_, other.in_arena_);
}

DynamicMessage::~DynamicMessage() {
  if (in_arena_) return;
  head_->~MessageHead();
  ::operator delete(head_);
}

bool operator==(const DynamicMessage& a, const DynamicMessage& b) {
  return a.type_ == b.type_ && MessageOperations::Equal(*a.head_, *b.head_, a.type_->layout());
}

}  // namespace penstock::codec::reflection
