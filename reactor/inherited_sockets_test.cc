#include "penstock/reactor/inherited_sockets.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "penstock/reactor/address.h"
#include "penstock/reactor/listener.h"

namespace penstock::reactor {
namespace {

// Two listening sockets, as a service manager passes them: neighbours.
class InheritedSocketsTest : public ::testing::Test {
 protected:
  static constexpr int kFirst = 600;

  void SetUp() override {
    std::string why;
    for (const int fd : {kFirst, kFirst + 1}) {
      const int made = OpenListeningSocket("127.0.0.1:0", &why);
      ASSERT_GE(made, 0) << why;
      ASSERT_EQ(::dup2(made, fd), fd);
      ::close(made);
    }
    activation_.pid = std::to_string(::getpid());
    activation_.count = "2";
    activation_.names = "grpc:admin";
    activation_.first_fd = kFirst;
  }
  void TearDown() override {
    ::close(kFirst);
    ::close(kFirst + 1);
  }

  std::vector<int> Take(const char* text) { return TakeInheritedSockets(text, activation_, &why_); }

  SocketActivation activation_;
  std::string why_;
};

using Fds = std::vector<int>;

TEST_F(InheritedSocketsTest, AreTakenAllOrByNameOrByNumber) {
  EXPECT_EQ(Take("systemd:"), (Fds{kFirst, kFirst + 1})) << why_;
  EXPECT_EQ(Take("systemd:admin"), Fds{kFirst + 1}) << why_;
  EXPECT_EQ(Take("fd:600"), Fds{kFirst}) << why_;
  EXPECT_EQ(::fcntl(kFirst, F_GETFD), FD_CLOEXEC);
}

TEST_F(InheritedSocketsTest, WithoutNamesAreUnknown) {
  activation_.names.reset();
  EXPECT_EQ(Take("systemd:unknown").size(), 2u) << why_;
}

TEST_F(InheritedSocketsTest, SaysWhatIsMissing) {
  const auto expect = [this](const char* text, const char* part) {
    EXPECT_EQ(Take(text), Fds{});
    EXPECT_NE(why_.find("cannot listen on " + std::string(text) + ": "), std::string::npos);
    EXPECT_NE(why_.find(part), std::string::npos) << why_;
  };
  expect("systemd:web", "no socket of that name was passed, but 'grpc', 'admin'");
  expect("fd:x", "write fd:NUMBER");
  expect("fd:601x", "write fd:NUMBER");
  expect("fd:999", "descriptor 999 is not open");
  activation_.count = "257";
  expect("systemd:", "LISTEN_FDS is '257', not a number from 1 to 256");
  activation_.pid = "1";
  expect("systemd:", "were passed to process 1 (LISTEN_PID)");
  activation_ = {};
  expect("systemd:", "LISTEN_FDS is not set");
}

TEST_F(InheritedSocketsTest, OthersThanListeningStreamSocketsAreRefused) {
  const struct {
    int fd;
    const char* want;
  } cases[] = {
      {::open("/dev/null", O_RDONLY | O_CLOEXEC), "is not a socket"},
      {::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "is not a stream socket"},
      {::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "does not listen"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(Take(("fd:" + std::to_string(each.fd)).c_str()), Fds{});
    EXPECT_NE(why_.find(each.want), std::string::npos) << why_;
    ::close(each.fd);
  }
}

TEST(InheritedSockets, FormsAreToldFromAddresses) {
  std::string why;
  for (const char* text : {"systemd:", "systemd:grpc", "fd:3"}) {
    EXPECT_TRUE(IsInherited(text)) << text;
    EXPECT_TRUE(IsListenable(text, &why)) << text;
  }
  EXPECT_FALSE(IsInherited("127.0.0.1:1"));
  EXPECT_TRUE(IsListenable("127.0.0.1:1", &why));
  EXPECT_FALSE(IsListenable("fd:", &why));
  EXPECT_FALSE(IsListenable("fd:-1", &why));
  EXPECT_FALSE(IsListenable("nonsense", &why));
}

}  // namespace
}  // namespace penstock::reactor
