#include "penstock/reactor/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "penstock/reactor/listener_fixture.h"
#include "penstock/reactor/testing/descriptor_limit.h"

namespace penstock::reactor {
namespace {

// Machines with IPv6 turned off get IPv4 twice.
std::string Ipv6OrIpv4() {
  std::string why;
  const int fd = OpenListeningSocket("[::1]:0", &why);
  if (fd < 0) return "127.0.0.1:0";
  ::close(fd);
  return "[::1]:0";
}

TEST_P(ListenerTest, ServesEveryKindOfAddress) {
  const std::string path = SocketPath();
  for (const std::string& address :
       {std::string("127.0.0.1:0"), Ipv6OrIpv4(), std::string(":0"), "unix:" + path,
        "unix-abstract:penstock-" + std::to_string(::getpid())}) {
    SCOPED_TRACE(address);
    StopListening();
    Listen(address);
    ASSERT_NE(listener_, nullptr);
    if (address == ":0") {
      EXPECT_NE(listener_->port(), 0);
    } else if (address.starts_with("unix")) {
      EXPECT_EQ(listener_->address(), address);
    }
    Peer peer = ConnectPeer();
    ExpectEcho(peer);
  }
  ::unlink(path.c_str());
}

TEST_P(ListenerTest, AcceptedTcpSocketsDoNotDelay) {
  Listen("127.0.0.1:0");
  Peer peer = ConnectPeer();
  DriveBothUntil([&] { return acceptor_.handlers.size() == 1; });
  int value = 0;
  socklen_t bytes = sizeof(value);
  const int fd = acceptor_.handlers[0]->socket->fd();
  ASSERT_EQ(::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &bytes), 0);
  EXPECT_NE(value, 0);
  EXPECT_EQ((::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0, uring());
  EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
}

TEST_P(ListenerTest, EachConnectionGoesToTheShardWithTheFewest) {
  Listen("127.0.0.1:0");
  std::vector<Peer> peers;
  for (size_t i = 1; i <= 10; ++i) {
    peers.push_back(ConnectPeer());
    DriveBothUntil([&] { return acceptor_.handlers.size() == i; });
    EXPECT_LE(std::abs(int(shard_->connections_count()) - int(second_->connections_count())), 1);
  }
  // All of shard 1's go away: the next ones are its.
  for (size_t i = 0; i < peers.size(); ++i) {
    if (acceptor_.shards[i] == 1) acceptor_.handlers[i]->socket->Abort();
  }
  DriveBothUntil([&] { return second_->connections_count() == 0; });
  for (size_t i = 11; i <= 15; ++i) {
    peers.push_back(ConnectPeer());
    DriveBothUntil([&] { return acceptor_.handlers.size() == i; });
    EXPECT_EQ(acceptor_.shards.back(), 1);
  }
  ExpectEcho(peers.back());
}

TEST_P(ListenerTest, ShardsOfBothKindsMaySitOnOneListener) {
  ShardOptions options = Options(1);
  options.io = uring() ? IoMode::kEpoll : IoMode::kUring;
  second_->Stop();
  second_->Run();
  MakeSecondShard(options);
  Listen("127.0.0.1:0");
  for (int i = 0; i < 4; ++i) {
    Peer peer = ConnectPeer();
    ExpectEcho(peer);
  }
  EXPECT_NE(std::count(acceptor_.shards.begin(), acceptor_.shards.end(), 1), 0);
}

TEST_P(ListenerTest, AFullMailboxKeepsTheConnectionHere) {
  ShardOptions options = Options(1);
  options.mailbox_letters_max = 2;
  second_->Stop();
  second_->Run();
  MakeSecondShard(options);
  while (second_->Post([](void*, uint64_t) {}, nullptr)) {
  }
  Listen("127.0.0.1:0");
  std::vector<Peer> peers;
  for (int i = 0; i < 4; ++i) peers.push_back(ConnectPeer());
  DriveUntil([&] { return acceptor_.handlers.size() == 4; });
  EXPECT_EQ(shard_->connections_count(), 4u);
  EXPECT_EQ(second_->connections_count(), 0u);
}

TEST_P(ListenerTest, AHandlerMayRefuse) {
  acceptor_.refuse = true;
  Listen("127.0.0.1:0");
  Peer peer = ConnectPeer();
  bool ended = false;
  DriveBothUntil([&] {
    peer.ReadSome(1, &ended);
    return ended;
  });
  EXPECT_EQ(shard_->connections_count() + second_->connections_count(), 0u);
}

TEST_P(ListenerTest, ManyConnectionsAtOnceAreAllAccepted) {
  Listen("127.0.0.1:0");
  std::vector<Peer> peers;
  for (int i = 0; i < 300; ++i) peers.push_back(ConnectPeer());
  DriveBothUntil([&] { return acceptor_.handlers.size() == 300; });
  EXPECT_EQ(shard_->connections_count(), 150u);
}

TEST_P(ListenerTest, StopRefusesNewConnectionsAndKeepsTheOld) {
  Listen("127.0.0.1:0");
  Peer old = ConnectPeer();
  ExpectEcho(old);
  std::string why;
  const auto address = Address::Resolve(listener_->address(), &why);
  StopListening();
  Peer late(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_NE(::connect(late.fd(), address->get(), address->bytes()), 0);
  EXPECT_EQ(errno, ECONNREFUSED);
  ExpectEcho(old);
}

// For ThreadSanitizer to look at the hand-over.
TEST_P(ListenerTest, ThreadsOfBothShardsServe) {
  Shard first(Options(2));
  Shard other(Options(3));
  std::string why;
  ASSERT_TRUE(first.Start(&why)) << why;
  ASSERT_TRUE(other.Start(&why)) << why;
  Placement both({&first, &other});
  ThreadedAcceptor acceptor;
  Listener listener(first, OpenListeningSocket("127.0.0.1:0", &why), both, acceptor);
  listener.Start();
  const auto address = Address::Resolve(listener.address(), &why);
  for (int i = 0; i < 50; ++i) {
    const Peer peer(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(peer.fd(), address->get(), address->bytes()), 0);
    char text[] = "hello";
    ASSERT_EQ(::send(peer.fd(), text, 5, 0), 5);
    ASSERT_EQ(::recv(peer.fd(), text, 5, MSG_WAITALL), 5);
  }
  listener.Stop();
  while (!listener.stopped()) std::this_thread::yield();
  first.Stop();
  other.Stop();
  first.Join();
  other.Join();
  EXPECT_EQ(first.stats().accepts, 50u);
  EXPECT_GT(other.stats().receives, 0u);
  EXPECT_EQ(first.stats().receives + other.stats().receives, 50u);
}

// ---- Out of descriptors

// io_uring reads the limit when an accept is armed, so the listener starts under it.
TEST_P(ListenerTest, OutOfDescriptorsItClosesTheSurplusAndLivesOn) {
  std::vector<Peer> peers;
  for (int i = 0; i < 3; ++i) peers.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  {
    const DescriptorLimit limit(3);  // the listener, its spare, and one connection
    Listen("127.0.0.1:0");
    ASSERT_NE(listener_, nullptr);
    std::string why;
    const auto address = Address::Resolve(listener_->address(), &why);
    const auto connect = [&](Peer& peer) {
      ASSERT_EQ(::connect(peer.fd(), address->get(), address->bytes()), 0);
    };
    connect(peers[0]);
    DriveBothUntil([&] { return acceptor_.handlers.size() == 1; });
    connect(peers[1]);
    bool ended = false;
    DriveBothUntil([&] {
      peers[1].ReadSome(1, &ended);
      return ended;
    });
    EXPECT_EQ(shard_->stats().accepts_refused, 1u);
    connect(peers[2]);  // waits in the backlog, or is closed like the one before
    ExpectEcho(peers[0]);
  }
  // Descriptors are back, and so is the listener.
  Peer late = ConnectPeer();
  ExpectEcho(late);
}

// ---- Endings of a multishot accept

class UringListenerTest : public ListenerTest {};

TEST_P(UringListenerTest, AnAcceptThatEndsByItselfIsArmedAgain) {
  ShardOptions options = Options();
  options.ring.sq_entries = 2;
  options.ring.cq_entries = 4;
  MakeShard(options);
  placement_.reset();
  std::string why;
  const int fd = OpenListeningSocket("127.0.0.1:0", &why);
  ASSERT_GE(fd, 0) << why;
  listener_ = std::make_unique<Listener>(*shard_, fd, placement(), acceptor_);
  std::vector<Peer> peers;
  for (int i = 0; i < 64; ++i) peers.push_back(ConnectPeer());
  listener_->Start();
  DriveBothUntil([&] { return acceptor_.handlers.size() == 64; });
  EXPECT_GT(shard_->stats().accept_rearms, 0u) << "the completion queue was full on the way";
  ExpectEcho(peers.front());
  ExpectEcho(peers.back());
}

INSTANTIATE_ON_BOTH_RINGS(ListenerTest);
INSTANTIATE_TEST_SUITE_P(Ring, UringListenerTest, ::testing::Values(IoMode::kUring), ModeName);

// ---- Sentences

TEST(OpenListeningSocket, SaysWhatWhereWhyAndWhatToDo) {
  std::string why;
  const int held = OpenListeningSocket("127.0.0.1:0", &why);
  ASSERT_GE(held, 0) << why;
  const std::string held_address = Address::OfLocalEnd(held)->ToString();
  const struct {
    std::string address;
    std::string want;
  } cases[] = {
      {held_address, "cannot listen on " + held_address +
                         ": address already in use: this process listens on it; stop it or choose "
                         "another address"},
      {"192.0.2.1:80",
       "cannot listen on 192.0.2.1:80: cannot assign requested address: no network interface of "
       "this machine has it; use [::] or 0.0.0.0 for every interface"},
      {"127.0.0.1",
       "cannot listen on 127.0.0.1: no port: write HOST:PORT, for example 127.0.0.1:50051"},
      {"unix:/no/such/directory/a.sock",
       "cannot listen on unix:/no/such/directory/a.sock: no such file or directory: the directory "
       "does not exist"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(OpenListeningSocket(each.address, &why), -1);
    EXPECT_EQ(why, each.want);
  }
  ::close(held);
}

TEST(OpenListeningSocket, ReplacesTheFileOfADeadProcessButNotOfALivingOne) {
  const std::string path = SocketPath();
  const std::string address = "unix:" + path;
  std::string why;
  const int first = OpenListeningSocket(address, &why);
  ASSERT_GE(first, 0) << why;
  EXPECT_EQ(OpenListeningSocket(address, &why), -1);
  EXPECT_EQ(why, "cannot listen on " + address +
                     ": address already in use: this process listens on it; stop it or choose "
                     "another address");
  ::close(first);
  const int second = OpenListeningSocket(address, &why);
  EXPECT_GE(second, 0) << why;
  ::close(second);
  ::unlink(path.c_str());
}

TEST(OpenListeningSocket, NeverRemovesWhatIsNotASocket) {
  const std::string file = SocketPath();
  const std::string link = file + ".link";
  const int written = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  ASSERT_GE(written, 0);
  ASSERT_EQ(::write(written, "precious", 8), 8);
  ::close(written);
  ASSERT_EQ(::symlink(file.c_str(), link.c_str()), 0);
  for (const std::string& path : {file, link}) {
    std::string why;
    EXPECT_EQ(OpenListeningSocket("unix:" + path, &why), -1);
    EXPECT_NE(why.find("a file that is not a socket stands there"), std::string::npos) << why;
  }
  struct stat found{};
  ASSERT_EQ(::lstat(file.c_str(), &found), 0);
  EXPECT_TRUE(S_ISREG(found.st_mode));
  EXPECT_EQ(found.st_size, 8);
  ASSERT_EQ(::lstat(link.c_str(), &found), 0);
  EXPECT_TRUE(S_ISLNK(found.st_mode));
  ::unlink(link.c_str());
  ::unlink(file.c_str());
}

}  // namespace
}  // namespace penstock::reactor
