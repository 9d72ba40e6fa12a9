// HPACK beside libnghttp2's. A block that a peer made up: both decoders refuse it, or both read the
// same fields out of it and hold a table of the same size. Fields that were made up: libnghttp2's
// inflater reads out of our blocks what was put in, and our decoder out of its.
//
// Two exceptions. libnghttp2 knows no bound on the number of size updates in front of a block; RFC
// 7541 §4.2 makes more than two senseless, and we refuse them. Where a size update is due we let an
// empty block pass, which has no field that the table could matter to; libnghttp2 refuses it.
//
// Input: steps (see Step). Blocks and fields have dynamic tables of their own.
#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/http2/hpack_decoder.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/hpack_error.h"
#include "penstock/http2/hpack_field_list.h"
#include "penstock/http2/hpack_testing.h"
#include "penstock/http2/testing/nghttp2_hpack.h"
#include "penstock/wire/check.h"
#include "penstock/wire/testing/fuzz_input.h"

namespace penstock::http2 {
namespace {

using testing::CopyOf;
using testing::Deflater;
using testing::EncodeBlock;
using testing::Fields;
using testing::Inflater;
using testing::Octets;
using wire::testing::FuzzInput;

constexpr HeaderLimits kWide{1u << 30, 1u << 20};
constexpr size_t kFieldsMax = 16;

enum Step : uint8_t {
  kBlock,       // [length of a block in two octets, the block]
  kFields,      // [count, then for each: policy, length of name, name, length of value, value]
  kTableBytes,  // [SETTINGS_HEADER_TABLE_SIZE in two octets], of all four directions
  kHuffman,     // [whether our encoder uses it]
  kSteps,
};

std::string_view ViewOf(const nghttp2_nv* pair, bool name) {
  return {reinterpret_cast<const char*>(name ? pair->name : pair->value),
          name ? pair->namelen : pair->valuelen};
}

class Comparison {
 public:
  // False: the block was refused, and a connection would end here.
  bool Take(FuzzInput& input) {
    switch (input.Byte() % kSteps) {
      case kBlock:
        return CompareDecoders(input);
      case kFields:
        CompareEncoders(input);
        break;
      case kTableBytes:
        SetTableBytes(input.Short());
        break;
      case kHuffman:
        encoder_.set_huffman((input.Byte() & 1) != 0);
        break;
    }
    return true;
  }

 private:
  bool CompareDecoders(FuzzInput& input) {
    const wire::Bytes taken = input.Take(input.Short());
    const Octets block(taken.begin(), taken.end());  // of its own, so that reading beyond is seen
    const HpackError error = decoder_.Decode(block, list_, kWide);
    decoder_.CheckInvariants();
    if (error == HpackError::kSizeUpdateTooMany) return false;
    Fields theirs;
    const bool accepted = inflater_.Decode(block, theirs);
    if (block.empty() && !accepted) return false;
    PENSTOCK_CHECK((error == HpackError::kOk) == accepted, "both take a block, or neither");
    if (!accepted) return false;
    PENSTOCK_CHECK(CopyOf(list_) == theirs, "both read the same fields");
    PENSTOCK_CHECK(
        decoder_.table_bytes() == nghttp2_hd_inflate_get_dynamic_table_size(inflater_.hd),
        "both hold a table of the same size");
    CheckTables();
    return true;
  }

  // A field for each entry of the dynamic table shows that the tables hold the same.
  void CheckTables() {
    const uint32_t entries = decoder_.table_entries();
    Octets all;
    for (uint32_t i = 0; i < entries; ++i) {
      const nghttp2_nv* pair = nghttp2_hd_inflate_get_table_entry(inflater_.hd, 62 + i);
      PENSTOCK_CHECK(pair != nullptr, "both hold as many entries");
      uint8_t index[8];
      const uint8_t* end = WriteHpackInteger(index, 0x80, 7, 62 + i);
      all.insert(all.end(), static_cast<const uint8_t*>(index), end);
    }
    PENSTOCK_CHECK(nghttp2_hd_inflate_get_table_entry(inflater_.hd, 62 + entries) == nullptr,
                   "both hold as many entries");
    // A size update may still be due, and only the peer may make it.
    if (decoder_.Decode(all, list_, kWide) != HpackError::kOk) return;
    for (uint32_t i = 0; i < entries; ++i) {
      const nghttp2_nv* pair = nghttp2_hd_inflate_get_table_entry(inflater_.hd, 62 + i);
      PENSTOCK_CHECK(list_[i].name == ViewOf(pair, true), "entries have the same name");
      PENSTOCK_CHECK(list_[i].value == ViewOf(pair, false), "entries have the same value");
    }
  }

  void CompareEncoders(FuzzInput& input) {
    Fields fields;
    for (size_t count = input.Byte() % kFieldsMax; count != 0; --count) {
      const uint8_t policy = input.Byte() % 3;
      std::string name(input.TakeText(1 + input.Byte() % 32));
      for (char& c : name) c = ToNameOctet(c);
      if (name.empty()) name = "x";
      const std::string value(input.TakeText(input.Byte()));
      fields.push_back({name, value, static_cast<IndexingPolicy>(policy)});
    }
    const Octets ours = EncodeBlock(encoder_, fields);
    Fields read;
    PENSTOCK_CHECK(their_reader_.Decode(ours, read), "libnghttp2 takes what we encode");
    PENSTOCK_CHECK(read == fields, "libnghttp2 reads what we encoded");
    PENSTOCK_CHECK(
        encoder_.table_bytes() == nghttp2_hd_inflate_get_dynamic_table_size(their_reader_.hd),
        "libnghttp2's table follows our encoder's");

    const Octets theirs = deflater_.Encode(fields);
    PENSTOCK_CHECK(our_reader_.Decode(theirs, list_, kWide) == HpackError::kOk,
                   "we take what libnghttp2 encodes");
    PENSTOCK_CHECK(CopyOf(list_) == fields, "we read what libnghttp2 encoded");
    PENSTOCK_CHECK(
        our_reader_.table_bytes() == nghttp2_hd_deflate_get_dynamic_table_size(deflater_.hd),
        "our table follows libnghttp2's encoder");
  }

  // The encoder's contract: names are lower case and valid.
  static char ToNameOctet(char c) {
    static constexpr std::string_view kOctets = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    return kOctets.find(c) != kOctets.npos ? c : kOctets[static_cast<uint8_t>(c) % kOctets.size()];
  }

  void SetTableBytes(uint32_t bytes) {
    decoder_.SetTableBytesMax(bytes);
    nghttp2_hd_inflate_change_table_size(inflater_.hd, bytes);
    encoder_.SetPeerTableBytesMax(bytes);
    nghttp2_hd_inflate_change_table_size(their_reader_.hd, bytes);
    our_reader_.SetTableBytesMax(bytes);
    nghttp2_hd_deflate_change_table_size(deflater_.hd, bytes);
  }

  // Blocks that were made up.
  HpackDecoder decoder_{4096};
  Inflater inflater_;
  // Ours to libnghttp2, and the other way round.
  HpackEncoder encoder_;
  Inflater their_reader_;
  Deflater deflater_;
  HpackDecoder our_reader_{4096};
  FieldList list_;
};

}  // namespace
}  // namespace penstock::http2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::wire::testing::FuzzInput input(data, size);
  penstock::http2::Comparison comparison;
  while (!input.empty() && comparison.Take(input)) {
  }
  return 0;
}
