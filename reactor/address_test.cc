#include "penstock/reactor/address.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace penstock::reactor {
namespace {

TEST(Address, ReadsAndWritesEveryForm) {
  struct {
    const char* text;
    const char* want;
    int family;
    uint16_t port;
  } const cases[] = {
      {"127.0.0.1:50051", "127.0.0.1:50051", AF_INET, 50051},
      {"0.0.0.0:0", "0.0.0.0:0", AF_INET, 0},
      {"[::1]:80", "[::1]:80", AF_INET6, 80},
      {"[::]:65535", "[::]:65535", AF_INET6, 65535},
      {"unix:/tmp/a.sock", "unix:/tmp/a.sock", AF_UNIX, 0},
      {"unix:relative", "unix:relative", AF_UNIX, 0},
      {"unix-abstract:name", "unix-abstract:name", AF_UNIX, 0},
      {"inproc:name", "inproc:name", AF_UNIX, 0},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.text);
    std::string why;
    const auto address = Address::Resolve(each.text, &why);
    ASSERT_TRUE(address) << why;
    EXPECT_EQ(address->ToString(), each.want);
    EXPECT_EQ(address->family(), each.family);
    EXPECT_EQ(address->port(), each.port);
  }
}

TEST(Address, SaysWhatIsWrong) {
  const std::string long_name(200, 'x');
  struct {
    std::string text;
    const char* want;
  } const cases[] = {
      {"", "no port: write HOST:PORT"},
      {"127.0.0.1", "no port: write HOST:PORT"},
      {"127.0.0.1:", "the port '' is not a number from 0 to 65535"},
      {"127.0.0.1:http", "the port 'http' is not a number"},
      {"127.0.0.1:65536", "the port '65536' is not a number"},
      {"127.0.0.1:-1", "the port '-1' is not a number"},
      {"127.0.0.1:1 ", "the port '1 ' is not a number"},
      {"::1:80", "an IPv6 address stands in brackets"},
      {"http://127.0.0.1:80", "it is a URL: write HOST:PORT alone"},
      {"127.0.0.1:80,127.0.0.1:81", "these are several: give each address by itself"},
      {"[::1:80", "the brackets do not match"},
      {"[not-an-address]:80", "unknown host 'not-an-address'"},
      {"256.0.0.1:80", "unknown host '256.0.0.1'"},
      {"unix:", "the name after the colon is missing"},
      {"unix:" + long_name, "the name is longer than the 107 bytes that fit"},
      {"unix-abstract:" + long_name, "the name is longer than the 107 bytes that fit"},
      {"inproc:", "the name after the colon is missing"},
      {"inproc:" + long_name, "the name is longer than the 64 bytes that fit"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.text);
    std::string why;
    EXPECT_FALSE(Address::Resolve(each.text, &why));
    EXPECT_TRUE(why.starts_with(each.want)) << why;
  }
}

TEST(Address, NoHostMeansEveryInterface) {
  std::string why;
  const auto address = Address::Resolve(":50051", &why);
  ASSERT_TRUE(address) << why;
  EXPECT_TRUE(address->ToString() == "[::]:50051" || address->ToString() == "0.0.0.0:50051");
}

TEST(Address, AnUnnamedUnixPeerIsJustUnix) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  EXPECT_EQ(Address::OfPeer(ends[0])->ToString(), "unix:");
  ::close(ends[0]);
  ::close(ends[1]);
  EXPECT_FALSE(Address::OfPeer(-1));
}

TEST(Address, OneOfThisProcessIsToldFromOtherUnixAddresses) {
  std::string why;
  EXPECT_TRUE(Address::Resolve("inproc:x", &why)->is_in_process());
  EXPECT_TRUE(Address::Resolve("inproc:x", &why)->has_name());
  EXPECT_TRUE(Address::Resolve("unix-abstract:x", &why)->has_name());
  EXPECT_FALSE(Address::Resolve("unix:/x", &why)->has_name());
  EXPECT_TRUE(Address::Resolve("inproc:" + std::string(64, 'x'), &why)->is_in_process());
  for (const char* text : {"unix-abstract:x", "unix-abstract:penstock/1/0123456789abcdef/x",
                           "unix:/run/x", "127.0.0.1:1"}) {
    EXPECT_FALSE(Address::Resolve(text, &why)->is_in_process()) << text;
  }
}

TEST(Address, FormIsJudgedWithoutLookingUpTheHost) {
  std::string why;
  for (const char* text :
       {"no-such-host.invalid:1", "127.0.0.1:0", "[::]:65535", "unix:/run/x", "unix-abstract:x",
        "inproc:x"}) {
    EXPECT_TRUE(Address::IsWellFormed(text, &why)) << text << ": " << why;
  }
  for (const char* text : {"localhost", "127.0.0.1:http2", "127.0.0.1:65536", "::1:1", "unix:"}) {
    why.clear();
    EXPECT_FALSE(Address::IsWellFormed(text, &why)) << text;
    EXPECT_FALSE(why.empty()) << text;
  }
}

}  // namespace
}  // namespace penstock::reactor
