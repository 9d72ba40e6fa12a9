// How listeners end: by Stop(), with their shard, or before they began; and with them the files of
// unix sockets.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "penstock/reactor/listener.h"
#include "penstock/reactor/listener_fixture.h"

namespace penstock::reactor {
namespace {

class ListenerEndTest : public ListenerTest {};

// ---- Shards that end

bool IsRefused(const std::string& text) {
  std::string why;
  const auto address = Address::Resolve(text, &why);
  const Peer peer(::socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(peer.fd(), address->get(), address->bytes()) != 0 && errno == ECONNREFUSED;
}

TEST_P(ListenerEndTest, AShardThatEndsStopsItsListeners) {
  Listen("127.0.0.1:0");
  Peer peer = ConnectPeer();
  ExpectEcho(peer);
  shard_->Stop();
  shard_->Run();
  EXPECT_TRUE(listener_->stopped());
  EXPECT_TRUE(IsRefused(listener_->address()));
  listener_->Stop();  // returns
}

// Its letter is in the mailbox when the shard ends.
TEST_P(ListenerEndTest, AListenerOnItsWayToAShardThatEndsIsStopped) {
  Listen("127.0.0.1:0");
  shard_->Stop();
  shard_->Run();
  EXPECT_TRUE(listener_->stopped());
  EXPECT_TRUE(IsRefused(listener_->address()));
}

TEST_P(ListenerEndTest, AStuckShardWithAFullMailboxIsNotWaitedFor) {
  Listen("127.0.0.1:0");
  while (shard_->Post([](void*, uint64_t) {}, nullptr)) {
  }
  listener_->Stop();  // returns
  EXPECT_FALSE(listener_->stopped());
  shard_->Turn(0);
  listener_->Stop();
  DriveBothUntil([&] { return listener_->stopped(); });
}

TEST_P(ListenerEndTest, StartOnAShardThatHasEndedGivesUp) {
  shard_->Stop();
  shard_->Run();
  Listen("127.0.0.1:0");
  EXPECT_TRUE(listener_->stopped());
  EXPECT_TRUE(IsRefused(listener_->address()));
}

TEST_P(ListenerEndTest, StopBeforeStartOnAShardThatHasEndedGivesUp) {
  shard_->Stop();
  shard_->Run();
  std::string why;
  listener_ = std::make_unique<Listener>(*shard_, OpenListeningSocket("127.0.0.1:0", &why),
                                         placement(), acceptor_);
  listener_->Stop();
  EXPECT_TRUE(listener_->stopped());
  EXPECT_TRUE(IsRefused(listener_->address()));
}

// It was never woken for them: with io_uring that happens when it stops as they come.
TEST_P(ListenerEndTest, WhatWaitsInTheBacklogIsTakenAtTheStopIfThatIsAskedFor) {
  std::string why;
  const int fd = OpenListeningSocket("127.0.0.1:0", &why);
  ASSERT_GE(fd, 0) << why;
  listener_ = std::make_unique<Listener>(*shard_, fd, placement(), acceptor_);
  std::vector<Peer> peers;
  for (int i = 0; i < 5; ++i) peers.push_back(ConnectPeer());
  listener_->Stop(/*takes_backlog=*/true);
  DriveBothUntil([&] { return listener_->stopped(); });
  for (Peer& peer : peers) ExpectEcho(peer);
  EXPECT_EQ(acceptor_.handlers.size(), 5u);
  EXPECT_TRUE(IsRefused(listener_->address()));
  for (Peer& peer : peers) peer.Close();
}

// As a successor with io_uring does, whose shards want sockets that block. With epoll nobody does.
TEST_P(ListenerEndTest, TheBacklogIsTakenWithoutWaitingThoughTheSocketIsMadeToBlock) {
  if (!shard_->ring().sockets_block()) return;
  for (int round = 0; round < 2000; ++round) {
    std::string why;
    const int fd = OpenListeningSocket("127.0.0.1:0", &why);
    ASSERT_GE(fd, 0) << why;
    const int shared = ::dup(fd);
    listener_ = std::make_unique<Listener>(*shard_, fd, placement(), acceptor_);
    listener_->Start();
    std::atomic<bool> over = false;
    std::thread sharer([shared, &over] {
      while (!over) ::fcntl(shared, F_SETFL, ::fcntl(shared, F_GETFL) & ~O_NONBLOCK);
    });
    listener_->Stop(/*takes_backlog=*/true);
    DriveBothUntil([&] { return listener_->stopped(); });
    over = true;
    sharer.join();
    ::close(shared);
  }
}

TEST_P(ListenerEndTest, StopMayRaceWithTheEndOfTheShard) {
  for (int round = 0; round < 50; ++round) {
    Shard shard(Options(2));
    std::string why;
    ASSERT_TRUE(shard.Start(&why)) << why;
    Placement alone({&shard});
    ThreadedAcceptor acceptor;
    Listener listener(shard, OpenListeningSocket("127.0.0.1:0", &why), alone, acceptor);
    std::thread stopper([&shard] { shard.Stop(); });
    listener.Start();
    listener.Stop();
    while (!listener.stopped()) std::this_thread::yield();
    stopper.join();
    shard.Join();
  }
}

TEST_P(ListenerEndTest, AConnectionForAShardThatHasEndedStaysHere) {
  Listen("127.0.0.1:0");
  second_->Stop();
  second_->Run();
  std::vector<Peer> peers;
  for (int i = 0; i < 4; ++i) peers.push_back(ConnectPeer());
  DriveUntil([&] { return acceptor_.handlers.size() == 4; });
  EXPECT_EQ(shard_->connections_count(), 4u);
}

// ---- Files of unix sockets

bool Exists(const std::string& path) {
  struct stat found{};
  return ::lstat(path.c_str(), &found) == 0;
}

class SocketFileTest : public ListenerTest {
 protected:
  void ListenOnFile() {
    std::string why;
    SocketFile file;
    const int fd = OpenListeningSocket("unix:" + path_, &why, &file);
    ASSERT_GE(fd, 0) << why;
    listener_ = std::make_unique<Listener>(*shard_, fd, placement(), acceptor_, file);
    ASSERT_TRUE(Exists(path_));
  }
  void TearDown() override {
    ListenerTest::TearDown();
    ::unlink(path_.c_str());
  }

  const std::string path_ = SocketPath();
};

TEST_P(SocketFileTest, IsRemovedWhenItsListenerStops) {
  ListenOnFile();
  listener_->Start();
  Peer peer = ConnectPeer();
  ExpectEcho(peer);
  listener_->Stop();
  DriveBothUntil([&] { return listener_->stopped(); });
  EXPECT_FALSE(Exists(path_));
  ExpectEcho(peer);
}

TEST_P(SocketFileTest, IsRemovedWithAListenerThatNeverStarted) {
  ListenOnFile();
  listener_.reset();
  EXPECT_FALSE(Exists(path_));
}

TEST_P(SocketFileTest, IsRemovedWhenItsShardEnds) {
  ListenOnFile();
  listener_->Start();
  shard_->Stop();
  shard_->Run();
  EXPECT_FALSE(Exists(path_));
}

TEST_P(SocketFileTest, OfASuccessorStays) {
  ListenOnFile();
  listener_->Start();
  const std::string fresh = path_ + ".new";
  std::string why;
  const Peer successor(OpenListeningSocket("unix:" + fresh, &why));
  ASSERT_GE(successor.fd(), 0) << why;
  ASSERT_EQ(::rename(fresh.c_str(), path_.c_str()), 0);
  StopListening();
  EXPECT_TRUE(Exists(path_));
  EXPECT_EQ(OpenListeningSocket("unix:" + path_, &why), -1) << "the successor listens";
}

TEST_P(SocketFileTest, OfADescriptorThatWasInheritedStays) {
  std::string why;
  const int fd = OpenListeningSocket("unix:" + path_, &why);
  ASSERT_GE(fd, 0) << why;
  listener_ = std::make_unique<Listener>(*shard_, fd, placement(), acceptor_);
  listener_->Start();
  StopListening();
  EXPECT_TRUE(Exists(path_));
}

INSTANTIATE_ON_BOTH_RINGS(ListenerEndTest);
INSTANTIATE_ON_BOTH_RINGS(SocketFileTest);

}  // namespace
}  // namespace penstock::reactor
