// Remembers the latest literals with indexed names in their encoded form, so that the same octets
// need not be decoded, checked and classified again.
//
// nghttp2's clients, h2load and Rust's h2 never index `:path` (nor content-length): every request
// repeats some 20 octets of Huffman code. Comparing them is cheaper than all that follows from
// them. Bench: hpack_bench, sequence "h2load".
//
// Never-indexed literals are not kept: they are secrets.
//
// Limits:  kLiterals of at most kEncodedBytesMax octets, one for each few name indices; storage is
//          allocated at the first use
#ifndef PENSTOCK_HTTP2_HPACK_LITERAL_CACHE_H_
#define PENSTOCK_HTTP2_HPACK_LITERAL_CACHE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "penstock/http2/hpack_field.h"

namespace penstock::http2 {

class HpackLiteralCache {
 public:
  static constexpr uint32_t kEncodedBytesMax = 64;

  struct Literal {
    uint64_t meaning = 0;
    std::unique_ptr<char[]> text;  // the encoded octets, then the value
    uint32_t block = 0;            // the block that used it last
    FieldName token = FieldName::kOther;
    uint8_t name_index = 0;  // 0: empty
    uint8_t encoded_bytes = 0;
    uint8_t value_bytes = 0;
    uint8_t capacity = 0;
    bool huffman = false;

    std::string_view value() const { return {text.get() + encoded_bytes, value_bytes}; }
  };

  // A new block begins: what earlier ones took from here may be replaced.
  void BeginBlock() { ++block_; }

  // The literal with that name (an index of the static table) and those octets, or nullptr.
  // The value's bytes stay as they are until the next BeginBlock().
  const Literal* Find(uint32_t name_index, bool huffman, const uint8_t* encoded,
                      uint32_t encoded_bytes) {
    if (literals_ == nullptr) return nullptr;
    Literal& literal = (*literals_)[PlaceOf(name_index)];
    if (literal.name_index != name_index || literal.huffman != huffman ||
        literal.encoded_bytes != encoded_bytes ||
        std::memcmp(literal.text.get(), encoded, encoded_bytes) != 0) {
      return nullptr;
    }
    literal.block = block_;
    return &literal;
  }

  // Does nothing if this block has used the literal that would be replaced.
  // `encoded_bytes` is 1 to kEncodedBytesMax, `name_index` one of the static table.
  void Remember(uint32_t name_index, bool huffman, const uint8_t* encoded, uint32_t encoded_bytes,
                std::string_view value, FieldName token, uint64_t meaning);

  // Changes with every literal that is remembered, perhaps in the place of another.
  uint64_t version() const { return version_; }
  size_t heap_bytes() const;

 private:
  static constexpr uint32_t kLiterals = 4;

  // Keeps apart what is sent together: `:path` (4), content-length (28), content-type (31).
  static uint32_t PlaceOf(uint32_t name_index) {
    return (name_index ^ (name_index >> 2)) % kLiterals;
  }

  std::unique_ptr<std::array<Literal, kLiterals>> literals_;
  uint64_t version_ = 0;
  uint32_t block_ = 0;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_HPACK_LITERAL_CACHE_H_
