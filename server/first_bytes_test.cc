#include "penstock/server/first_bytes.h"

#include <gtest/gtest.h>

#include <string>

#include "penstock/http2/frame.h"

namespace penstock::server {
namespace {

using namespace std::string_literals;

Spoken Detect(std::string_view text) { return DetectSpoken(wire::AsBytes(text)); }

const std::string kClientHello = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and so on"s;

TEST(FirstBytes, TellWhatIsSpoken) {
  const struct {
    std::string bytes;
    Spoken want;
  } cases[] = {
      {std::string(http2::kClientPreface), Spoken::kHttp2},
      {std::string(http2::kClientPreface) + "\0\0\0\4"s, Spoken::kHttp2},
      {"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", Spoken::kHttp2},
      {"PRI * HTTP/1.1\r\n", Spoken::kHttp1},
      {"GET / HTTP/1.1\r\n", Spoken::kHttp1},
      {"POST /a.B/C HTTP/1.1\r\n", Spoken::kHttp1},
      {"PUT / HTTP/1.0\r\n", Spoken::kHttp1},
      {"OPTIONS * HTTP/1.1\r\n", Spoken::kHttp1},
      {"PROPFIND / HTTP/1.1\r\n", Spoken::kHttp1},
      {"G /", Spoken::kHttp1},
      {kClientHello, Spoken::kTls},
      {"\x16\x03", Spoken::kTls},
      {"\x16\x02", Spoken::kUnknown},
      {"\x15\x03\x01", Spoken::kUnknown},
      {" GET /", Spoken::kUnknown},
      {"get / HTTP/1.1\r\n", Spoken::kUnknown},
      {"GET\t/ HTTP/1.1\r\n", Spoken::kUnknown},
      {"GET http://a/ HTTP/1.1\r\n", Spoken::kHttp1},
      {"CONNECT a:1 HTTP/1.1\r\n", Spoken::kHttp1},
      {"INVALID CONNECTION PREFACE\r\n", Spoken::kUnknown},
      {"HELO me\r\n", Spoken::kUnknown},
      {"FIFTEENLETTERSX /", Spoken::kHttp1},
      {"SIXTEENLETTERSXX /", Spoken::kUnknown},
      {"SSH-2.0-OpenSSH_9.2\r\n", Spoken::kUnknown},
      {"hello\n", Spoken::kUnknown},
      {"\0"s, Spoken::kUnknown},
      {"\xff\xff\xff\xff", Spoken::kUnknown},
  };
  for (const auto& c : cases) EXPECT_EQ(Detect(c.bytes), c.want) << c.bytes;
}

TEST(FirstBytes, AreUndecidedUntilTheyDiffer) {
  for (const char* bytes :
       {"P", "PR", "PRI", "G", "GET", "GET ", "POST", "OPTIONS", "\x16", "FIFTEENLETTERSX"}) {
    EXPECT_EQ(Detect(bytes), Spoken::kUndecided) << bytes;
  }
}

// However the network cuts them: once decided, the same for every longer beginning.
TEST(FirstBytes, EveryBeginningIsUndecidedOrDecidedRight) {
  const struct {
    std::string bytes;
    Spoken want;
  } cases[] = {
      {std::string(http2::kClientPreface), Spoken::kHttp2},
      {"GET / HTTP/1.1\r\nhost: x\r\n\r\n", Spoken::kHttp1},
      {"PROPFIND / HTTP/1.1\r\n\r\n", Spoken::kHttp1},
      {"PRIVATE / HTTP/1.1\r\n\r\n", Spoken::kHttp1},
      {kClientHello, Spoken::kTls},
  };
  for (const auto& c : cases) {
    bool decided = false;
    for (size_t bytes = 1; bytes <= c.bytes.size(); ++bytes) {
      SCOPED_TRACE(c.bytes.substr(0, bytes));
      const Spoken spoken = Detect(std::string_view(c.bytes).substr(0, bytes));
      if (spoken != Spoken::kUndecided) {
        decided = true;
        EXPECT_EQ(spoken, c.want);
      }
      EXPECT_EQ(spoken == Spoken::kUndecided, !decided);
    }
    EXPECT_TRUE(decided);
  }
}

TEST(FirstBytes, SixteenAreAlwaysEnough) {
  for (int first = 0; first < 256; ++first) {
    for (const char other : {'A', 'P', ' ', '\0', '\x03', 'z'}) {
      std::string bytes(kFirstBytesMax, other);
      bytes[0] = static_cast<char>(first);
      EXPECT_NE(Detect(bytes), Spoken::kUndecided) << bytes;
    }
  }
}

TEST(FirstBytes, Http1IsAnsweredInItsOwnWords) {
  for (const PortKind port : {PortKind::kCleartext, PortKind::kTls}) {
    const std::string_view answer = RefusalOf(Spoken::kHttp1, port);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 "));
    const size_t body = answer.find("\r\n\r\n") + 4;
    const std::string length = "content-length: " + std::to_string(answer.size() - body) + "\r\n";
    EXPECT_NE(answer.find(length), std::string_view::npos) << "the body has " << length;
  }
}

TEST(FirstBytes, TlsIsAnsweredWithAFatalAlert) {
  EXPECT_EQ(RefusalOf(Spoken::kTls, PortKind::kCleartext), "\x15\x03\x01\x00\x02\x02\x28"s);
}

TEST(FirstBytes, CleartextHttp2OnATlsPortIsAnsweredAsByAnyTlsServer) {
  EXPECT_EQ(RefusalOf(Spoken::kHttp2, PortKind::kTls), "\x15\x03\x01\x00\x02\x02\x0a"s);
}

TEST(FirstBytes, OthersAreLeftToHttp2) {
  EXPECT_EQ(RefusalOf(Spoken::kUnknown, PortKind::kTls), "");
  EXPECT_EQ(RefusalOf(Spoken::kUndecided, PortKind::kCleartext), "");
}

}  // namespace
}  // namespace penstock::server
