#include "penstock/client/target.h"

#include <gtest/gtest.h>

namespace penstock::client {
namespace {

TEST(ResolveTarget, KeepsTheAuthorityAsItWasWritten) {
  const struct {
    const char* text;
    const char* authority;
    std::vector<std::string> addresses;
  } cases[] = {
      {"127.0.0.1:50051", "127.0.0.1:50051", {"127.0.0.1:50051"}},
      {"[::1]:80", "[::1]:80", {"[::1]:80"}},
      {"dns:///127.0.0.1:7", "127.0.0.1:7", {"127.0.0.1:7"}},
      {"unix:/tmp/x.sock", "localhost", {"unix:/tmp/x.sock"}},
      {"inproc:x", "localhost", {"inproc:x"}},
      {"static:127.0.0.1:1,127.0.0.2:2", "127.0.0.1:1", {"127.0.0.1:1", "127.0.0.2:2"}},
  };
  for (const auto& [text, authority, addresses] : cases) {
    SCOPED_TRACE(text);
    std::string why;
    const std::optional<Target> target = ResolveTarget(text, &why);
    ASSERT_TRUE(target.has_value()) << why;
    EXPECT_EQ(target->authority, authority);
    std::vector<std::string> resolved;
    for (const reactor::Address& address : target->addresses) {
      resolved.push_back(address.ToString());
    }
    EXPECT_EQ(resolved, addresses);
  }
}

TEST(ResolveTarget, SaysWhatIsWrongWithWhat) {
  const struct {
    const char* text;
    const char* want;
  } cases[] = {
      {"127.0.0.1", "cannot use the target '127.0.0.1': no port: write HOST:PORT"},
      {"https://127.0.0.1:1", "begins with https://; write HOST:PORT"},
      {"static:", "names no address"},
      {"static:127.0.0.1:1,127.0.0.1:x", "the port 'x' is not a number"},
  };
  for (const auto& [text, want] : cases) {
    SCOPED_TRACE(text);
    std::string why;
    EXPECT_FALSE(ResolveTarget(text, &why).has_value());
    EXPECT_NE(why.find(want), std::string::npos) << why;
  }
}

}  // namespace
}  // namespace penstock::client
