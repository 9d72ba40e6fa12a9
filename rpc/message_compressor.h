// MessageCompressor: compresses and decompresses the messages of all calls of a shard, one after
// the other, with contexts and buffers that are used again.
//
//     compressor.Compress(encoding, message, bytes_min,
//                         [&](const MessageWriter& writer) { Send(writer); });
//     DecompressResult result = compressor.Decompress(encoding, octets, bytes_max, &budget, &arena,
//                                                     &plain);
//
// Ownership: makes a wire::Compressor for each encoding that is used, and keeps it.
// Limits:    what it keeps between two messages: those, and wire::ScratchBuffer::kIdleBytesMax in
//            each of two buffers.
#ifndef PENSTOCK_RPC_MESSAGE_COMPRESSOR_H_
#define PENSTOCK_RPC_MESSAGE_COMPRESSOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "penstock/rpc/decompression_budget.h"
#include "penstock/rpc/encodings.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/compressor.h"
#include "penstock/wire/scratch_buffer.h"

namespace penstock::rpc {

class MessageCompressor {
 public:
  // Ownership: `encodings` outlives it.
  explicit MessageCompressor(const Encodings* encodings) : encodings_(*encodings) {}
  MessageCompressor(const MessageCompressor&) = delete;
  MessageCompressor& operator=(const MessageCompressor&) = delete;

  // Calls `send` with what is to be sent: the compressed form, or, where that is not shorter, where
  // the message has less than `bytes_min` octets and with kIdentity, the message as it is.
  template <typename Send>
  void Compress(Encoding encoding, const MessageWriter& message, size_t bytes_min,
                const Send& send) {
    if (encoding == Encoding::kIdentity || message.byte_size() < bytes_min) return send(message);
    send(Written(encoding, message));
    plain_.Trim();
    packed_.Trim();
  }

  // Of a message whose flag is set: `*plain` is what it was, at most `bytes_max` octets, in
  // `arena`. `encoding` is one that there is. What goes in and what comes out is charged to
  // `budget`: empty blocks are work, too.
  [[nodiscard]] wire::DecompressResult Decompress(Encoding encoding, wire::Bytes octets,
                                                  uint32_t bytes_max, DecompressionBudget* budget,
                                                  wire::Arena* arena, wire::Bytes* plain);

  // What a call ends with when its message could not be decompressed: RESOURCE_EXHAUSTED for one
  // that is too large, else INTERNAL.
  static Status StatusOf(wire::DecompressResult result, std::string_view encoding_name,
                         uint32_t bytes_max);

 private:
  MessageWriter Written(Encoding encoding, const MessageWriter& message);
  wire::Compressor& CompressorOf(Encoding encoding);

  const Encodings& encodings_;
  std::array<std::unique_ptr<wire::Compressor>, kEncodingsMax> compressors_;
  wire::ScratchBuffer plain_, packed_;
  wire::Bytes written_;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_MESSAGE_COMPRESSOR_H_
