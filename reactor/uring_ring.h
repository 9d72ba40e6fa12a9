// UringRing: the shard's ring on io_uring (Linux 6.0 or newer).
//
// One system call a turn submits what the last turn queued and waits. Receives are multishot into
// provided buffers. A send is queued too: calling send(2) for it at once is no cheaper, even where
// one connection alone is dirty (echo_bench). It is first tried without waiting, so that it
// completes while it is submitted; the wait then asks for one completion more than there were such
// sends, since a send's completion alone is no reason for a turn (RingOptions bound that wait, for
// a send that was cut short after all). A send that found no room is queued again to wait in the
// kernel.
//
// Every operation of a socket is counted until its last completion; a socket is closed when the
// count is 0, because close(2) ends no operation.
//
// Limits: out of receive buffers, connections are served in turn, one buffer each, until there are
//         enough for all who have input.
//         A full completion queue loses nothing (the kernel keeps a list) but is slow and ends
//         multishot operations, which are begun anew.
#ifndef PENSTOCK_REACTOR_URING_RING_H_
#define PENSTOCK_REACTOR_URING_RING_H_

#include <liburing.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "penstock/reactor/acceptor_table.h"
#include "penstock/reactor/buffer_ring.h"
#include "penstock/reactor/operation.h"
#include "penstock/reactor/ring.h"
#include "penstock/reactor/socket.h"
#include "penstock/reactor/socket_table.h"

namespace penstock::reactor {

class UringRing final : public Ring {
 public:
  // Null with a sentence when this kernel or its guards refuse. On the shard's thread.
  static std::unique_ptr<UringRing> Create(const RingOptions& options, const RingContext& context,
                                           std::string* why);
  ~UringRing() override;

  IoMode mode() const override { return IoMode::kUring; }
  void Wait(TimeNs timeout_ns) override;
  void Reap() override;
  void Submit() override { Enter(0, 0, /*reap=*/false); }
  void Attach(Socket& socket) override;
  void StartConnect(Socket& socket, const Address& address) override;
  void StartReceive(Socket& socket) override;
  void StopReceive(Socket& socket) override;
  int StartSend(Socket& socket, std::span<const wire::Bytes> pieces, bool may_wait) override;
  void Close(Socket& socket) override;
  void StartAccept(Acceptor& acceptor, int fd) override;
  void StopAccept(Acceptor& acceptor, int fd) override;
  int message_fd() const override { return ring_.ring_fd; }
  bool SendWake(int message_fd, int event_fd) override;

  // What the kernel granted of the flags asked for.
  uint32_t setup_flags() const { return ring_.flags; }

 private:
  static constexpr int kReapPassesMax = 16;
  static constexpr uint32_t kQuietSendBytesMax = 64 * 1024;

  // The message header of a send of several pieces, kept until it completed.
  struct SendVector {
    msghdr message;
    std::array<iovec, Socket::kSendPiecesMax> pieces;
  };

  UringRing(const RingOptions& options, const RingContext& context);
  bool SetUp(std::string* why);

  io_uring_sqe* NextEntry();
  // After the entry was prepared.
  static void Tag(io_uring_sqe* entry, Socket& socket, OperationKind kind);
  void RegisterDescriptor();
  void Enter(unsigned completions_min, TimeNs timeout_ns, bool reap);
  unsigned PublishEntries();
  bool ReapQueue();
  void HandleKept();
  bool FlushOverflow();

  void Complete(const io_uring_cqe& completion);
  void CompleteForSocket(const Operation& operation, const io_uring_cqe& completion);
  bool HasHadItsTurn(Socket& socket);
  void KeepReceive(const io_uring_cqe& completion);
  void CompleteReceive(Socket& socket, const io_uring_cqe& completion);
  void EndReceive(Socket& socket, int result);
  void CompleteSend(Socket& socket, int result);
  void CompleteAccept(const Operation& operation, const io_uring_cqe& completion);
  void FinishClose(Socket& socket);
  void CompleteWake(const Operation& operation, int result);
  void ArmAccept(const AcceptorTable::Entry& entry);
  void ArmEvent();
  void ArmReceive(Socket& socket, io_uring_sqe* entry);
  void RearmStarved();
  static bool EndsQuietly(const Socket& socket);
  int TakeSendVector(std::span<const wire::Bytes> pieces);

  const RingOptions options_;
  const RingContext context_;
  io_uring ring_{};
  bool ring_made_ = false;
  std::thread::id thread_;  // that made it
  int enter_fd_ = -1;       // registered index, or ring_.ring_fd
  unsigned enter_flags_ = 0;
  BufferRing buffers_;
  AcceptorTable acceptors_;
  // Receives of sockets that have had their turn, in the order they completed, with their buffers.
  // Handled before anything else of the next turn.
  // Invariant: who has one here has had its turn until HandleKept() is through; so nothing of a
  //            socket overtakes. Its operation counts as not completed: the socket stays.
  struct KeptReceive {
    uint64_t user_data;
    int32_t result;
    uint32_t flags;
  };
  std::vector<KeptReceive> kept_;
  std::vector<KeptReceive> kept_before_;  // of the turn before; empty but in HandleKept()
  uint32_t kept_buffers_count_ = 0;
  uint32_t turn_ = 0;
  List<Socket, StarvedTag> starved_;  // found no buffer; served first, in turn
  std::deque<SendVector> send_vectors_;
  std::vector<int> free_send_vectors_;
  unsigned inline_sends_ = 0;  // quiet ones, queued since the last submission
  uint64_t event_count_ = 0;   // what reading the eventfd stores
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_URING_RING_H_
