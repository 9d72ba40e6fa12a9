// The three containers of repeated fields: RepeatedField<T> (numbers, bools, enums),
// RepeatedString, and RepeatedMessage<M>; and what mutable_x() gives, which knows the arena.
//
//     for (std::string_view tag : request.tags()) ...
//     request.mutable_scores()->Add(7);            // or request.add_scores(7)
//     for (const Point& point : route.points()) ...
//
// Elements lie one after another in the arena of the message (messages: pointers to them do), and
// an array that grows doubles. References to messages stay good while the field grows; those to
// numbers and the views of strings do not.
#ifndef PENSTOCK_CODEC_REPEATED_FIELD_H_
#define PENSTOCK_CODEC_REPEATED_FIELD_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>

#include "penstock/codec/message_head.h"
#include "penstock/codec/string_field.h"

namespace penstock::codec {

// What the three share: an array in an arena. The element's size is known to the caller.
class RepeatedBase {
 public:
  constexpr RepeatedBase() = default;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The runtime's own. New room is zeroed.
  void* raw_data() const { return data_; }
  uint32_t capacity() const { return capacity_; }
  void SetSize(size_t size) { size_ = static_cast<uint32_t>(size); }
  void Reserve(MessageHead& head, size_t count, size_t element_bytes) {
    if (count > capacity_) Grow(head, count, element_bytes);
  }
  // For what a peer sent: false when the arena's cap allows no more.
  [[nodiscard]] bool TryReserve(MessageHead& head, size_t count, size_t element_bytes) {
    return PENSTOCK_LIKELY(count <= capacity_) || TryGrow(head, count, element_bytes);
  }
  // Null when the arena's cap allows no more.
  void* TryAddRaw(MessageHead& head, size_t element_bytes) {
    if (PENSTOCK_UNLIKELY(!TryReserve(head, size_t{size_} + 1, element_bytes))) return nullptr;
    return static_cast<char*>(data_) + element_bytes * size_++;
  }
  // Room for one more, which the caller fills; size() counts it already.
  void* AddRaw(MessageHead& head, size_t element_bytes) {
    if (PENSTOCK_UNLIKELY(size_ == capacity_)) Grow(head, size_t{size_} + 1, element_bytes);
    return static_cast<char*>(data_) + element_bytes * size_++;
  }

 protected:
  void Grow(MessageHead& head, size_t count, size_t element_bytes);
  bool TryGrow(MessageHead& head, size_t count, size_t element_bytes);
  bool GrowIn(wire::Arena& arena, size_t count, size_t element_bytes, bool capped);

  void* data_ = nullptr;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;
};

static_assert(sizeof(RepeatedBase) == 16);

// Numbers, bools and enums.
template <typename T>
class RepeatedField : public RepeatedBase {
 public:
  using value_type = T;
  using const_iterator = const T*;

  const T* data() const { return static_cast<const T*>(data_); }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  const T& operator[](size_t index) const {
    PENSTOCK_DCHECK(index < size_, "index of a repeated field");
    return data()[index];
  }
  const T& Get(int index) const { return (*this)[static_cast<size_t>(index)]; }

  void Add(MessageHead& head, T value) { *static_cast<T*>(AddRaw(head, sizeof(T))) = value; }
};

// Steps over an array of `Element` and shows each as `Reference`.
template <typename Element, typename Value, typename Reference, Reference (*Show)(Element)>
class RepeatedIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Value;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = Reference;

  RepeatedIterator() = default;
  explicit RepeatedIterator(const Element* at) : at_(at) {}

  Reference operator*() const { return Show(*at_); }
  RepeatedIterator& operator++() {
    ++at_;
    return *this;
  }
  RepeatedIterator operator++(int) { return RepeatedIterator(at_++); }
  RepeatedIterator& operator--() {
    --at_;
    return *this;
  }
  RepeatedIterator operator+(difference_type count) const { return RepeatedIterator(at_ + count); }
  difference_type operator-(const RepeatedIterator& other) const { return at_ - other.at_; }
  friend auto operator<=>(const RepeatedIterator&, const RepeatedIterator&) = default;

 private:
  const Element* at_ = nullptr;
};

// Strings and bytes.
class RepeatedString : public RepeatedBase {
 public:
  static std::string_view Show(StringField field) { return field.view(); }
  using value_type = std::string_view;
  using const_iterator =
      RepeatedIterator<StringField, std::string_view, std::string_view, &RepeatedString::Show>;

  const_iterator begin() const { return const_iterator(fields()); }
  const_iterator end() const { return const_iterator(fields() + size_); }
  std::string_view operator[](size_t index) const {
    PENSTOCK_DCHECK(index < size_, "index of a repeated field");
    return fields()[index].view();
  }
  std::string_view Get(int index) const { return (*this)[static_cast<size_t>(index)]; }

  StringField* fields() const { return static_cast<StringField*>(data_); }
  StringField& AddField(MessageHead& head) {
    return *static_cast<StringField*>(AddRaw(head, sizeof(StringField)));
  }
  // Keeps the room of the elements for those that come next.
  void Truncate(size_t size) {
    for (size_t i = size; i < size_; ++i) fields()[i].Clear();
    SetSize(size);
  }
};

// Messages: an array of pointers. Elements behind size() are empty ones kept for Add.
template <typename M>
class RepeatedMessage : public RepeatedBase {
 public:
  static const M& Show(void* element) { return *static_cast<const M*>(element); }
  using value_type = M;
  using const_iterator = RepeatedIterator<void*, M, const M&, &RepeatedMessage::Show>;

  const_iterator begin() const { return const_iterator(elements()); }
  const_iterator end() const { return const_iterator(elements() + size_); }
  const M& operator[](size_t index) const {
    PENSTOCK_DCHECK(index < size_, "index of a repeated field");
    return Show(elements()[index]);
  }
  const M& Get(int index) const { return (*this)[static_cast<size_t>(index)]; }

  void** elements() const { return static_cast<void**>(data_); }
  M& Mutable(size_t index) const {
    PENSTOCK_DCHECK(index < size_, "index of a repeated field");
    return *static_cast<M*>(elements()[index]);
  }
  M* Add(MessageHead& head);  // in message_access.h: it must know M
  void Truncate(size_t size) {
    for (size_t i = size; i < size_; ++i) static_cast<M*>(elements()[i])->Clear();
    SetSize(size);
  }
};

// What mutable_x() of a repeated field gives: use it like a pointer to the container. What a `*`
// makes of a temporary one is a value, which `for (auto& item : *message.mutable_x())` keeps.
// Ownership: as long as the message.
template <typename T>
class MutableRepeated {
 public:
  MutableRepeated(RepeatedField<T>& field, MessageHead& head) : field_(field), head_(head) {}

  MutableRepeated* operator->() { return this; }
  MutableRepeated& operator*() & { return *this; }
  MutableRepeated operator*() && { return *this; }

  size_t size() const { return field_.size(); }
  T* data() const { return static_cast<T*>(field_.raw_data()); }
  T* begin() const { return data(); }
  T* end() const { return data() + size(); }
  T& operator[](size_t index) const { return data()[index]; }
  void Set(int index, T value) { data()[index] = value; }
  void Add(T value) { field_.Add(head_, value); }
  void Reserve(size_t count) { field_.Reserve(head_, count, sizeof(T)); }
  void Resize(size_t count, T value) {
    Reserve(count);
    for (size_t i = size(); i < count; ++i) data()[i] = value;
    field_.SetSize(count);
  }
  void RemoveLast() { field_.SetSize(size() - 1); }
  void Truncate(size_t count) { field_.SetSize(count); }
  void Clear() { field_.SetSize(0); }

 private:
  RepeatedField<T>& field_;
  MessageHead& head_;
};

class MutableRepeatedString {
 public:
  MutableRepeatedString(RepeatedString& field, MessageHead& head) : field_(field), head_(head) {}

  MutableRepeatedString* operator->() { return this; }
  MutableRepeatedString& operator*() & { return *this; }
  MutableRepeatedString operator*() && { return *this; }

  size_t size() const { return field_.size(); }
  RepeatedString::const_iterator begin() const { return field_.begin(); }
  RepeatedString::const_iterator end() const { return field_.end(); }
  std::string_view operator[](size_t index) const { return field_[index]; }
  void Set(int index, std::string_view text) { field_.fields()[index].Assign(head_, text); }
  void Add(std::string_view text) { field_.AddField(head_).Assign(head_, text); }
  void Reserve(size_t count) { field_.Reserve(head_, count, sizeof(StringField)); }
  void RemoveLast() { field_.Truncate(size() - 1); }
  void Clear() { field_.Truncate(0); }

 private:
  RepeatedString& field_;
  MessageHead& head_;
};

template <typename M>
class MutableRepeatedMessage {
 public:
  MutableRepeatedMessage(RepeatedMessage<M>& field, MessageHead& head)
      : field_(field), head_(head) {}

  MutableRepeatedMessage* operator->() { return this; }
  MutableRepeatedMessage& operator*() & { return *this; }
  MutableRepeatedMessage operator*() && { return *this; }

  size_t size() const { return field_.size(); }
  M& operator[](size_t index) const { return field_.Mutable(index); }
  M* Mutable(int index) const { return &field_.Mutable(static_cast<size_t>(index)); }
  M* Add() { return field_.Add(head_); }
  void Reserve(size_t count) { field_.Reserve(head_, count, sizeof(void*)); }
  void RemoveLast() { field_.Truncate(size() - 1); }
  void Clear() { field_.Truncate(0); }

 private:
  RepeatedMessage<M>& field_;
  MessageHead& head_;
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_REPEATED_FIELD_H_
