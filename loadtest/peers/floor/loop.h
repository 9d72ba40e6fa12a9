// Loop: one thread of the floor server, with one io_uring: the cheapest that the kernel allows.
//
// A turn is one system call, which submits and waits. Receives are multishot, into provided
// buffers. A send is tried without waiting and says nothing if it took all, so that its completion
// costs no turn; what it left is sent again, waiting in the kernel. Connections are found by their
// descriptor.
//
//     Loop loop(Mode::kCanned);      // on its thread
//     loop.SetUp(&why);
//     loop.Run(listening_fd, fds);   // or -1: another loop accepts
//
// Threading: one thread sets it up and runs it. Others send it connections by MSG_RING alone, and
//            may ask answered_count(), which is written by that thread only.
// Limits:    kOutputBytesMax of replies that a client does not take: it is disconnected. Otherwise
//            none: it is for benchmarks, of clients one trusts.
#ifndef PENSTOCK_LOADTEST_PEERS_FLOOR_LOOP_H_
#define PENSTOCK_LOADTEST_PEERS_FLOOR_LOOP_H_

#include <liburing.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "penstock/loadtest/peers/floor/conversation.h"
#include "penstock/reactor/buffer_ring.h"

namespace penstock::loadtest::floor {

class Loop {
 public:
  explicit Loop(Mode mode) : mode_(mode) {}
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // False: `*why` is a sentence.
  bool SetUp(std::string* why);
  // The ring's descriptor, for the loop that accepts.
  int ring_fd() const { return ring_.ring_fd; }
  // Requests that were answered so far. Any thread.
  uint64_t answered_count() const { return answered_count_.load(std::memory_order_relaxed); }

  // Takes connections from `listening_fd` (-1: none), and gives them in turn to the rings of `fds`.
  // Until the process ends.
  [[noreturn]] void Run(int listening_fd, std::span<const int> fds);

 private:
  static constexpr size_t kOutputBytesMax = 64 << 20;

  enum class Kind : uint8_t { kAccept, kAdopt, kReceive, kQuietSend, kSend, kNothing };

  struct Connection {
    explicit Connection(Mode mode) : conversation(mode) {}

    Conversation conversation;
    Output sending;          // the last send's, until the next
    bool in_flight = false;  // a send waits in the kernel
    bool dirty = false;
    bool ended = false;  // closed when nothing is in flight
  };

  static uint64_t Tag(Kind kind, int fd) {
    return static_cast<uint64_t>(fd) << 8 | static_cast<uint64_t>(kind);
  }

  io_uring_sqe* NextEntry();
  void ArmAccept();
  void ArmReceive(int fd);
  void Complete(const io_uring_cqe& completion);
  void PassOn(int fd);
  void Adopt(int fd);
  void CompleteReceive(int fd, const io_uring_cqe& completion);
  void CompleteSend(int fd, int result, bool quiet);
  void MarkDirty(int fd, Connection& connection);
  void Flush(int fd);
  void Send(int fd, Connection& connection, size_t sent_bytes, bool quiet);
  void End(int fd, Connection& connection);

  const Mode mode_;
  io_uring ring_{};
  bool made_ = false;
  reactor::BufferRing buffers_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
  std::vector<int> dirty_;    // have output
  std::vector<int> starved_;  // found no receive buffer
  int listening_fd_ = -1;
  std::span<const int> rings_;
  size_t next_ring_ = 0;
  std::atomic<uint64_t> answered_count_{0};
};

}  // namespace penstock::loadtest::floor

#endif  // PENSTOCK_LOADTEST_PEERS_FLOOR_LOOP_H_
