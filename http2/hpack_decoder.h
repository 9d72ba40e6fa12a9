// Decodes HPACK header blocks of one direction of one connection.
//
//   HpackDecoder decoder(4096, FieldClassifier{&ClassifyField, router});
//   HpackError error = decoder.Decode(block, fields, HeaderLimits{});
//   if (IsConnectionError(error)) ...GOAWAY(COMPRESSION_ERROR, TextOf(error))
//
// A block that consists of indices only, as the steady requests of a gRPC client do, runs through a
// loop without string work, calls or allocations. Some clients (nghttp2's, h2load, Rust's h2) send
// `:path` as a literal every time: the latest such literals are remembered in their encoded form.
//
// Spec:    RFC 7541 §2-§6; RFC 9113 §4.3
// Limits:  HeaderLimits; a table of kHpackTableBytesCeiling; integers of 32 bits. An idle decoder
//          holds no more than its table's live entries need (about 0.9 KiB after a Go client's
//          first calls): all storage grows on demand.
#ifndef PENSTOCK_HTTP2_HPACK_DECODER_H_
#define PENSTOCK_HTTP2_HPACK_DECODER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "penstock/http2/hpack_error.h"
#include "penstock/http2/hpack_field.h"
#include "penstock/http2/hpack_field_list.h"
#include "penstock/http2/hpack_literal_cache.h"
#include "penstock/http2/hpack_table.h"
#include "penstock/wire/bytes.h"

namespace penstock::http2 {

// Bounds on one decoded header list. Past either of the first two, the block is decoded to its end
// for the table's sake, its fields are dropped, and Decode says kHeaderListTooLarge. Past the third
// the rest is not looked at: dropped_list_bytes() is above it then, and the connection must end.
struct HeaderLimits {
  uint32_t list_bytes_max = 16 * 1024;  // name + value + 32 for each field: HPACK bomb, "fat"
  uint32_t fields_max = 128;            // cookie crumbs count: HPACK bomb, "thin"
  uint64_t dropped_list_bytes_max = UINT64_MAX;  // what a bomb may cost in time
};

class HpackDecoder {
 public:
  // `table_bytes_max` is the SETTINGS_HEADER_TABLE_SIZE we announce from the start (4096 is what
  // the peer assumes before it has seen ours).
  explicit HpackDecoder(uint32_t table_bytes_max = 4096, FieldClassifier classifier = {});
  HpackDecoder(HpackDecoder&&) = default;
  HpackDecoder& operator=(HpackDecoder&&) = default;

  // Decodes one whole header block (HEADERS and its CONTINUATIONs, contiguous). `out` is cleared
  // first; on any error it is left empty. After a connection error the decoder must not be used.
  HpackError Decode(wire::Bytes block, FieldList& out, const HeaderLimits& limits);

  // Our SETTINGS_HEADER_TABLE_SIZE changed and the peer has acknowledged it. When the peer's
  // encoder still uses more, its next block must begin with a size update.
  void SetTableBytesMax(uint32_t bytes);

  // The size the peer's encoder uses, entries it has stored, and their size by RFC 7541 §4.1.
  uint32_t table_bytes_max() const { return table_.bytes_max(); }
  uint32_t table_entries() const { return table_.count(); }
  uint32_t table_bytes() const { return table_.bytes(); }
  // Changes with every block that inserts an entry or evicts one. A block that left it alone may be
  // decoded again without a difference.
  uint64_t table_version() const { return table_.version(); }
  // Changes when a literal that fields of an earlier block may view is replaced.
  uint64_t literals_version() const { return literals_.version(); }
  // How large the latest list was for which Decode said kHeaderListTooLarge.
  uint64_t dropped_list_bytes() const { return dropped_list_bytes_; }
  // Bytes this decoder holds on the heap.
  size_t heap_bytes() const { return table_.heap_bytes() + literals_.heap_bytes(); }
  void CheckInvariants() const { table_.CheckInvariants(); }

 private:
  // What the table remembers with an entry.
  struct Note {
    uint64_t meaning;
    FieldName token;
  };
  struct EncodedText;
  struct Literal;
  struct Block;

  HpackError DecodeSizeUpdates(Block& block);
  void DecodeIndexedRun(Block& block);
  HpackError DecodeIndexed(Block& block);
  HpackError DecodeLiteral(Block& block);
  HpackError ReadLiteral(Block& block, Literal& literal);
  static HpackError ReadText(Block& block, EncodedText& text);
  HpackError CheckSize(Block& block, const Literal& literal, bool& wanted);
  static HpackError DecodeText(FieldList& out, const EncodedText& encoded, std::string_view& text);
  static void Emit(Block& block, const HeaderField& field);
  static void Drop(Block& block, uint64_t bytes);
  void Insert(FieldList& out, std::string_view& name, std::string_view value, uint64_t meaning,
              FieldName token);
  void MakeRoom(FieldList& out, std::string_view& name, uint32_t text_bytes);
  uint64_t StaticMeaning(uint32_t index);
  uint64_t AskStatic(uint32_t index);

  static constexpr uint32_t kStaticMeanings = 17;  // indices 1-16: those that carry values

  HpackTable<Note> table_;
  uint32_t setting_bytes_max_;
  bool size_update_required_ = false;
  uint32_t update_bytes_max_ = 0;  // of the one required: the lowest setting since the last block
  uint64_t dropped_list_bytes_ = 0;
  uint32_t static_meanings_known_ = 0;  // a bit per index
  FieldClassifier classifier_;
  std::array<uint64_t, kStaticMeanings> static_meanings_{};
  HpackLiteralCache literals_;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_HPACK_DECODER_H_
