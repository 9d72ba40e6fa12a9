// Both ways, with each of the algorithms and one context for all inputs, so that whatever one input
// leaves behind is met by the next:
//   - the input as a compressed message: a result within its bound, or an error;
//   - the input as a message, in two pieces: what comes back is the same.
//
//     bazel build --config=fuzz //wire:compress_fuzz
//     bazel-bin/wire/compress_fuzz -max_total_time=60 wire/compress_fuzz_corpus
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "penstock/wire/check.h"
#include "penstock/wire/compress.h"

namespace penstock::wire {
namespace {

constexpr size_t kLimit = 100'000;

void DecompressHostile(Compressor& compressor, Bytes input) {
  ScratchBuffer plain;
  plain.Begin(kLimit + 1);
  const DecompressResult result = compressor.Decompress(input, plain);
  PENSTOCK_CHECK(plain.size() <= kLimit + 1, "the bound holds");
  PENSTOCK_CHECK(plain.capacity_bytes() <= kLimit + 1, "and so it does in memory");
  if (result != DecompressResult::kOk) return;
  PENSTOCK_CHECK(plain.size() <= kLimit, "what is good is not too large");
}

void RoundTrip(Compressor& compressor, Bytes message, size_t cut) {
  const Bytes pieces[] = {message.first(cut), message.subspan(cut)};
  ScratchBuffer packed, plain;
  packed.Begin(SIZE_MAX);
  PENSTOCK_CHECK(compressor.Compress(pieces, packed), "there is room");
  plain.Begin(message.size() + 1);
  PENSTOCK_CHECK(compressor.Decompress(packed.bytes(), plain) == DecompressResult::kOk,
                 "what was compressed can be read");
  PENSTOCK_CHECK(AsString(plain.bytes()) == AsString(message), "and is the same");
}

}  // namespace
}  // namespace penstock::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  using namespace penstock::wire;
  static const std::unique_ptr<Compressor> compressors[] = {Gzip().make(), Deflate().make(),
                                                            Zstd().make()};
  if (size == 0) return 0;
  Compressor& compressor = *compressors[input[0] % std::size(compressors)];
  const Bytes rest(input + 1, size - 1);
  DecompressHostile(compressor, rest);
  RoundTrip(compressor, rest, std::min<size_t>(rest.size(), input[0]));
  return 0;
}
