// The examples of RFC 7541, Appendix C.2 to C.6, decoded and encoded.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/hpack_decoder.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/hpack_testing.h"

namespace penstock::http2 {
namespace {

using testing::CopyOf;
using testing::EncodeBlock;
using testing::Fields;
using testing::FromHex;
using testing::Octets;
using testing::ToHex;

struct Example {
  const char* name;
  const char* octets;
  Fields fields;
  uint32_t table_bytes;
  const char* encoded_here = nullptr;  // where our encoder rightly differs
};

struct Sequence {
  const char* name;
  uint32_t table_bytes_max;
  bool huffman;
  std::vector<Example> examples;
};

constexpr IndexingPolicy kNoIndex = IndexingPolicy::kNoIndex;
constexpr IndexingPolicy kNever = IndexingPolicy::kNever;

const Fields kRequest1 = {
    {":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "www.example.com"}};
const Fields kRequest2 = {{":method", "GET"},
                          {":scheme", "http"},
                          {":path", "/"},
                          {":authority", "www.example.com"},
                          {"cache-control", "no-cache"}};
const Fields kRequest3 = {{":method", "GET"},
                          {":scheme", "https"},
                          {":path", "/index.html"},
                          {":authority", "www.example.com"},
                          {"custom-key", "custom-value"}};
const Fields kResponse1 = {{":status", "302"},
                           {"cache-control", "private"},
                           {"date", "Mon, 21 Oct 2013 20:13:21 GMT"},
                           {"location", "https://www.example.com"}};
const Fields kResponse2 = {{":status", "307"},
                           {"cache-control", "private"},
                           {"date", "Mon, 21 Oct 2013 20:13:21 GMT"},
                           {"location", "https://www.example.com"}};
const Fields kResponse3 = {
    {":status", "200"},
    {"cache-control", "private"},
    {"date", "Mon, 21 Oct 2013 20:13:22 GMT"},
    {"location", "https://www.example.com"},
    {"content-encoding", "gzip"},
    {"set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"}};

const std::vector<Sequence>& Sequences() {
  static const auto* sequences = new std::vector<Sequence>{
      {"C.2.1",
       4096,
       false,
       {{"literal with indexing",
         "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
         {{"custom-key", "custom-header"}},
         55}}},
      {"C.2.2",
       4096,
       false,
       {{"literal without indexing",
         "040c 2f73 616d 706c 652f 7061 7468",
         {{":path", "/sample/path", kNoIndex}},
         0}}},
      {"C.2.3",
       4096,
       false,
       {{"literal never indexed",
         "1008 7061 7373 776f 7264 0673 6563 7265 74",
         {{"password", "secret", kNever}},
         0}}},
      {"C.2.4", 4096, false, {{"indexed", "82", {{":method", "GET"}}, 0}}},
      {"C.3",
       4096,
       false,
       {{"C.3.1", "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", kRequest1, 57},
        {"C.3.2", "8286 84be 5808 6e6f 2d63 6163 6865", kRequest2, 110},
        {"C.3.3", "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
         kRequest3, 164}}},
      {"C.4",
       4096,
       true,
       {{"C.4.1", "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", kRequest1, 57},
        {"C.4.2", "8286 84be 5886 a8eb 1064 9cbf", kRequest2, 110},
        {"C.4.3", "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf", kRequest3, 164}}},
      {"C.5",
       256,
       false,
       {{"C.5.1",
         "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 "
         "303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 "
         "6f6d",
         kResponse1, 222},
        {"C.5.2", "4803 3330 37c1 c0bf", kResponse2, 222},
        {"C.5.3",
         "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 "
         "5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 "
         "5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
         kResponse3, 215}}},
      {"C.6",
       256,
       true,
       {{"C.6.1",
         "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b "
         "ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
         kResponse1, 222},
        // "307" takes three octets either way; ours does not trouble the peer with Huffman then.
        {"C.6.2", "4883 640e ffc1 c0bf", kResponse2, 222, "4803 3330 37c1 c0bf"},
        {"C.6.3",
         "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad "
         "94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 "
         "65c0 03ed 4ee5 b106 3d50 07",
         kResponse3, 215}}},
  };
  return *sequences;
}

TEST(HpackRfcExamples, AreDecoded) {
  for (const Sequence& sequence : Sequences()) {
    SCOPED_TRACE(sequence.name);
    HpackDecoder decoder(sequence.table_bytes_max);
    FieldList list;
    for (const Example& example : sequence.examples) {
      SCOPED_TRACE(example.name);
      const Octets block = FromHex(example.octets);
      ASSERT_EQ(decoder.Decode(block, list, HeaderLimits{}), HpackError::kOk);
      EXPECT_EQ(CopyOf(list), example.fields);
      EXPECT_EQ(decoder.table_bytes(), example.table_bytes);
      for (size_t i = 0; i < list.size(); ++i) {
        EXPECT_EQ(list[i].never_indexed, example.fields[i].policy == kNever);
      }
    }
  }
}

TEST(HpackRfcExamples, AreEncoded) {
  for (const Sequence& sequence : Sequences()) {
    SCOPED_TRACE(sequence.name);
    HpackEncoder encoder(sequence.table_bytes_max);
    encoder.set_huffman(sequence.huffman);
    // The examples with 256 do not show how that size was agreed on.
    const Octets agreement = EncodeBlock(encoder, {});
    EXPECT_EQ(ToHex(agreement), sequence.table_bytes_max == 256 ? "3fe101" : "");
    for (const Example& example : sequence.examples) {
      SCOPED_TRACE(example.name);
      const char* want = example.encoded_here != nullptr ? example.encoded_here : example.octets;
      EXPECT_EQ(ToHex(EncodeBlock(encoder, example.fields)), ToHex(FromHex(want)));
      EXPECT_EQ(encoder.table_bytes(), example.table_bytes);
    }
  }
}

}  // namespace
}  // namespace penstock::http2
