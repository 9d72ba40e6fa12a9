// EmbeddedFile: what x.descriptor.cc, made from x.proto, holds: the serialised descriptor, and
// which class has which message. codec/reflection reads it; nothing else refers to it, so a program
// without reflection links none.
#ifndef PENSTOCK_CODEC_EMBEDDED_FILE_H_
#define PENSTOCK_CODEC_EMBEDDED_FILE_H_

#include <cstdint>
#include <string_view>

#include "penstock/codec/message_layout.h"

namespace penstock::codec {

struct EmbeddedMessage {
  std::string_view full_name;
  const MessageLayout* layout;
};

struct EmbeddedFile {
  std::string_view octets;             // a FileDescriptorProto without places and comments
  const EmbeddedFile* const* imports;  // in the order of the .proto
  uint32_t import_count;
  const EmbeddedMessage* messages;  // all that have a class
  uint32_t message_count;
};

}  // namespace penstock::codec

#endif  // PENSTOCK_CODEC_EMBEDDED_FILE_H_
