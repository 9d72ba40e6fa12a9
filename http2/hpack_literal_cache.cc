#include "penstock/http2/hpack_literal_cache.h"

#include "penstock/wire/check.h"

namespace penstock::http2 {
namespace {

// Five bits are the shortest Huffman code, so a remembered value has at most 64 * 8 / 5 octets.
constexpr size_t kTextBytesMax =
    HpackLiteralCache::kEncodedBytesMax + HpackLiteralCache::kEncodedBytesMax * 8 / 5;
static_assert(kTextBytesMax <= 255, "capacity is kept in one octet");

size_t RoundedUp(size_t bytes) { return (bytes + 31) / 32 * 32; }

}  // namespace

void HpackLiteralCache::Remember(uint32_t name_index, bool huffman, const uint8_t* encoded,
                                 uint32_t encoded_bytes, std::string_view value, FieldName token,
                                 uint64_t meaning) {
  const size_t text_bytes = encoded_bytes + value.size();
  PENSTOCK_DCHECK(encoded_bytes - 1 < kEncodedBytesMax, "an empty or too long literal");
  PENSTOCK_DCHECK(text_bytes <= kTextBytesMax, "a value longer than its encoding can give");
  if (literals_ == nullptr) literals_ = std::make_unique<std::array<Literal, kLiterals>>();
  Literal& literal = (*literals_)[PlaceOf(name_index)];
  if (literal.name_index != 0 && literal.block == block_) return;
  ++version_;
  if (text_bytes > literal.capacity) {
    literal.capacity = static_cast<uint8_t>(RoundedUp(text_bytes));
    literal.text.reset(new char[literal.capacity]);
  }
  literal.meaning = meaning;
  literal.token = token;
  literal.name_index = static_cast<uint8_t>(name_index);
  literal.encoded_bytes = static_cast<uint8_t>(encoded_bytes);
  literal.value_bytes = static_cast<uint8_t>(value.size());
  literal.huffman = huffman;
  // Nothing refers to the new text in this block; the caller keeps its own.
  literal.block = block_ - 1;
  std::memcpy(literal.text.get(), encoded, encoded_bytes);
  std::memcpy(literal.text.get() + encoded_bytes, value.data(), value.size());
}

size_t HpackLiteralCache::heap_bytes() const {
  if (literals_ == nullptr) return 0;
  size_t bytes = sizeof(*literals_);
  for (const Literal& literal : *literals_) bytes += literal.capacity;
  return bytes;
}

}  // namespace penstock::http2
