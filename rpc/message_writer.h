// MessageWriter: a message of any type, ready to be serialised where it will be sent from.
#ifndef PENSTOCK_RPC_MESSAGE_WRITER_H_
#define PENSTOCK_RPC_MESSAGE_WRITER_H_

#include <cstddef>
#include <cstdint>

#include "penstock/codec/message_format.h"

namespace penstock::rpc {

// Ownership: views the message, for the length of one call.
class MessageWriter {
 public:
  // As its codec::MessageFormat says.
  template <typename Message>
  explicit MessageWriter(const Message& message)
      : message_(&message),
        byte_size_(codec::MessageFormat<Message>::ByteSize(message)),
        serialize_([](const void* erased, uint8_t* target) {
          return codec::MessageFormat<Message>::SerializeTo(*static_cast<const Message*>(erased),
                                                            target);
        }) {}

  size_t byte_size() const { return byte_size_; }
  // Writes byte_size() octets and returns the end.
  uint8_t* SerializeTo(uint8_t* target) const { return serialize_(message_, target); }

 private:
  const void* message_;
  size_t byte_size_;
  uint8_t* (*serialize_)(const void* message, uint8_t* target);
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_MESSAGE_WRITER_H_
