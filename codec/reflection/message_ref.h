// ConstMessageRef and MessageRef: reading and changing a message whose class is not known, of a
// generated class or a DynamicMessage alike. They are pointers: copy them.
//
//     ConstMessageRef cart = Reflect(request);
//     for (const Field& field : cart.type().fields()) {
//       if (field.singular() && cart.Has(field)) Print(field.name(), cart.Get(field));
//     }
//     MessageRef out = Reflect(reply);
//     out.Set(*out.type().FindByName("total"), Value(int64_t{7}));
//
// A Field must be one of type(), singular, repeated or a map as the method says, and a Value of its
// kind: anything else is a bug of the program and ends it.
//
// Ownership: good as long as the message.
// Limits:    the Try... methods are for what a peer sent: they answer false, or nothing, when the
//            arena's cap allows no more. The others take what they need.
#ifndef PENSTOCK_CODEC_REFLECTION_MESSAGE_REF_H_
#define PENSTOCK_CODEC_REFLECTION_MESSAGE_REF_H_

#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "penstock/codec/map_base.h"
#include "penstock/codec/message_head.h"
#include "penstock/codec/message_layout.h"
#include "penstock/codec/message_operations.h"
#include "penstock/codec/parse_result.h"
#include "penstock/codec/reflection/message_type.h"
#include "penstock/codec/reflection/value.h"
#include "penstock/codec/string_field.h"
#include "penstock/wire/bytes.h"

namespace penstock::codec::reflection {

struct MapEntry {
  Value key;
  Value value;
};

// The entries of a map, for a range-based for; in no order.
class MapEntries {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = MapEntry;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = MapEntry;

    Iterator(const MapBase* map, const MapNode* node, const Field* field)
        : map_(map), node_(node), field_(field) {}
    MapEntry operator*() const;
    Iterator& operator++() {
      node_ = map_->Next(node_);
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.node_ == b.node_; }

   private:
    const MapBase* map_;
    const MapNode* node_;
    const Field* field_;
  };

  MapEntries(const MapBase& map, const Field& field) : map_(map), field_(field) {}
  Iterator begin() const { return {&map_, map_.First(), &field_}; }
  Iterator end() const { return {&map_, nullptr, &field_}; }

 private:
  const MapBase& map_;
  const Field& field_;
};

class ConstMessageRef {
 public:
  ConstMessageRef(const MessageHead& head, const MessageType& type) : head_(&head), type_(&type) {}

  const MessageType& type() const { return *type_; }
  const MessageHead& head() const { return *head_; }

  // Repeated fields and maps are there when they are not empty.
  bool Has(const Field& field) const;

  // Singular fields: the value, or the default of a field that is not there.
  Value Get(const Field& field) const;
  // The one that is present of type().descriptor().oneofs[index]; null: none.
  const Field* Selected(size_t oneof_index) const;

  // Repeated fields; Size() of maps, too.
  size_t Size(const Field& field) const;
  Value At(const Field& field, size_t index) const;

  // Maps.
  MapEntries Entries(const Field& field) const;
  std::optional<Value> Lookup(const Field& field, const Value& key) const;

  // Fields that the descriptor does not have, as they came.
  wire::Bytes unknown_fields() const { return head_->unknown_fields(); }

  // As the methods of generated messages.
  size_t ByteSize() const { return type_->layout().ByteSize(*head_); }
  std::string SerializeAsString(MapOrder order = MapOrder::kAsStored) const {
    return MessageOperations::SerializeAsString(*head_, type_->layout(), order);
  }
  bool IsInitialized() const;
  std::string InitializationErrorString() const;

 protected:
  void CheckOwns(const Field& field) const {
    const std::span<const Field> fields = type_->fields();
    PENSTOCK_CHECK(&field >= fields.data() && &field < fields.data() + fields.size(),
                   "the field is one of the message's type");
  }

  const MessageHead* head_;
  const MessageType* type_;
};

// As with the setters of generated messages, texts are not asked whether they are UTF-8, nor enums
// whether they have the number.
class MessageRef : public ConstMessageRef {
 public:
  MessageRef(MessageHead& head, const MessageType& type) : ConstMessageRef(head, type) {}

  MessageHead& head() const { return *const_cast<MessageHead*>(head_); }

  // Singular fields.
  void Set(const Field& field, const Value& value) const { (void)Store(field, value, false); }
  [[nodiscard]] bool TrySet(const Field& field, const Value& value) const {
    return Store(field, value, true);
  }
  // The message in the field, made when it is not there.
  MessageRef Mutable(const Field& field) const { return *Child(field, false); }
  std::optional<MessageRef> TryMutable(const Field& field) const { return Child(field, true); }

  // Repeated fields.
  void Add(const Field& field, const Value& value) const { (void)Append(field, value, false); }
  [[nodiscard]] bool TryAdd(const Field& field, const Value& value) const {
    return Append(field, value, true);
  }
  MessageRef AddMessage(const Field& field) const { return *AppendMessage(field, false); }
  std::optional<MessageRef> TryAddMessage(const Field& field) const {
    return AppendMessage(field, true);
  }
  void SetAt(const Field& field, size_t index, const Value& value) const;
  MessageRef MutableAt(const Field& field, size_t index) const;
  // Takes away the elements from `size` on.
  void Truncate(const Field& field, size_t size) const;

  // Maps. An entry replaces the one that has its key.
  void Insert(const Field& field, const Value& key, const Value& value) const {
    (void)Put(field, key, value, false);
  }
  [[nodiscard]] bool TryInsert(const Field& field, const Value& key, const Value& value) const {
    return Put(field, key, value, true);
  }
  // The value of a new entry, an empty message.
  MessageRef InsertMessage(const Field& field, const Value& key) const {
    return *PutMessage(field, key, false);
  }
  std::optional<MessageRef> TryInsertMessage(const Field& field, const Value& key) const {
    return PutMessage(field, key, true);
  }
  // The value of an entry that is there; nothing when there is none.
  std::optional<MessageRef> MutableLookup(const Field& field, const Value& key) const;
  bool Erase(const Field& field, const Value& key) const;

  // Any field.
  void ClearField(const Field& field) const {
    CheckOwns(field);
    MessageOperations::ClearField(head(), field.layout(), type_->layout());
  }
  void Clear() const { MessageOperations::Clear(head(), type_->layout()); }
  // The other message is of the same type.
  void MergeFrom(ConstMessageRef from) const;
  void CopyFrom(ConstMessageRef from) const;

  // As the methods of generated messages.
  [[nodiscard]] ParseResult ParseFrom(wire::Bytes input, StringRule rule = StringRule::kCopy) const;
  [[nodiscard]] ParseResult MergeFromBytes(wire::Bytes input,
                                           StringRule rule = StringRule::kCopy) const;

 private:
  bool Store(const Field& field, const Value& value, bool capped) const;
  std::optional<MessageRef> Child(const Field& field, bool capped) const;
  bool Append(const Field& field, const Value& value, bool capped) const;
  std::optional<MessageRef> AppendMessage(const Field& field, bool capped) const;
  bool StoreText(StringField& text, std::string_view value, bool capped) const;
  MapNode* PutNode(const Field& field, const Value& key, bool capped) const;
  bool Put(const Field& field, const Value& key, const Value& value, bool capped) const;
  std::optional<MessageRef> PutMessage(const Field& field, const Value& key, bool capped) const;
};

inline Value::Value(ConstMessageRef message)
    : kind_(ValueKind::kMessage), message_{&message.head(), &message.type()} {}

inline ConstMessageRef Value::message() const {
  const Message& message = Checked(ValueKind::kMessage).message_;
  return {*message.head, *message.type};
}

}  // namespace penstock::codec::reflection

#endif  // PENSTOCK_CODEC_REFLECTION_MESSAGE_REF_H_
