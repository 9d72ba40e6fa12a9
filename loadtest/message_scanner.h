// MessageScanner: where the messages of a response end, in DATA that comes in pieces of any size.
// It looks at nothing but their prefixes.
//
//     MessageScanner scanner;
//     messages_count += scanner.Scan(event.data);   // of those that end in it
//     if (event.end_stream && !scanner.between_messages()) ... the last one is cut off ...
//
// Spec: gRPC PROTOCOL-HTTP2, "Length-Prefixed-Message"
#ifndef PENSTOCK_LOADTEST_MESSAGE_SCANNER_H_
#define PENSTOCK_LOADTEST_MESSAGE_SCANNER_H_

#include <array>
#include <cstdint>

#include "penstock/wire/bytes.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::loadtest {

class MessageScanner {
 public:
  // `data` follows what was scanned before. Returns how many messages end in it.
  uint64_t Scan(wire::Bytes data);
  // What was scanned ends with a message, or is empty.
  bool between_messages() const { return body_bytes_left_ == 0 && prefix_bytes_ == 0; }

 private:
  uint32_t body_bytes_left_ = 0;  // of the message under way
  uint8_t prefix_bytes_ = 0;      // of a prefix that is cut
  std::array<uint8_t, wire::kMessagePrefixBytes> prefix_;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_MESSAGE_SCANNER_H_
