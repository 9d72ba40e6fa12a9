// MemoryNet: a simulation in which connections are strings in memory and time passes when the test
// says so. What a shard does on it is the same in every run.
//
//     MemoryNet net;
//     Shard shard({.simulation = &net});
//     shard.Open(&why);
//     shard.Adopt(-1, handler);               // net.newest() is the other end of the connection
//     net.newest().Write("hello");
//     shard.Turn(0);
//     EXPECT_EQ(net.newest().TakeRead(), "HELLO");
//
// Ownership: the net outlives its shard; an end lives as long as the net, also after its socket.
// Limits:    one shard; no listeners.
#ifndef PENSTOCK_REACTOR_TESTING_MEMORY_NET_H_
#define PENSTOCK_REACTOR_TESTING_MEMORY_NET_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/reactor/simulation.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/time.h"

namespace penstock::reactor {

class Socket;

// The far end of one socket.
class MemoryEnd {
 public:
  // One receive buffer, delivered in the next turn that receives. Not empty.
  void Write(std::string_view bytes) { written_.emplace_back(bytes); }
  // Our half ends, after what was written.
  void EndWrite() { write_ended_ = true; }
  // The connection breaks with this errno: what was written arrives, nothing is sent any more.
  void Break(int error) { error_ = error; }

  // What the socket sent and was not taken yet.
  std::string TakeRead() { return std::exchange(read_, {}); }
  // How much the socket may send before the next call; without limit at first.
  void set_room_bytes(size_t bytes) { room_bytes_ = bytes; }
  // The socket has closed its half.
  bool read_ended() const { return read_ended_; }
  // The socket is gone.
  bool closed() const { return socket_ == nullptr; }

 private:
  friend class MemoryRing;

  size_t Room(size_t bytes) const { return bytes < room_bytes_ ? bytes : room_bytes_; }

  Socket* socket_ = nullptr;
  std::deque<std::string> written_;
  std::string read_;
  std::vector<wire::Bytes> sending_;  // in flight
  size_t room_bytes_ = SIZE_MAX;
  int error_ = 0;
  bool write_ended_ = false;
  bool read_ended_ = false;
  bool connecting_ = false;
  bool receiving_ = false;
  bool wants_room_ = false;
  bool closing_ = false;
};

class MemoryNet final : public Simulation {
 public:
  // How the kernel in use would behave: io_uring takes what is sent while the shard sleeps and
  // reads it from the chain then, epoll's sockets take it at once.
  explicit MemoryNet(IoMode mode = IoMode::kEpoll) : mode_(mode) {}

  TimeNs Now() override { return now_ = SaturatingAdd(now_, look_ns_); }
  std::unique_ptr<Ring> MakeRing(const RingContext& context) override;

  void Advance(TimeNs ns) { now_ = SaturatingAdd(now_, ns); }
  // How long it takes to look at the clock, for those who look too seldom; at first nothing.
  void set_look_ns(TimeNs look_ns) { look_ns_ = look_ns; }
  // What connecting will come to: 0, or an errno.
  void set_connect_error(int error) { connect_error_ = error; }

  // One for each socket that there ever was.
  size_t ends_count() const { return ends_.size(); }
  MemoryEnd& end(size_t index) { return *ends_[index]; }
  MemoryEnd& newest() { return *ends_.back(); }

 private:
  friend class MemoryRing;

  const IoMode mode_;
  TimeNs now_ = 0;
  TimeNs look_ns_ = 0;
  int connect_error_ = 0;
  std::vector<std::unique_ptr<MemoryEnd>> ends_;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_TESTING_MEMORY_NET_H_
