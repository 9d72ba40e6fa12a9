// The two ends of the control socket by themselves: out of descriptors, and at the end.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "penstock/reactor/address.h"
#include "penstock/reactor/cpu.h"
#include "penstock/reactor/io_mode.h"
#include "penstock/reactor/listener.h"
#include "penstock/server/takeover.h"
#include "penstock/server/takeover_message.h"
#include "penstock/wire/time.h"

namespace penstock::server {
namespace {

using reactor::IoMode;

// This process can open no more.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lower = before_;
    lower.rlim_cur = std::min<rlim_t>(before_.rlim_cur, 1024);
    ::setrlimit(RLIMIT_NOFILE, &lower);
    for (int fd; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) fillers_.push_back(fd);
  }
  ~NoDescriptors() {
    for (const int fd : fillers_) ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
  std::vector<int> fillers_;
};

TimeNs ProcessorTimeNs() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return spent.tv_sec * kNsPerSecond + spent.tv_nsec;
}

// --- The new process

TEST(Predecessor, IsNotTakenForMissingWhereADescriptorIs) {
  const NoDescriptors none;
  const Status status = Predecessor().Ask("unix-abstract:penstock_takeover_test", IoMode::kEpoll);
  EXPECT_NE(MessageOf(status).find("out of file descriptors"), std::string_view::npos) << status;
}

TEST(Predecessor, AnAddressThatIsNoFilesCostsNoDescriptor) {
  const int before = ::dup(0);
  ::close(before);
  EXPECT_FALSE(Predecessor().Ask("127.0.0.1:1", IoMode::kEpoll).ok());
  const int after = ::dup(0);
  ::close(after);
  EXPECT_EQ(after, before);
}

// --- The old one

class TakeoverHostTest : public ::testing::Test {
 protected:
  // Hosts one socket at a port of its own.
  TakeoverHostTest() {
    ListeningSockets none;
    ListeningSockets opened;
    EXPECT_TRUE(OpenListeningSockets({control_, "127.0.0.1:0"}, &none, &opened).ok());
    address_ = opened[1].address();
    ListeningSockets sockets;
    sockets.push_back(std::move(opened[1]));
    host_ = std::make_unique<TakeoverHost>(std::move(opened[0]), std::move(sockets),
                                           IoMode::kEpoll, [](int) {});
  }

  static int NewSocket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }
  bool Connect(int fd) const {
    std::string why;
    const reactor::Address to = *reactor::Address::Resolve(control_, &why);
    return ::connect(fd, to.get(), to.bytes()) == 0;
  }

  const std::string control_ =
      "unix-abstract:penstock_takeover_host_test_" + std::to_string(::getpid());
  std::string address_;
  std::unique_ptr<TakeoverHost> host_;
};

TEST_F(TakeoverHostTest, EndsAlsoIfItCouldNotMakeWhatEndsIt) {
  ListeningSockets none;
  ListeningSockets opened;
  ASSERT_TRUE(OpenListeningSockets({control_ + "_2"}, &none, &opened).ok());
  std::unique_ptr<TakeoverHost> host;
  {
    const NoDescriptors limit;
    host = std::make_unique<TakeoverHost>(std::move(opened[0]), ListeningSockets(),
                                          IoMode::kEpoll, [](int) {});
  }
  host->Stop();
  EXPECT_TRUE(host->ended());
  EXPECT_FALSE(host->handed_over());
}

// Of the processor's time a busy loop would take all of it.
TEST_F(TakeoverHostTest, RestsWhileItHasNoDescriptorForASuccessor) {
  constexpr int kWatchMs = 100;
  const int fd = NewSocket();
  {
    const NoDescriptors none;
    ASSERT_TRUE(Connect(fd));
    const TimeNs before_ns = ProcessorTimeNs();
    ::poll(nullptr, 0, kWatchMs);
    EXPECT_LT(ProcessorTimeNs() - before_ns, kWatchMs * kNsPerMs / 2);
  }
  TakeoverMessage answer;
  EXPECT_EQ(SendTakeover(fd, TakeoverKind::kHello, "epoll"), "");
  EXPECT_EQ(ReceiveTakeover(fd, &answer), "");
  EXPECT_EQ(answer.sockets.size(), 2u);
  ::close(fd);
}

TEST_F(TakeoverHostTest, ASuccessorThatComesLateWaitsUntilTheAddressesAreFree) {
  host_->Stop();
  const int fd = NewSocket();
  EXPECT_TRUE(Connect(fd)) << "it would find nobody, and the address taken";
  std::string why;
  const int listening = reactor::OpenListeningSocket(address_, &why);
  EXPECT_GE(listening, 0) << why;
  ::close(listening);
  host_->CloseControl();
  TakeoverMessage answer;
  EXPECT_NE(ReceiveTakeover(fd, &answer), "");
  ::close(fd);
  const int late = NewSocket();
  EXPECT_FALSE(Connect(late));
  ::close(late);
}

TEST_F(TakeoverHostTest, OneThatHesitatesIsWaitedForUntilItIsGivenUp) {
  const int fd = NewSocket();
  ASSERT_TRUE(Connect(fd));
  ASSERT_EQ(SendTakeover(fd, TakeoverKind::kHello, "epoll"), "");
  TakeoverMessage answer;
  ASSERT_EQ(ReceiveTakeover(fd, &answer), "");
  ASSERT_EQ(answer.sockets.size(), 2u);
  const TimeNs before_ns = reactor::ReadClock();
  host_->BeginStop();
  EXPECT_FALSE(host_->ended());
  host_->GiveUp();
  host_->Stop();
  EXPECT_LT(reactor::ReadClock() - before_ns, kTakeoverTimeoutNs) << "it was silent for so long";
  EXPECT_FALSE(host_->handed_over());
  EXPECT_NE(ReceiveTakeover(fd, &answer), "");
  ::close(fd);
}

}  // namespace
}  // namespace penstock::server
