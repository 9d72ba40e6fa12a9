// MessageAccess: the runtime's way into generated messages, whose members are private.
#ifndef PENSTOCK_CODEC_MESSAGE_ACCESS_H_
#define PENSTOCK_CODEC_MESSAGE_ACCESS_H_

#include <cstdint>
#include <new>

#include "penstock/codec/message_head.h"
#include "penstock/codec/message_layout.h"
#include "penstock/codec/repeated_field.h"

namespace penstock::codec {

class Parser;
struct EmbeddedFile;  // embedded_file.h

struct MessageAccess {
  template <typename M>
  static MessageHead& Head(M& message) {
    return message.Head_;
  }
  template <typename M>
  static const MessageHead& Head(const M& message) {
    return message.Head_;
  }
  // Of a message with extension ranges.
  template <typename M>
  static auto& Extensions(M& message) {
    return message.Extensions_;
  }
  template <typename M>
  static constexpr const MessageLayout& Layout() {
    return M::kLayout_;
  }
  // Whoever calls this links the descriptor of M's file.
  template <typename M>
  static const EmbeddedFile& File() {
    return M::File_();
  }
  // The message that has that head.
  template <typename M>
  static M& Of(MessageHead& head) {
    return reinterpret_cast<M&>(head);
  }
  template <typename M>
  static const M& Of(const MessageHead& head) {
    return reinterpret_cast<const M&>(head);
  }
  template <typename M>
  static const uint8_t* Parse(M& message, Parser& parser, const uint8_t* p, const uint8_t* end) {
    return M::Parse_(message.Head_, parser, p, end);
  }
  // A new, empty M inside the message with that head.
  template <typename M>
  static M* NewChild(MessageHead& parent) {
    M* child = parent.ArenaForContent().New<M>();
    child->Head_.BecomeChildOf(parent);
    return child;
  }
  // The same for what a peer sent: null when the arena's cap allows no more.
  template <typename M>
  static M* TryNewChild(MessageHead& parent) {
    void* room = parent.ArenaForContent().TryAllocate(sizeof(M), alignof(M));
    if (PENSTOCK_UNLIKELY(room == nullptr)) return nullptr;
    M* child = new (room) M;
    child->Head_.BecomeChildOf(parent);
    return child;
  }
};

template <typename M>
M* RepeatedMessage<M>::Add(MessageHead& head) {
  if (PENSTOCK_UNLIKELY(size_ == capacity_)) Grow(head, size_t{size_} + 1, sizeof(void*));
  void*& element = elements()[size_];
  if (element == nullptr) element = MessageAccess::NewChild<M>(head);
  ++size_;
  return static_cast<M*>(element);
}

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_MESSAGE_ACCESS_H_
