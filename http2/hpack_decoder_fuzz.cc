// Feeds arbitrary blocks to one decoder, and what it gives through our encoder to a second one.
//
// Input: [table size / 16], then blocks, each behind its length in two octets, whose top bit asks
// for tight limits.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/http2/hpack_decoder.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/hpack_error.h"
#include "penstock/http2/hpack_field_list.h"
#include "penstock/wire/check.h"

namespace {

using penstock::http2::FieldClassifier;
using penstock::http2::FieldList;
using penstock::http2::FieldName;
using penstock::http2::HeaderField;
using penstock::http2::HeaderLimits;
using penstock::http2::HpackDecoder;
using penstock::http2::HpackEncoder;
using penstock::http2::HpackError;
using penstock::http2::IndexingPolicy;
using penstock::http2::IsConnectionError;

// A meaning that can be checked again whenever the field comes by its index.
uint64_t Meaning(void*, FieldName token, std::string_view name, std::string_view value) {
  uint64_t sum = static_cast<uint64_t>(token) + 1;
  for (const char c : name) sum = sum * 31 + static_cast<uint8_t>(c);
  for (const char c : value) sum = sum * 37 + static_cast<uint8_t>(c);
  return sum;
}

void CheckField(const HeaderField& field) {
  const FieldName token =
      penstock::http2::FieldTokenOf(penstock::http2::FieldNameOf(field.name), field.value);
  PENSTOCK_CHECK(field.token == token, "a token is that of its field");
  const uint64_t meaning =
      token == FieldName::kInvalid ? 0 : Meaning(nullptr, token, field.name, field.value);
  PENSTOCK_CHECK(field.meaning == meaning, "a meaning is that of its field");
}

void EncodeAgain(const FieldList& fields, HpackEncoder& encoder, HpackDecoder& decoder) {
  size_t room = HpackEncoder::kBlockBytesMax;
  for (const HeaderField& field : fields) {
    room += HpackEncoder::EncodedBytesMax(field.name.size(), field.value.size());
  }
  std::vector<uint8_t> block(room);
  uint8_t* at = encoder.BeginBlock(block.data());
  for (const HeaderField& field : fields) {
    const auto policy = field.never_indexed ? IndexingPolicy::kNever : IndexingPolicy::kIndex;
    at = encoder.Encode(at, field.name, field.value, policy);
  }
  const auto bytes = static_cast<size_t>(at - block.data());
  PENSTOCK_CHECK(bytes <= room, "the encoder stays within its room");
  FieldList again;
  const HpackError error = decoder.Decode({block.data(), bytes}, again, {1u << 30, 1u << 20});
  PENSTOCK_CHECK(error == HpackError::kOk, "what we encode can be decoded");
  PENSTOCK_CHECK(std::equal(fields.begin(), fields.end(), again.begin(), again.end(),
                            [](const HeaderField& a, const HeaderField& b) {
                              return a.name == b.name && a.value == b.value &&
                                     a.never_indexed == b.never_indexed && a.token == b.token;
                            }),
                 "a field list survives");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t input_bytes) {
  if (input_bytes == 0) return 0;
  HpackDecoder decoder(uint32_t{input[0]} * 16, FieldClassifier{&Meaning, nullptr});
  HpackEncoder encoder;
  HpackDecoder mirror;
  FieldList fields;
  const uint8_t* at = input + 1;
  const uint8_t* const end = input + input_bytes;
  while (end - at >= 2) {
    const bool tight = (at[0] & 0x80) != 0;
    const auto length = static_cast<size_t>((at[0] & 0x7f) << 8 | at[1]);
    at += 2;
    // A copy of its own, so that reading beyond it is seen.
    const std::vector<uint8_t> block(at,
                                     at + std::min<size_t>(length, static_cast<size_t>(end - at)));
    at += block.size();
    const HeaderLimits limits = tight ? HeaderLimits{300, 5} : HeaderLimits{};
    const HpackError error = decoder.Decode(block, fields, limits);
    decoder.CheckInvariants();
    if (IsConnectionError(error)) break;
    PENSTOCK_CHECK(fields.list_bytes() <= limits.list_bytes_max, "the list keeps its limit");
    PENSTOCK_CHECK(fields.size() <= limits.fields_max, "the list keeps its limit");
    for (const HeaderField& field : fields) CheckField(field);
    EncodeAgain(fields, encoder, mirror);
  }
  return 0;
}
