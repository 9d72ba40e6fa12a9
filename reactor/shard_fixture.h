// What the reactor's tests share: a shard that turns on the test's own thread, handlers that write
// down what happens to them, and plain sockets as the peers.
#ifndef PENSTOCK_REACTOR_SHARD_FIXTURE_H_
#define PENSTOCK_REACTOR_SHARD_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "penstock/reactor/io_mode.h"
#include "penstock/reactor/listener.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/socket.h"
#include "penstock/wire/output_chain.h"

namespace penstock::reactor {

// Notes every event. With `echo` it sends back what it receives.
class RecordingHandler final : public SocketHandler {
 public:
  explicit RecordingHandler(Shard& shard, bool echo = false)
      : shard_(shard), chain_(&shard.slabs()), echo_(echo) {}

  void OnConnected(int error) override {
    connected_count++;
    connect_error = error;
    Check();
  }
  void OnReceived(wire::Bytes bytes) override {
    Check();
    EXPECT_FALSE(bytes.empty());
    EXPECT_FALSE(receive_ended);
    received.append(wire::AsString(bytes));
    receive_count++;
    if (echo_) {
      chain_.Append(bytes);
      socket->MarkDirty();
    }
    if (on_received) on_received();
  }
  void OnFlush() override {
    Check();
    flush_count++;
    if (on_flush) on_flush();
    socket->Send(chain_);
  }
  void OnSent() override {
    Check();
    sent_count++;
    if (on_sent) on_sent();
  }
  void OnReceiveEnd(int error) override {
    Check();
    (error == 0 ? receive_ended : broken) = true;
    receive_error = error;
    if (on_receive_end) on_receive_end();
  }
  void OnClosed() override {
    Check();
    closed = true;
    if (on_closed) on_closed();
  }

  // Queues `text` and flushes in the next turn.
  void Write(std::string_view text) {
    chain_.Append(wire::AsBytes(text));
    socket->MarkDirty();
  }
  wire::OutputChain& chain() { return chain_; }

  Shard& shard() { return shard_; }

  Socket* socket = nullptr;
  std::string received;
  int receive_count = 0;
  int flush_count = 0;
  int sent_count = 0;
  int connected_count = 0;
  int connect_error = 0;
  int receive_error = 0;
  bool receive_ended = false;
  bool broken = false;
  bool closed = false;
  std::function<void()> on_received, on_flush, on_sent, on_receive_end, on_closed;

 private:
  // Nothing comes after OnClosed(), and nothing comes nested in another call of ours.
  void Check() { EXPECT_FALSE(closed) << "an event after OnClosed()"; }

  Shard& shard_;
  wire::OutputChain chain_;
  const bool echo_;
};

// A plain socket, its end of a connection. Closed by its destructor.
class Peer {
 public:
  Peer() = default;
  explicit Peer(int fd) : fd_(fd) {}
  ~Peer() { Close(); }
  Peer(Peer&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Peer& operator=(Peer&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int fd() const { return fd_; }
  void Close();
  // Closes so that the other end is reset.
  void Reset();
  void HalfClose();
  // As much as fits without waiting; the octets taken.
  size_t WriteSome(std::string_view text);
  // What is there without waiting. `*ended` at EOF, `*error` the errno of a failure.
  std::string ReadSome(size_t bytes_max = 1 << 20, bool* ended = nullptr, int* error = nullptr);

 private:
  int fd_ = -1;
};

// Runs every test on both rings.
class ShardTest : public ::testing::TestWithParam<IoMode> {
 protected:
  static ShardOptions Options(int index = 0) {
    ShardOptions options;
    options.index = index;
    options.io = GetParam();
    // A lost wake-up shall hang the test, not hide behind the bounded sleep.
    options.ring.sleep_ns_max = kTimeNever;
    return options;
  }
  bool uring() const { return GetParam() == IoMode::kUring; }

  void SetUp() override { MakeShard(Options()); }
  void TearDown() override { DestroyShard(); }

  void MakeShard(const ShardOptions& options);
  // Stops, runs to the end, and checks that nothing was left behind.
  void DestroyShard();

  // Turns until `done`; fails after very many turns.
  void DriveUntil(const std::function<bool()>& done);
  // Turns as often as it takes for nothing more to happen without the peer.
  void DriveIdle();

  // A connected pair: the shard's socket spoken on by a new handler, and the test's end.
  std::pair<RecordingHandler*, Peer> Connection(bool echo = false);
  RecordingHandler* Adopt(int fd, bool echo = false);

  std::unique_ptr<Shard> shard_;
  std::vector<std::unique_ptr<RecordingHandler>> handlers_;
};

// Has a shard that runs elsewhere take over `fd`; both must outlive it.
void PostAdopt(Shard& shard, int fd, RecordingHandler& handler);
// A pair of connected TCP sockets on the loopback interface, made without a shard.
std::pair<int, int> TcpPair();
// `bytes` octets that do not repeat with the buffer sizes.
std::string Pattern(size_t bytes);
std::string ModeName(const ::testing::TestParamInfo<IoMode>& info);

#define INSTANTIATE_ON_BOTH_RINGS(suite)                                                    \
  INSTANTIATE_TEST_SUITE_P(Rings, suite, ::testing::Values(IoMode::kUring, IoMode::kEpoll), \
                           ModeName)

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_SHARD_FIXTURE_H_
