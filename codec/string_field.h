// StringField: how a message holds one string or bytes field: a pointer, a size, and a capacity
// that is zero when the octets are not the message's own.
//
// Ownership: the octets lie in the arena of the message, or (capacity 0) in the input that was
//            parsed with StringRule::kAlias.
#ifndef PENSTOCK_CODEC_STRING_FIELD_H_
#define PENSTOCK_CODEC_STRING_FIELD_H_

#include <cstdint>
#include <cstring>
#include <string_view>

#include "penstock/codec/message_head.h"

namespace penstock::codec {

class StringField {
 public:
  constexpr StringField() = default;

  constexpr std::string_view view() const { return {data_, size_}; }
  constexpr uint32_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }

  // Copies `text` into memory of the message with that head. `text` may be a part of this field.
  void Assign(MessageHead& head, std::string_view text) {
    if (PENSTOCK_UNLIKELY(text.size() > capacity_)) return AssignGrowing(head, text);
    if (!text.empty()) std::memmove(data_, text.data(), text.size());
    size_ = static_cast<uint32_t>(text.size());
  }

  // For what a peer sent, no part of this field: false when the arena's cap allows no more.
  [[nodiscard]] bool TryAssign(MessageHead& head, std::string_view text) {
    if (PENSTOCK_UNLIKELY(text.size() > capacity_ && !TryGrow(head, text.size()))) return false;
    if (!text.empty()) std::memcpy(data_, text.data(), text.size());
    size_ = static_cast<uint32_t>(text.size());
    return true;
  }

  // Views `text`, which must outlive this field's content.
  void Alias(std::string_view text) {
    data_ = const_cast<char*>(text.data());  // capacity 0: never written through
    size_ = static_cast<uint32_t>(text.size());
    capacity_ = 0;
  }

  // Keeps the room for the next content.
  void Clear() {
    size_ = 0;
    if (capacity_ == 0) data_ = nullptr;
  }

 private:
  size_t CapacityFor(size_t bytes) const;
  void AssignGrowing(MessageHead& head, std::string_view text);
  bool TryGrow(MessageHead& head, size_t bytes);

  char* data_ = nullptr;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;  // of data_; 0 when it is viewed
};

static_assert(sizeof(StringField) == 16, "the size of a string_view");

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_STRING_FIELD_H_
