// Ring: what a shard asks of the kernel, with two implementations: UringRing and EpollRing.
//
// A turn of the shard is Wait(), Reap(), the shard's own work, and Wait() again, which submits what
// was queued. Operations are started by the methods below; their completions are reported by Reap()
// to the Socket or Acceptor they belong to.
//
// Threading: made and used on the shard's thread.
#ifndef PENSTOCK_REACTOR_RING_H_
#define PENSTOCK_REACTOR_RING_H_

#include <climits>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/io_mode.h"
#include "penstock/reactor/stats.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/time.h"

namespace penstock::reactor {

class Address;
class Socket;
class SocketTable;

// Who accepts on a listening socket. In its shard's list from the first StartAccept() to
// OnAcceptStopped().
class Acceptor : public ListHook<struct AcceptorTag> {
 public:
  // `fd` is the caller's from now on; it blocks as Ring::sockets_block() says.
  virtual void OnAccepted(int fd) = 0;
  // Accepting ended with this errno; StartAccept() begins anew.
  virtual void OnAcceptEnd(int error) = 0;
  // The answer to StopAccept(): no operation is left.
  virtual void OnAcceptStopped() = 0;
  // The shard ends: StopAccept() is to be called, if it was not yet. Perhaps more than once.
  virtual void OnShardEnding() = 0;

 protected:
  ~Acceptor() = default;
};

class Ring {
 public:
  // StartSend(): the result comes with Socket::CompleteSend() or CompleteWritable().
  static constexpr int kInFlight = INT_MIN;

  virtual ~Ring() = default;

  virtual IoMode mode() const = 0;
  // Sockets of this ring must block (io_uring), or must not (epoll).
  bool sockets_block() const { return mode() == IoMode::kUring; }

  // Submits what is queued and sleeps until a completion or for `timeout_ns` (0: not at all,
  // kTimeNever: without limit, though an implementation may bound it and return early).
  virtual void Wait(TimeNs timeout_ns) = 0;
  // Reports everything that completed.
  virtual void Reap() = 0;
  // Submits what is queued, without waiting.
  virtual void Submit() = 0;

  // A socket of this ring's table, once, before any other operation on it.
  virtual void Attach(Socket& socket) = 0;
  virtual void StartConnect(Socket& socket, const Address& address) = 0;
  // Receiving goes on until StopReceive(), the end, or Close(). Idempotent.
  virtual void StartReceive(Socket& socket) = 0;
  virtual void StopReceive(Socket& socket) = 0;
  // One at a time per socket. `may_wait`: the last try found no room. Octets taken, a negative
  // errno, or kInFlight. The pieces stay until the result is known; the span need not.
  virtual int StartSend(Socket& socket, std::span<const wire::Bytes> pieces, bool may_wait) = 0;
  // Closes our half at once. False: the connection is gone already.
  virtual bool ShutdownSend(Socket& socket);
  // Ends every operation and closes the descriptor; Socket::CompleteClose() comes from Reap() or
  // from here.
  virtual void Close(Socket& socket) = 0;

  virtual void StartAccept(Acceptor& acceptor, int fd) = 0;
  virtual void StopAccept(Acceptor& acceptor, int fd) = 0;

  // From another shard's thread: where its ring can send a wake-up to, or -1 for the eventfd only.
  virtual int message_fd() const { return -1; }
  // Queues a wake-up for the ring behind `message_fd`, whose eventfd is the second choice. False:
  // this ring cannot, write the eventfd.
  virtual bool SendWake(int message_fd, int event_fd) {
    static_cast<void>(message_fd), static_cast<void>(event_fd);
    return false;
  }
};

// What a ring is made for: `sockets` are looked up in the table, `event_fd` wakes it, `stats` are
// counted for it.
struct RingContext {
  SocketTable* sockets;
  int event_fd;
  ShardStats* stats;
};

// Null: the mode that was asked for is not to be had, and `*why` is a sentence. With kAuto `*why`
// says why epoll was taken, and is empty with io_uring.
std::unique_ptr<Ring> MakeRing(IoMode mode, const RingOptions& options, const RingContext& context,
                               std::string* why);

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_RING_H_
