// Compressor: one algorithm that gRPC messages are compressed with, and its working memory.
//
//     ScratchBuffer packed, plain;
//     packed.Begin(message.size());               // more would not be worth it
//     if (gzip->Compress({&message, 1}, packed)) Send(packed.bytes());
//     plain.Begin(message_bytes_max + 1);
//     if (gzip->Decompress(input, plain) == DecompressResult::kOk) Use(plain.bytes());
//
// Each message stands alone: nothing of one is remembered for the next. compress.h has gzip,
// deflate and zstd; a program may bring others, see Compression.
//
// Ownership: a Compressor keeps its contexts for the next message; its input and output are the
//            caller's.
// Threading: one at a time; a shard has its own.
// Limits:    what is decompressed is written into a buffer that has a bound: it stops there, one
//            octet past the limit, however much the input would become.
// Spec:      gRPC compression.md
#ifndef PENSTOCK_WIRE_COMPRESSOR_H_
#define PENSTOCK_WIRE_COMPRESSOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "penstock/wire/bytes.h"
#include "penstock/wire/scratch_buffer.h"

namespace penstock::wire {

enum class DecompressResult : uint8_t {
  kOk,
  kTooLarge,        // the buffer is full: the message is longer than it may be
  kCorrupt,         // not what the algorithm writes, or a wrong checksum
  kTruncated,       // it ends too early
  kTrailing,        // something stands behind its end
  kTooManyMembers,  // more than kCompressedMembersMax, one behind the other
  kWindowTooLarge,  // would need more working memory than kZstdWindowBytesMax
  kOutOfMemory,     // the system gives none
};

// The end of a sentence that begins with "the compressed message". Never empty.
const char* Describe(DecompressResult result);

class Compressor {
 public:
  virtual ~Compressor() = default;

  // Writes the compressed form of what `pieces` are in a row behind what `output` holds. False when
  // it does not fit the buffer's bound, or there is no memory: then send the message as it is.
  [[nodiscard]] virtual bool Compress(std::span<const Bytes> pieces, ScratchBuffer& output) = 0;

  // The other way. All of `input` is one message. After an error `output` holds anything.
  [[nodiscard]] virtual DecompressResult Decompress(Bytes input, ScratchBuffer& output) = 0;
};

// An algorithm as one can have it.
struct Compression {
  std::string name;  // as grpc-encoding spells it: "gzip"
  // Called once for each shard, and only where it is used. It may be called on several threads at
  // once.
  std::function<std::unique_ptr<Compressor>()> make;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_COMPRESSOR_H_
