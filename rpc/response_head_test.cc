#include "penstock/rpc/response_head.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "penstock/http2/hpack_decoder.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/rpc/base64.h"
#include "penstock/rpc/status_details.h"
#include "penstock/wire/arena.h"

namespace penstock::rpc {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

// Encodes fields as a server would and reads them as a client does, block after block on one
// connection.
class ResponseHeadTest : public testing::Test {
 protected:
  ResponseHead Read(const Fields& sent) {
    size_t room = http2::HpackEncoder::kBlockBytesMax;
    for (const auto& [name, value] : sent) {
      room += http2::HpackEncoder::EncodedBytesMax(name.size(), value.size());
    }
    block_.resize(room);
    uint8_t* end = encoder_.BeginBlock(block_.data());
    for (const auto& [name, value] : sent) {
      end = encoder_.Encode(end, name, value, http2::IndexingPolicy::kIndex);
    }
    EXPECT_EQ(decoder_.Decode({block_.data(), end}, fields_, {16 * 1024, 128}),
              http2::HpackError::kOk);
    ResponseHead head;
    Metadata metadata(&arena_);
    ReadResponseHead(fields_, &head);
    metadata_is_good_ = ReadMetadata(fields_, head, &metadata);
    metadata_.clear();
    for (const Metadata::Entry& entry : metadata) metadata_.emplace_back(entry.key, entry.value);
    return head;
  }

  http2::HpackEncoder encoder_;
  http2::HpackDecoder decoder_{4096, MeaningOfResponses()};
  http2::FieldList fields_;
  std::vector<uint8_t> block_;
  wire::Arena arena_;
  Fields metadata_;
  bool metadata_is_good_ = false;
};

// Spec: gRPC PROTOCOL-HTTP2, "Status": 1*DIGIT
TEST_F(ResponseHeadTest, StatusesAreNumbersFrom0To16) {
  const struct {
    const char* text;
    int code;
    bool is_malformed;
  } cases[] = {{"0", 0, false},  {"1", 1, false},  {"9", 9, false},   {"16", 16, false},
               {"17", 2, true},  {"00", 2, true},  {"01", 2, true},   {"", 2, true},
               {"-1", 2, true},  {"1x", 2, true},  {"100", 2, true},  {"+1", 2, true},
               {"20", 2, true},  {"OK", 2, true},  {"1 ", 2, true}};
  for (int round = 0; round < 2; ++round) {  // the second time from the dynamic table
    for (const auto& [text, code, is_malformed] : cases) {
      SCOPED_TRACE(text);
      const ResponseHead head = Read({{"grpc-status", text}});
      EXPECT_TRUE(head.has_status);
      EXPECT_EQ(static_cast<int>(head.status_code), code);
      EXPECT_EQ(head.status_is_malformed, is_malformed);
      EXPECT_EQ(head.status_text, text);
    }
  }
}

TEST_F(ResponseHeadTest, AHeadHasNoStatus) {
  const ResponseHead head = Read({{":status", "200"},
                                  {"content-type", "application/grpc+proto"},
                                  {"grpc-encoding", "gzip"},
                                  {"x-a", "1"}});
  EXPECT_FALSE(head.has_status);
  EXPECT_EQ(head.content_type, ContentType::kGrpcProto);
  EXPECT_EQ(head.content_type_text, "application/grpc+proto");
  EXPECT_EQ(head.encoding, "gzip");
}

TEST_F(ResponseHeadTest, MetadataIsWhatIsNotGrpcsOwn) {
  const ResponseHead head = Read({{"x-a", "1"},
                                  {"grpc-status", "3"},
                                  {"x-b-bin", "AQ,Ag=="},
                                  {"grpc-message", "no%20luck"},
                                  {"grpc-status-details-bin", "AQ"},
                                  {"x-a", "2"}});
  EXPECT_EQ(head.message, "no%20luck");
  const Fields want = {{"x-a", "1"}, {"x-b-bin", "\x01"}, {"x-b-bin", "\x02"}, {"x-a", "2"}};
  EXPECT_EQ(metadata_, want);
  EXPECT_TRUE(metadata_is_good_);
}

TEST_F(ResponseHeadTest, DetailsGoWithTheStatus) {
  Status sent = MakeStatus(StatusCode::kNotFound, "no %");
  AddDetail(sent, "type.googleapis.com/a.B", "b");
  const std::string octets = SerializeStatusDetails(sent);
  std::string encoded(Base64EncodedBytes(octets.size()), '\0');
  Base64Encode(octets, encoded.data());
  const struct {
    const char* name;
    const char* status;
    std::string details;
    size_t details_count;
  } cases[] = {{"as sent", "5", encoded, 1},
               {"of another code", "6", encoded, 0},
               {"no base64", "5", "?", 0},
               {"no google.rpc.Status", "5", "/w", 0}};
  for (const auto& [name, status, details, details_count] : cases) {
    SCOPED_TRACE(name);
    const ResponseHead head = Read({{"grpc-status", status},
                                    {"grpc-message", "no %25"},
                                    {"grpc-status-details-bin", details}});
    const Status read = StatusOf(head);
    EXPECT_EQ(static_cast<int>(read.code()), std::stoi(status));
    EXPECT_EQ(MessageOf(read), "no %");
    EXPECT_EQ(DetailsOf(read).size(), details_count);
    EXPECT_EQ(metadata_, Fields());
  }
}

TEST_F(ResponseHeadTest, BadBase64IsTold) {
  Read({{"x-a-bin", "?"}});
  EXPECT_FALSE(metadata_is_good_);
}

}  // namespace
}  // namespace penstock::rpc
