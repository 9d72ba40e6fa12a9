// MessageWriter: a message of any type, ready to be serialised where it will be sent from.
#ifndef PENSTOCK_RPC_MESSAGE_WRITER_H_
#define PENSTOCK_RPC_MESSAGE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "penstock/codec/message_format.h"
#include "penstock/wire/bytes.h"

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

  // Octets that are written as they stand; `compressed`: they are the compressed form.
  // Ownership: views `octets` itself, too.
  static MessageWriter OfOctets(const wire::Bytes* octets, bool compressed) {
    return MessageWriter(octets, octets->size(), compressed, &CopyOctets);
  }

  size_t byte_size() const { return byte_size_; }
  // The flag of the message's prefix.
  bool compressed() const { return compressed_; }
  // Writes byte_size() octets and returns the end.
  uint8_t* SerializeTo(uint8_t* target) const { return serialize_(message_, target); }

 private:
  using Serialize = uint8_t* (*)(const void* message, uint8_t* target);

  MessageWriter(const void* message, size_t byte_size, bool compressed, Serialize serialize)
      : message_(message),
        byte_size_(byte_size),
        compressed_(compressed),
        serialize_(serialize) {}

  static uint8_t* CopyOctets(const void* erased, uint8_t* target) {
    const wire::Bytes octets = *static_cast<const wire::Bytes*>(erased);
    if (!octets.empty()) std::memcpy(target, octets.data(), octets.size());
    return target + octets.size();
  }

  const void* message_;
  size_t byte_size_;
  bool compressed_ = false;
  Serialize serialize_;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_MESSAGE_WRITER_H_
