// MessageAccess: the runtime's way into generated messages, whose members are private.
#ifndef PENSTOCK_CODEC_MESSAGE_ACCESS_H_
#define PENSTOCK_CODEC_MESSAGE_ACCESS_H_

#include <cstdint>

#include "penstock/codec/message_head.h"
#include "penstock/codec/message_layout.h"
#include "penstock/codec/repeated_field.h"

namespace penstock::codec {

class Parser;

struct MessageAccess {
  template <typename M>
  static MessageHead& Head(M& message) {
    return message.Head_;
  }
  template <typename M>
  static const MessageHead& Head(const M& message) {
    return message.Head_;
  }
  template <typename M>
  static constexpr const MessageLayout& Layout() {
    return M::kLayout_;
  }
  template <typename M>
  static const uint8_t* ParseFields(M& message, Parser& parser, const uint8_t* p,
                                    const uint8_t* end) {
    return message.ParseFields(parser, p, end);
  }
  // A new, empty M inside the message with that head.
  template <typename M>
  static M* NewChild(MessageHead& parent) {
    M* child = parent.ArenaForContent().New<M>();
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
