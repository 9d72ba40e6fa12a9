// DynamicTypes and DynamicMessage: messages of descriptors that the program met at run time, such
// as those of a server that is asked for them.
//
//     DynamicTypes types(pool);
//     const MessageType* type = types.FindType("shop.Cart");
//     if (type == nullptr) ...
//     DynamicMessage cart(*type);
//     if (!cart.ParseFrom(octets).ok()) ...
//     for (const Field& field : type->fields()) ... cart.ref().Get(field) ...
//
// What generated messages do, these do: presence, defaults, oneofs, maps, groups, closed enums,
// required fields, UTF-8, and the same octets both ways. Extensions are unknown fields.
#ifndef PENSTOCK_CODEC_REFLECTION_DYNAMIC_MESSAGE_H_
#define PENSTOCK_CODEC_REFLECTION_DYNAMIC_MESSAGE_H_

#include <mutex>
#include <string>
#include <string_view>

#include "penstock/codec/parse_result.h"
#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/codec/reflection/dynamic_layout.h"
#include "penstock/codec/reflection/message_ref.h"
#include "penstock/codec/reflection/message_type.h"
#include "penstock/codec/reflection/type_table.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"

namespace penstock::codec::reflection {

// The types of a pool's messages, made when they are first asked for.
// Ownership: the pool outlives this, and this its types' messages.
// Threading: any thread, while nobody adds to the pool: docs/decisions/0007.
class DynamicTypes final : public TypeSource {
 public:
  explicit DynamicTypes(const DescriptorPool& pool) : pool_(pool), table_(this) {}

  // Null when the pool has no message of that name. The entries of maps are none.
  const MessageType* FindType(std::string_view full_name) const override;
  // A message of the pool, such as what a method takes.
  const MessageType& TypeOf(const MessageDescriptor& descriptor) const;

 private:
  const DescriptorPool& pool_;
  mutable std::mutex mutex_;
  mutable DynamicLayouts layouts_;
  mutable TypeTable table_;
};

// A message of any type, one of a generated class included. Free-standing, or in an arena that
// outlives it; copies are free-standing.
class DynamicMessage {
 public:
  explicit DynamicMessage(const MessageType& type, wire::Arena* arena = nullptr);
  DynamicMessage(const DynamicMessage& from);
  DynamicMessage(DynamicMessage&& from) noexcept;
  // Takes the type, too.
  DynamicMessage& operator=(DynamicMessage from) noexcept;
  ~DynamicMessage();
  friend bool operator==(const DynamicMessage& a, const DynamicMessage& b);

  const MessageType& type() const { return *type_; }
  // For everything else that messages do.
  MessageRef ref() { return {*head_, *type_}; }
  ConstMessageRef ref() const { return {*head_, *type_}; }

  // As the methods of generated messages.
  void Clear() { ref().Clear(); }
  ParseResult ParseFrom(wire::Bytes input, StringRule rule = StringRule::kCopy) {
    return ref().ParseFrom(input, rule);
  }
  ParseResult MergeFromBytes(wire::Bytes input, StringRule rule = StringRule::kCopy) {
    return ref().MergeFromBytes(input, rule);
  }
  size_t ByteSize() const { return ref().ByteSize(); }
  uint8_t* SerializeTo(uint8_t* target, MapOrder order = MapOrder::kAsStored) const {
    return type_->layout().Serialize(*head_, target, order);
  }
  std::string SerializeAsString(MapOrder order = MapOrder::kAsStored) const {
    return ref().SerializeAsString(order);
  }

 private:
  void Exchange(DynamicMessage& other);

  const MessageType* type_;
  MessageHead* head_;
  bool in_arena_;
};

}  // namespace penstock::codec::reflection

#endif  // PENSTOCK_CODEC_REFLECTION_DYNAMIC_MESSAGE_H_
