#include "penstock/rpc/encodings.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "penstock/rpc/call_compression.h"

namespace penstock::rpc {
namespace {

constexpr auto kGzip = static_cast<Encoding>(1);
constexpr auto kZstd = static_cast<Encoding>(2);

class EncodingsTest : public testing::Test {
 protected:
  EncodingsTest() {
    EXPECT_EQ(encodings_.Add({"gzip", nullptr}), nullptr);
    EXPECT_EQ(encodings_.Add({"zstd", nullptr}), nullptr);
  }
  Encodings encodings_;
};

TEST_F(EncodingsTest, HaveNamesAndNumbers) {
  EXPECT_EQ(encodings_.count(), 2u);
  EXPECT_EQ(encodings_.accepted(), "identity,gzip,zstd");
  EXPECT_EQ(encodings_.Find("gzip"), kGzip);
  EXPECT_EQ(encodings_.Find("ZSTD"), kZstd);
  EXPECT_EQ(encodings_.Find("identity"), Encoding::kIdentity);
  EXPECT_EQ(encodings_.Find(""), Encoding::kIdentity);
  EXPECT_EQ(encodings_.NameOf(kGzip), "gzip");
  EXPECT_EQ(encodings_.NameOf(kZstd), "zstd");
  EXPECT_EQ(encodings_.NameOf(Encoding::kIdentity), "");
  EXPECT_EQ(encodings_.NameOf(Encoding::kUnknown), "");
  for (const char* name : {"gzi", "gzipp", "gzip ", "deflate", "gzip,zstd"}) {
    EXPECT_EQ(encodings_.Find(name), Encoding::kUnknown) << name;
  }
}

TEST_F(EncodingsTest, AcceptedOnesAreReadLeniently) {
  const struct {
    const char* field;
    uint32_t want;  // bit 0: identity
  } cases[] = {
      {"", 1},
      {"identity", 1},
      {"gzip", 3},
      {"zstd", 5},
      {"gzip,zstd", 7},
      {" gzip , \tzstd\t", 7},
      {"zstd,,gzip,", 7},
      {"gzip,gzip,GZIP", 3},
      {"br,snappy,gzip", 3},
      {"gzipzstd", 1},
      {"gzip zstd", 1},
      {",,,", 1},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(encodings_.ReadAccepted(c.field).bits(), c.want) << c.field;
  }
}

TEST_F(EncodingsTest, NamesThatCannotBeAreRefused) {
  const std::string too_long(33, 'x');
  for (const char* name :
       {"", "identity", "Snappy", "a,b", "a b", "\u00e4", too_long.c_str()}) {
    EXPECT_NE(encodings_.Add({name, nullptr}), nullptr) << name;
  }
  EXPECT_EQ(encodings_.count(), 2u);
  EXPECT_EQ(encodings_.accepted(), "identity,gzip,zstd");
}

TEST_F(EncodingsTest, TheSameNameTakesItsPlace) {
  bool made = false;
  ASSERT_EQ(encodings_.Add({"gzip",
                            [&made]() -> std::unique_ptr<wire::Compressor> {
                              made = true;
                              return nullptr;
                            }}),
            nullptr);
  EXPECT_EQ(encodings_.count(), 2u);
  EXPECT_EQ(encodings_.accepted(), "identity,gzip,zstd");
  encodings_.Make(kGzip);
  EXPECT_TRUE(made);
}

TEST_F(EncodingsTest, ThereAreOnlySoMany) {
  for (size_t i = encodings_.count(); i < kEncodingsMax; ++i) {
    ASSERT_EQ(encodings_.Add({"x" + std::to_string(i), nullptr}), nullptr);
  }
  EXPECT_NE(encodings_.Add({"last", nullptr}), nullptr);
  const Encoding highest = encodings_.Find("x30");
  EXPECT_TRUE(encodings_.ReadAccepted("x30").Has(highest));
  EXPECT_FALSE(encodings_.ReadAccepted("x29").Has(highest));
}

// --- CallCompression

TEST_F(EncodingsTest, ACallIsSentInWhatItsPeerAccepts) {
  CallCompression call;
  call.Begin(&encodings_, Encoding::kIdentity, encodings_.ReadAccepted("gzip"),
             Encoding::kIdentity);
  EXPECT_TRUE(call.is_unused());
  EXPECT_FALSE(call.Choose("zstd"));
  EXPECT_FALSE(call.Choose("snappy"));
  EXPECT_TRUE(call.is_unused());
  EXPECT_TRUE(call.Choose("gzip"));
  EXPECT_FALSE(call.is_unused());
  EXPECT_EQ(call.sent_name(), "gzip");
  EXPECT_EQ(call.disclosed(), "");
  EXPECT_TRUE(call.Choose("identity"));
  EXPECT_TRUE(call.is_unused());
}

TEST_F(EncodingsTest, AWishIsGrantedWhereItIsAccepted) {
  for (const auto& [accepted, want] : {std::pair{"gzip,zstd", kZstd},
                                       std::pair{"gzip", Encoding::kIdentity},
                                       std::pair{"", Encoding::kIdentity}}) {
    CallCompression call;
    call.Begin(&encodings_, Encoding::kIdentity, encodings_.ReadAccepted(accepted), kZstd);
    EXPECT_EQ(call.sent(), want) << accepted;
  }
}

TEST_F(EncodingsTest, AnEncodingThatThePeerUsedIsDisclosed) {
  CallCompression call;
  call.Begin(&encodings_, kGzip, EncodingSet(), Encoding::kIdentity);
  EXPECT_FALSE(call.is_unused());
  EXPECT_EQ(call.disclosed(), "identity,gzip,zstd");
  EXPECT_EQ(call.received_name(), "gzip");
  EXPECT_EQ(call.sent(), Encoding::kIdentity);
}

TEST_F(EncodingsTest, BehindTheHeadOnlyWhatItNamesCanBeChosen) {
  CallCompression call;
  call.Begin(&encodings_, Encoding::kIdentity, encodings_.ReadAccepted("gzip,zstd"), kGzip);
  call.NoteHead();
  EXPECT_FALSE(call.Choose("zstd"));
  EXPECT_EQ(call.TakeNext(), kGzip);
  EXPECT_TRUE(call.Choose("identity"));
  EXPECT_EQ(call.TakeNext(), Encoding::kIdentity);
  EXPECT_TRUE(call.Choose("gzip"));
  EXPECT_EQ(call.TakeNext(), kGzip);
}

TEST_F(EncodingsTest, OneMessageCanBeKeptPlain) {
  CallCompression call;
  call.Begin(&encodings_, Encoding::kIdentity, encodings_.ReadAccepted("gzip"), kGzip);
  call.KeepNextPlain();
  EXPECT_EQ(call.TakeNext(), Encoding::kIdentity);
  EXPECT_EQ(call.TakeNext(), kGzip);
}

TEST(CallCompression, ThatNobodyBeganChoosesNothing) {
  CallCompression call;
  EXPECT_FALSE(call.Choose("gzip"));
  EXPECT_TRUE(call.is_unused());
}

}  // namespace
}  // namespace penstock::rpc
