// ScratchMessage: an empty message of any type, on its own: what an Any holds, while it is printed.
#ifndef PENSTOCK_CODEC_JSON_SCRATCH_MESSAGE_H_
#define PENSTOCK_CODEC_JSON_SCRATCH_MESSAGE_H_

#include <cstring>
#include <new>

#include "penstock/codec/reflection/message_ref.h"
#include "penstock/wire/arena.h"

namespace penstock::codec::json {

class ScratchMessage {
 public:
  explicit ScratchMessage(const reflection::MessageType& type) : type_(type) {
    void* room = arena_.Allocate(type.layout().bytes, alignof(MessageHead));
    std::memset(room, 0, type.layout().bytes);
    head_ = new (room) MessageHead(&arena_);
  }

  reflection::MessageRef ref() { return {*head_, type_}; }

 private:
  wire::Arena arena_;
  const reflection::MessageType& type_;
  MessageHead* head_;
};

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_SCRATCH_MESSAGE_H_
