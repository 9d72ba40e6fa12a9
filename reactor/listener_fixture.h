// What the tests of listeners share: two shards that turn on the test's thread, and acceptors whose
// connections echo.
#ifndef PENSTOCK_REACTOR_LISTENER_FIXTURE_H_
#define PENSTOCK_REACTOR_LISTENER_FIXTURE_H_

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "penstock/reactor/address.h"
#include "penstock/reactor/listener.h"
#include "penstock/reactor/shard_fixture.h"

namespace penstock::reactor {

// Bazel's own directory for a test's files is longer than an address may be.
inline std::string SocketPath() { return "/tmp/penstock-" + std::to_string(::getpid()) + ".sock"; }

// Makes an echoing handler for every connection, or refuses them all.
class EchoAcceptor final : public AcceptHandler {
 public:
  SocketHandler* OnAccepted(Shard& shard, Socket& socket) override {
    EXPECT_EQ(&shard, Shard::Current());
    if (refuse) return nullptr;
    handlers.push_back(std::make_unique<RecordingHandler>(shard, /*echo=*/true));
    handlers.back()->socket = &socket;
    shards.push_back(shard.index());
    return handlers.back().get();
  }

  bool refuse = false;
  std::vector<std::unique_ptr<RecordingHandler>> handlers;
  std::vector<int> shards;
};

class ListenerTest : public ShardTest {
 protected:
  void SetUp() override {
    ShardTest::SetUp();
    MakeSecondShard(Options(1));
  }
  void TearDown() override {
    if (listener_ != nullptr) StopListening();
    second_->Stop();
    second_->Run();
    shard_->Stop();
    shard_->Run();
    acceptor_.handlers.clear();
    second_.reset();
    ShardTest::TearDown();
  }

  void MakeSecondShard(const ShardOptions& options) {
    second_ = std::make_unique<Shard>(options);
    std::string why;
    ASSERT_TRUE(second_->Open(&why)) << why;
  }

  void Listen(const std::string& address) {
    std::string why;
    const int fd = OpenListeningSocket(address, &why);
    ASSERT_GE(fd, 0) << why;
    listener_ = std::make_unique<Listener>(*shard_, fd, placement(), acceptor_);
    listener_->Start();
  }
  void StopListening() {
    if (listener_ == nullptr) return;
    listener_->Stop();
    DriveBothUntil([&] { return listener_->stopped(); });
    listener_.reset();
  }
  Placement& placement() {
    if (placement_ == nullptr) {
      placement_ = std::make_unique<Placement>(std::vector<Shard*>{shard_.get(), second_.get()});
    }
    return *placement_;
  }

  Peer ConnectPeer() {
    std::string why;
    const auto address = Address::Resolve(listener_->address(), &why);
    Peer peer(::socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(peer.fd(), address->get(), address->bytes()), 0);
    return peer;
  }

  void DriveBothUntil(const std::function<bool()>& done) {
    for (int i = 0; i < 20'000; ++i) {
      if (done()) return;
      shard_->Turn(kNsPerMs);
      second_->Turn(0);
    }
    FAIL() << "it did not happen";
  }
  void ExpectEcho(Peer& peer) {
    peer.WriteSome("echo");
    std::string text;
    DriveBothUntil([&] { return (text += peer.ReadSome()) == "echo"; });
  }

  EchoAcceptor acceptor_;
  std::unique_ptr<Shard> second_;
  std::unique_ptr<Placement> placement_;
  std::unique_ptr<Listener> listener_;
};

// The same for shards on threads of their own.
class ThreadedAcceptor final : public AcceptHandler {
 public:
  SocketHandler* OnAccepted(Shard& shard, Socket& socket) override {
    auto* const handler = new RecordingHandler(shard, /*echo=*/true);
    handler->socket = &socket;
    handler->on_receive_end = [handler] { handler->socket->Abort(); };
    handler->on_closed = [handler] { delete handler; };
    return handler;
  }
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_LISTENER_FIXTURE_H_
