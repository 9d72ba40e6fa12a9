// Socket: one connected stream socket of a shard, and SocketHandler, whoever speaks on it.
//
//     class Echo : public SocketHandler {
//       void OnReceived(wire::Bytes bytes) override { out_.Append(bytes); socket_->MarkDirty(); }
//       void OnFlush() override { socket_->Send(out_); }
//       ...
//     };
//
// React never, batch always: what arrives is answered into the handler's chain, and the shard calls
// OnFlush() once at the end of the turn, however many buffers arrived.
//
// Ownership: the shard's. A socket exists until its handler's OnClosed() returns and never moves.
// Threading: one shard.
// Limits:    one send is in flight at a time; a turn delivers
//            RingOptions::receive_bytes_per_turn_max from one connection, and no more than ends the
//            buffer that reaches it.
#ifndef PENSTOCK_REACTOR_SOCKET_H_
#define PENSTOCK_REACTOR_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/output_chain.h"
#include "penstock/wire/time.h"

namespace penstock::reactor {

class Ring;
class Shard;

// Implemented by what speaks a protocol. Every method is called from the shard's loop only, and
// never from inside a Socket method. OnReceived() and OnFlush() may call any Socket method.
class SocketHandler {
 public:
  // Only for sockets made by Shard::Connect(): the connection stands (0), or it does not (errno;
  // OnClosed() follows and nothing else).
  virtual void OnConnected(int error) { static_cast<void>(error); }
  // `bytes` is never empty and valid only until OnReceived() returns. After PauseReceive() what the
  // kernel had already filled in (at most the receive buffers of the shard) is still delivered.
  virtual void OnReceived(wire::Bytes bytes) = 0;
  // Once a turn if Socket::MarkDirty() was called: append the output and call Socket::Send().
  virtual void OnFlush() = 0;
  // The chain given to Send() shrank: more may be produced, back-pressure may end.
  virtual void OnSent() = 0;
  // 0: the peer half-closed and nothing more arrives, but what we send it still reads. An errno:
  // the connection is broken in both directions; Abort() is what is left to do. At most one of
  // each, the errno last.
  virtual void OnReceiveEnd(int error) = 0;
  // The last call: no kernel operation is left and no pointer of the handler's is held. The handler
  // may destroy itself (and the chain); the Socket is gone when it returns.
  virtual void OnClosed() = 0;

 protected:
  ~SocketHandler() = default;
};

class Socket : public ListHook<struct DirtyTag>,
               public ListHook<struct SentTag>,
               public ListHook<struct EndedTag>,
               public ListHook<struct StarvedTag> {
 public:
  // How long a closing connection may make no progress in flushing what it owes its peer.
  static constexpr TimeNs kFlushStallNsMax = 10 * kNsPerSecond;
  // After that was flushed and our half closed: how long, and for how many octets, we wait for the
  // peer to close its half. Closing with unread input would reset the connection, and our last
  // words would be lost.
  static constexpr TimeNs kLingerNsMax = kNsPerSecond;
  static constexpr size_t kLingerBytesMax = 1024 * 1024;
  // Pieces (slabs, or a frame's header and its payload) that one send gathers; fewer when the
  // kernel may wait for room, so that what was taken is accounted for often.
  static constexpr size_t kSendPiecesMax = 64;
  static constexpr size_t kSendPiecesMaxBlocked = 16;

  Shard& shard() const { return shard_; }
  int fd() const { return fd_; }
  // Unique within the process: the shard's index in the upper 16 bits, then a count from 1 on; so
  // none is 0.
  uint64_t id() const { return id_; }
  // Asks the kernel each time; "unknown" once the peer is gone. Of a peer in this process: where it
  // connected to, "inproc:NAME".
  std::string PeerAddress() const;
  // The same, asked once and remembered. Ownership: lives as long as the socket.
  const std::string& RememberedPeerAddress() const;

  // For sockets made without one; before their first event.
  void SetHandler(SocketHandler* handler) { handler_ = handler; }

  // The handler has output: OnFlush() is called at the end of this turn. Idempotent.
  void MarkDirty() {
    if (!ListHook<DirtyTag>::linked()) MarkDirtyNow();
  }

  // Sends `chain` from its front until it is empty; what is appended meanwhile is sent too. Always
  // the same chain, which must outlive OnClosed(). Consumed as the kernel takes it.
  void Send(wire::OutputChain& chain);
  // The kernel may be reading from the chain (it still owes us a completion).
  bool send_in_flight() const { return send_in_flight_; }
  // So it is, or it has found less room than was to be sent: what comes now is sent later.
  bool send_is_held() const { return send_in_flight_ || send_blocked_; }

  // What is sent and not acknowledged for so long, or finds no room at the peer's, breaks the
  // connection: without it the kernel tries for a quarter of an hour. TCP's alone; rounded up to
  // milliseconds.
  void SetUserTimeout(TimeNs timeout_ns);

  // Stop and go of OnReceived(); the peer feels it through TCP's window.
  void PauseReceive();
  void ResumeReceive();
  bool receive_paused() const { return !receive_wanted_; }

  // Sends what is queued (a pending OnFlush() included), closes our half, discards what still
  // arrives until the peer closes too, then closes. From here on only OnFlush() (once more in any
  // case), OnSent() and OnClosed() are called.
  void CloseAfterSend();
  // Closes now; OnClosed() is the only event from here on.
  void Abort();
  // CloseAfterSend() or Abort() was called, or connecting failed.
  bool closing() const { return state_ > State::kOpen; }

  // For Shard, SocketTable and the rings.
  Socket(Shard& shard, SocketHandler* handler, int fd, uint32_t slot, uint32_t generation,
         uint64_t id);
  ~Socket();

 private:
  friend class Shard;
  friend class Ring;
  friend class UringRing;
  friend class EpollRing;
  friend class MemoryRing;
  friend class SimRing;
  friend class SocketTable;

  //   kConnecting -> kOpen -> kFlushing -> kLingering -> kEnding
  // Any state goes to kEnding by Abort() or an error of the closing ones.
  enum class State : uint8_t {
    kConnecting,  // the outcome is not known yet
    kOpen,
    kFlushing,   // CloseAfterSend(): output is still owed
    kLingering,  // our half is closed, waiting for the peer's
    kEnding,     // waiting for the last kernel operation
  };

  void MarkDirtyNow();

  // From the ring: what completed.
  void CompleteConnect(int error);
  void CompleteReceive(wire::Bytes bytes);
  void CompleteReceiveEnd(int error);
  void CompleteSend(int result);  // octets taken, or a negative errno
  void CompleteWritable();        // a send that found no room may be tried again
  void CompleteClose();           // no operation is left

  // From the shard.
  void Flush();
  void NotifySent();

  bool may_send() const { return state_ == State::kOpen || state_ == State::kFlushing; }
  void StartSend();
  void AccountSend(int result);
  void ReportSent();
  void ReportBroken(int error);
  void CloseIfFlushed();
  void StartLinger();
  static void OnCloseTimer(void* context, TimeNs now);

  Shard& shard_;
  SocketHandler* handler_;
  wire::OutputChain* chain_ = nullptr;
  uint64_t id_;
  int fd_;
  const uint32_t slot_;
  const uint32_t generation_;
  State state_ = State::kOpen;
  bool receive_wanted_ = true;
  bool receive_ended_ = false;  // EOF or error: never armed again
  bool broken_ = false;         // an errno was reported
  bool send_in_flight_ = false;
  bool send_blocked_ = false;   // the last try found no room: the next one may wait in the kernel
  bool send_advanced_ = false;  // OnSent() is due
  bool dirty_when_open_ = false;
  int send_error_ = 0;       // to be reported from the loop
  int connect_error_ = 0;    // the same
  uint32_t send_bytes_ = 0;  // what the last try offered
  size_t lingered_bytes_ = 0;
  Timer close_timer_;
  mutable std::unique_ptr<const std::string> remembered_peer_;  // null: nobody has asked

  // The ring's own notes.
  struct RingState {
    uint16_t operations_count = 0;  // kernel operations without their last completion
    bool receive_armed = false;
    uint32_t turn = 0;        // io_uring: the one in which turn_bytes were received
    uint32_t turn_bytes = 0;  // compared with RingOptions::receive_bytes_per_turn_max
    uint32_t interest = 0;    // epoll: the events it is registered for; 0: not registered
    int send_vector = -1;     // io_uring: the message header a send in flight uses
  } ring_state_;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_SOCKET_H_
