#include "penstock/http2/hpack_decoder.h"

#include <algorithm>

#include "penstock/http2/hpack_huffman.h"
#include "penstock/http2/hpack_integer.h"
#include "penstock/http2/hpack_static_table.h"
#include "penstock/wire/check.h"

namespace penstock::http2 {
namespace {

// The first octets of the representations. Spec: RFC 7541 §6
constexpr uint8_t kIndexedBit = 0x80;
constexpr uint8_t kIncrementalBit = 0x40;
constexpr uint8_t kSizeUpdateMask = 0xe0;
constexpr uint8_t kSizeUpdateBits = 0x20;
constexpr uint8_t kNeverIndexedBit = 0x10;
constexpr uint8_t kHuffmanBit = 0x80;

constexpr int kSizeUpdatesMax = 2;
// The largest index that fits into the first octet of an indexed field; the next one says that the
// second octet has the rest.
constexpr uint32_t kShortIndexMax = 126;
constexpr uint32_t kLongIndex = 127;

constexpr bool IsSizeUpdate(uint8_t octet) { return (octet & kSizeUpdateMask) == kSizeUpdateBits; }

}  // namespace

// A string as it stands in the block.
struct HpackDecoder::EncodedText {
  const uint8_t* data = nullptr;
  uint32_t bytes = 0;
  bool huffman = false;

  // At most so many bytes when decoded.
  uint64_t BytesBound() const { return huffman ? HuffmanDecodeRoom(bytes) : bytes; }
  HpackError ExactBytes(uint64_t& exact) const {
    size_t decoded = bytes;
    const HpackError error =
        huffman ? HuffmanDecodedBytes({data, bytes}, decoded) : HpackError::kOk;
    exact = decoded;
    return error;
  }
};

struct HpackDecoder::Literal {
  uint32_t name_index = 0;  // 0: the name is a literal, too
  FieldName name_token = FieldName::kInvalid;
  bool incremental = false;
  bool never_indexed = false;
  std::string_view name_text;  // decoded, or from a table
  EncodedText name;
  EncodedText value;
};

struct HpackDecoder::Block {
  const uint8_t* cursor;
  const uint8_t* end;
  FieldList& out;
  uint32_t bytes_left;
  uint32_t fields_max;
  const uint32_t list_bytes_max;
  bool dropping = false;
  uint64_t dropped_bytes = 0;  // of the list, from its beginning, once it is dropped
};

HpackDecoder::HpackDecoder(uint32_t table_bytes_max, FieldClassifier classifier)
    : table_(table_bytes_max), setting_bytes_max_(table_bytes_max), classifier_(classifier) {}

void HpackDecoder::SetTableBytesMax(uint32_t bytes) {
  PENSTOCK_CHECK(bytes <= kHpackTableBytesCeiling, "an HPACK table above its ceiling");
  setting_bytes_max_ = bytes;
  if (table_.bytes_max() <= bytes) return;
  update_bytes_max_ = size_update_required_ ? std::min(update_bytes_max_, bytes) : bytes;
  size_update_required_ = true;
}

HpackError HpackDecoder::Decode(wire::Bytes bytes, FieldList& out, const HeaderLimits& limits) {
  out.Clear();
  table_.ReleaseEvicted();
  literals_.BeginBlock();
  Block block{bytes.data(),          bytes.data() + bytes.size(), out,
              limits.list_bytes_max, limits.fields_max,           limits.list_bytes_max};
  HpackError error = HpackError::kOk;
  if (block.cursor != block.end && (IsSizeUpdate(*block.cursor) || size_update_required_)) {
    error = DecodeSizeUpdates(block);
  }
  while (error == HpackError::kOk) {
    DecodeIndexedRun(block);
    if (block.cursor == block.end) break;
    if (PENSTOCK_UNLIKELY(block.dropped_bytes > limits.dropped_list_bytes_max)) break;
    const uint8_t octet = *block.cursor;
    if (octet & kIndexedBit) {
      error = DecodeIndexed(block);
    } else if (PENSTOCK_UNLIKELY(IsSizeUpdate(octet))) {
      error = HpackError::kSizeUpdateNotAtStart;
    } else {
      error = DecodeLiteral(block);
    }
  }
  if (PENSTOCK_UNLIKELY(error != HpackError::kOk)) {
    out.Clear();
    return error;
  }
  if (PENSTOCK_UNLIKELY(block.dropping)) {
    dropped_list_bytes_ = block.dropped_bytes;
    return HpackError::kHeaderListTooLarge;
  }
  out.list_bytes_ = limits.list_bytes_max - block.bytes_left;
  return HpackError::kOk;
}

HpackError HpackDecoder::DecodeSizeUpdates(Block& block) {
  for (int count = 0; block.cursor != block.end && IsSizeUpdate(*block.cursor); ++count) {
    if (count == kSizeUpdatesMax) return HpackError::kSizeUpdateTooMany;
    uint32_t bytes;
    const HpackError error = ReadHpackInteger(block.cursor, block.end, 5, bytes);
    if (error != HpackError::kOk) return error;
    if (bytes > setting_bytes_max_) return HpackError::kSizeUpdateTooLarge;
    if (size_update_required_ && bytes > update_bytes_max_) return HpackError::kSizeUpdateMissing;
    table_.SetBytesMax(bytes);
    size_update_required_ = false;
  }
  return size_update_required_ ? HpackError::kSizeUpdateMissing : HpackError::kOk;
}

// Asks about an entry of the static table, for good if it is one of those that carry values.
uint64_t HpackDecoder::AskStatic(uint32_t index) {
  const HeaderField& entry = kStaticTable[index];
  const uint64_t meaning = classifier_.Ask(entry.token, entry.name, entry.value);
  if (index < kStaticMeanings) {
    static_meanings_known_ |= 1u << index;
    static_meanings_[index] = meaning;
  }
  return meaning;
}

PENSTOCK_ALWAYS_INLINE uint64_t HpackDecoder::StaticMeaning(uint32_t index) {
  if (PENSTOCK_LIKELY(index < kStaticMeanings && (static_meanings_known_ >> index & 1) != 0)) {
    return static_meanings_[index];
  }
  return AskStatic(index);
}

// The hot path: no calls, no look at names or values. Indices of two octets are part of it: in a
// table full of deadlines the other entries are behind them. Stops in front of whatever it leaves
// to others: indices longer still, literals, errors, a full list. All fields are dropped when the
// list gets too large, so its size is compared once at the end.
PENSTOCK_ALWAYS_INLINE void HpackDecoder::DecodeIndexedRun(Block& block) {
  FieldList& out = block.out;
  const uint8_t* cursor = block.cursor;
  const uint8_t* const end = block.end;
  HeaderField* const fields = out.fields_.get();
  HeaderField* const fields_end =
      fields + std::max(out.count_, std::min(out.capacity_, block.fields_max));
  HeaderField* field = fields + out.count_;
  const auto entries = table_.newest_entries();
  uint64_t bytes = 0;
  for (; cursor != end && field != fields_end; ++field) {
    uint32_t index = *cursor ^ kIndexedBit;  // 128 and more: not an index
    const uint8_t* after = cursor + 1;
    if (index > kShortIndexMax) {
      if (index != kLongIndex || after == end || (*after & kIndexedBit) != 0) break;
      index += *after++;
    }
    const uint32_t age = index - (kStaticTableEntries + 1);
    if (PENSTOCK_LIKELY(age < entries.count)) {
      const auto& entry = entries[age];
      const char* const text = entries.storage + entry.at;
      field->name = {text, entry.name_bytes};
      field->value = {text + entry.name_bytes, entry.value_bytes};
      field->meaning = entry.note.meaning;
      field->token = entry.note.token;
      field->never_indexed = false;
      bytes += uint32_t{entry.name_bytes} + entry.value_bytes;
    } else if (index - 1 < kStaticTableEntries) {
      const HeaderField& entry = kStaticTable[index];
      field->name = entry.name;
      field->value = entry.value;
      field->token = entry.token;
      field->never_indexed = false;
      field->meaning = StaticMeaning(index);
      bytes += entry.name.size() + entry.value.size();
    } else {
      break;
    }
    cursor = after;
  }
  const auto count = static_cast<uint32_t>(field - fields);
  bytes += uint64_t{count - out.count_} * kFieldOverheadBytes;
  block.cursor = cursor;
  out.count_ = count;
  if (PENSTOCK_UNLIKELY(bytes > block.bytes_left)) return Drop(block, bytes);
  block.bytes_left -= static_cast<uint32_t>(bytes);
}

HpackError HpackDecoder::DecodeIndexed(Block& block) {
  uint32_t index;
  const HpackError error = ReadHpackInteger(block.cursor, block.end, 7, index);
  if (error != HpackError::kOk) return error;
  if (index == 0) return HpackError::kIndexZero;
  if (index <= kStaticTableEntries) {
    HeaderField field = kStaticTable[index];
    field.meaning = StaticMeaning(index);
    Emit(block, field);
    return HpackError::kOk;
  }
  const uint32_t age = index - (kStaticTableEntries + 1);
  if (age >= table_.count()) return HpackError::kIndexBeyondTable;
  const auto& entry = table_.EntryOfAge(age);
  Emit(block,
       {table_.NameOf(entry), table_.ValueOf(entry), entry.note.meaning, entry.note.token, false});
  return HpackError::kOk;
}

HpackError HpackDecoder::DecodeLiteral(Block& block) {
  Literal literal;
  HpackError error = ReadLiteral(block, literal);
  if (error != HpackError::kOk) return error;
  const EncodedText& value = literal.value;
  const bool memorable = !literal.incremental && !literal.never_indexed &&
                         literal.name_index - 1 < kStaticTableEntries &&
                         value.bytes - 1 < HpackLiteralCache::kEncodedBytesMax;
  if (memorable) {
    const HpackLiteralCache::Literal* known =
        literals_.Find(literal.name_index, value.huffman, value.data, value.bytes);
    if (known != nullptr) {
      Emit(block, {literal.name_text, known->value(), known->meaning, known->token, false});
      return HpackError::kOk;
    }
  }

  // The bound is checked before a byte is copied; counting exactly is for strings that come near.
  const uint64_t name_bytes =
      literal.name_index != 0 ? literal.name_text.size() : literal.name.BytesBound();
  const uint64_t bytes_bound = name_bytes + value.BytesBound() + kFieldOverheadBytes;
  if (PENSTOCK_UNLIKELY(block.dropping || bytes_bound > block.bytes_left)) {
    bool wanted;
    error = CheckSize(block, literal, wanted);
    if (error != HpackError::kOk || !wanted) return error;
  }

  if (literal.name_index == 0) {
    error = DecodeText(block.out, literal.name, literal.name_text);
    if (error != HpackError::kOk) return error;
    literal.name_token = FieldNameOf(literal.name_text);
  }
  HeaderField field;
  error = DecodeText(block.out, value, field.value);
  if (error != HpackError::kOk) return error;
  field.token = FieldTokenOf(literal.name_token, field.value);
  field.meaning = classifier_.Ask(field.token, literal.name_text, field.value);
  field.never_indexed = literal.never_indexed;
  if (literal.incremental) {
    Insert(block.out, literal.name_text, field.value, field.meaning, field.token);
  } else if (memorable && !block.dropping) {
    literals_.Remember(literal.name_index, value.huffman, value.data, value.bytes, field.value,
                       field.token, field.meaning);
  }
  field.name = literal.name_text;
  Emit(block, field);
  return HpackError::kOk;
}

PENSTOCK_ALWAYS_INLINE HpackError HpackDecoder::ReadLiteral(Block& block, Literal& literal) {
  const uint8_t octet = *block.cursor;
  literal.incremental = (octet & kIncrementalBit) != 0;
  literal.never_indexed = !literal.incremental && (octet & kNeverIndexedBit) != 0;
  const int prefix_bits = literal.incremental ? 6 : 4;
  const HpackError error =
      ReadHpackInteger(block.cursor, block.end, prefix_bits, literal.name_index);
  if (error != HpackError::kOk) return error;
  if (literal.name_index == 0) {
    const HpackError name_error = ReadText(block, literal.name);
    if (name_error != HpackError::kOk) return name_error;
  } else if (literal.name_index <= kStaticTableEntries) {
    literal.name_text = kStaticTable[literal.name_index].name;
    literal.name_token = kStaticTable[literal.name_index].token;
  } else {
    const uint32_t age = literal.name_index - (kStaticTableEntries + 1);
    if (age >= table_.count()) return HpackError::kIndexBeyondTable;
    const auto& entry = table_.EntryOfAge(age);
    literal.name_text = table_.NameOf(entry);
    // An entry may be invalid for its value alone.
    literal.name_token =
        entry.note.token != FieldName::kInvalid ? entry.note.token : FieldNameOf(literal.name_text);
  }
  return ReadText(block, literal.value);
}

PENSTOCK_ALWAYS_INLINE HpackError HpackDecoder::ReadText(Block& block, EncodedText& text) {
  if (block.cursor == block.end) return HpackError::kTruncated;
  text.huffman = (*block.cursor & kHuffmanBit) != 0;
  const HpackError error = ReadHpackInteger(block.cursor, block.end, 7, text.bytes);
  if (error != HpackError::kOk) return error;
  if (text.bytes > static_cast<size_t>(block.end - block.cursor)) return HpackError::kTruncated;
  text.data = block.cursor;
  block.cursor += text.bytes;
  return HpackError::kOk;
}

// Decides about a literal of which it is not sure that it fits: `wanted` is false when nothing is
// left to do for it. Broken strings are errors even when they are dropped.
PENSTOCK_COLD HpackError HpackDecoder::CheckSize(Block& block, const Literal& literal,
                                                 bool& wanted) {
  uint64_t name_bytes = literal.name_text.size();
  uint64_t value_bytes = 0;
  HpackError error = HpackError::kOk;
  if (literal.name_index == 0) error = literal.name.ExactBytes(name_bytes);
  if (error == HpackError::kOk) error = literal.value.ExactBytes(value_bytes);
  if (error != HpackError::kOk) return error;
  const uint64_t bytes = name_bytes + value_bytes + kFieldOverheadBytes;
  if (bytes > block.bytes_left) Drop(block, 0);  // counted below, or by Emit()
  wanted = !block.dropping;
  if (block.dropping && literal.incremental) {
    wanted = bytes <= table_.bytes_max();
    if (!wanted) table_.EvictTo(0);
  }
  if (!wanted) block.dropped_bytes += bytes;
  return HpackError::kOk;
}

HpackError HpackDecoder::DecodeText(FieldList& out, const EncodedText& encoded,
                                    std::string_view& text) {
  if (!encoded.huffman) {
    text = wire::AsString({encoded.data, encoded.bytes});
    return HpackError::kOk;
  }
  char* const decoded = out.AllocateBytes(HuffmanDecodeRoom(encoded.bytes));
  char* decoded_end;
  const HpackError error = HuffmanDecode({encoded.data, encoded.bytes}, decoded, decoded_end);
  out.ReturnBytes(decoded_end);
  text = {decoded, static_cast<size_t>(decoded_end - decoded)};
  return error;
}

PENSTOCK_ALWAYS_INLINE void HpackDecoder::Emit(Block& block, const HeaderField& field) {
  FieldList& out = block.out;
  const uint64_t bytes = uint64_t{kFieldOverheadBytes} + field.name.size() + field.value.size();
  if (PENSTOCK_UNLIKELY(bytes > block.bytes_left || out.count_ >= block.fields_max)) {
    return Drop(block, bytes);
  }
  block.bytes_left -= static_cast<uint32_t>(bytes);
  if (PENSTOCK_UNLIKELY(out.count_ == out.capacity_)) out.GrowFields();
  out.fields_[out.count_++] = field;
}

// From here on only the table is served. With no field in the list, nothing that a literal leaves
// in it is needed after that literal.
PENSTOCK_COLD void HpackDecoder::Drop(Block& block, uint64_t bytes) {
  block.dropped_bytes += bytes;
  if (block.dropping) return;
  block.dropped_bytes += block.list_bytes_max - block.bytes_left;
  block.dropping = true;
  block.fields_max = 0;
  block.bytes_left = 0;
  block.out.Clear();
}

// `name` may be a view of the table's own bytes, of an entry that is evicted here.
// It is left where it stays valid.
PENSTOCK_ALWAYS_INLINE void HpackDecoder::Insert(FieldList& out, std::string_view& name,
                                                 std::string_view value, uint64_t meaning,
                                                 FieldName token) {
  const size_t text_bytes = name.size() + value.size();
  const size_t bytes = text_bytes + kFieldOverheadBytes;
  if (bytes > table_.bytes_max()) {  // Spec: RFC 7541 §4.4: not an error
    table_.EvictTo(0);
    return;
  }
  table_.EvictTo(table_.bytes_max() - static_cast<uint32_t>(bytes));
  if (PENSTOCK_UNLIKELY(!table_.HasRoomFor(static_cast<uint32_t>(text_bytes)))) {
    MakeRoom(out, name, static_cast<uint32_t>(text_bytes));
  }
  Note& note = table_.Append(name, value).note;
  note.meaning = meaning;
  note.token = token;
}

// Bytes of entries evicted in this block are in the way, or the table has to grow. The fields
// decoded so far, and the name, must not notice.
PENSTOCK_COLD void HpackDecoder::MakeRoom(FieldList& out, std::string_view& name,
                                          uint32_t text_bytes) {
  if (table_.holds_evicted()) {
    out.RescueFrom(table_.storage(), table_.storage_bytes());
    name = out.KeepCopy(name);
    table_.ReleaseEvicted();
    if (table_.HasRoomFor(text_bytes)) return;
  }
  out.KeepAlive(table_.Grow(text_bytes));
}

}  // namespace penstock::http2
