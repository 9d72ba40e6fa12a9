// gzip, deflate and zstd: the compressions that come with penstock.
//
//     std::unique_ptr<wire::Compressor> gzip = wire::Gzip().make();
//
// "deflate" is what HTTP and gRPC mean by it: the zlib format.
//
// Memory, for each shard and each direction that is used, kept for the next message: gzip and
// deflate take 268 KB to compress and 40 KB to decompress. With zstd it follows the messages of
// late: compressing at its usual level takes up to some 4 MB, decompressing 100 KB, and for a frame
// of more than ScratchBuffer::kIdleBytesMax its window, at most kZstdWindowBytesMax. Once a context
// is there, zlib allocates nothing for a message, and zstd nothing for one no larger than before.
//
// Spec: RFC 1952 (gzip), RFC 1950 (zlib), RFC 8878 (zstd)
#ifndef PENSTOCK_WIRE_COMPRESS_H_
#define PENSTOCK_WIRE_COMPRESS_H_

#include <cstddef>

#include "penstock/wire/compressor.h"

namespace penstock::wire {

// RFC 1952 §2.2 and RFC 8878 §3.1 let several members, or frames, stand one behind the other. So
// many may: each costs work to set up although it may hold nothing. zlib's format has one.
inline constexpr unsigned kCompressedMembersMax = 128;

// How far back a zstd frame may refer, which the decoder has to keep. A larger one is refused.
// Spec: RFC 8878 §3.1.1.1.2: decoders are recommended to take 8 MB, encoders not to ask for more
inline constexpr int kZstdWindowLogMax = 23;
inline constexpr size_t kZstdWindowBytesMax = size_t{1} << kZstdWindowLogMax;

// From 1, the fastest, to 9. A shard compresses while its other calls wait: 1 MiB of words took
// 14 ms at level 1 and 63 ms at level 6, zlib's own choice, which made it an eighth shorter.
inline constexpr int kZlibLevelDefault = 1;
// From 1 to 19; negative ones are faster still. The same took 4 ms at zstd's own choice.
inline constexpr int kZstdLevelDefault = 3;

Compression Gzip(int level = kZlibLevelDefault);
Compression Deflate(int level = kZlibLevelDefault);
Compression Zstd(int level = kZstdLevelDefault);

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_COMPRESS_H_
