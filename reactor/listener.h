// Listener: accepts on one listening socket and spreads the connections over shards.
//
//     std::string why;
//     SocketFile file;
//     int fd = OpenListeningSocket("unix:/run/a", &why, &file);      // -1: print `why`
//     Placement placement({&shard0, &shard1});
//     Listener listener(shard0, fd, placement, handler, file);
//     listener.Start();
//
// One socket per address and one shard that accepts on it; each connection goes to the shard that
// the placement chooses, through its mailbox, before its first byte is read. gRPC clients open few
// and long-lived connections, so hashing by SO_REUSEPORT would leave shards idle.
//
// On an address of this process alone ("inproc:NAME") a connection of another process is closed.
//
// Ownership: owns the descriptor. Outlives Run() of every shard of its placement, and is stopped()
//            or never turned again when it dies.
// Limits:    what Stop() takes of a backlog is no longer than a backlog may be.
//            Out of descriptors: one connection is accepted with a spare one and closed, then
//            accepting rests for kBackOffNs; the others wait in the kernel's backlog.
//            kPostNsMax for room in the acceptor's mailbox: see Stop().
#ifndef PENSTOCK_REACTOR_LISTENER_H_
#define PENSTOCK_REACTOR_LISTENER_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/reactor/placement.h"
#include "penstock/reactor/ring.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/socket.h"
#include "penstock/reactor/socket_file.h"
#include "penstock/reactor/timer_wheel.h"

namespace penstock::reactor {

// A listening descriptor for an address as address.h has them, or -1 with a sentence: what, where,
// why, and what to do. At the path of a unix address, a socket on which nobody listens any more is
// replaced; one that is alive, and what is no socket, is an error and stays. `*file` becomes the
// file that was made, empty for other addresses; without it the file is left behind. With -1 errno
// is the system's, EADDRINUSE for what may pass; EINVAL for what is no address.
int OpenListeningSocket(std::string_view address, std::string* why, SocketFile* file = nullptr);

class AcceptHandler {
 public:
  // On the shard that got the connection. The handler to speak on it, or null to close it.
  virtual SocketHandler* OnAccepted(Shard& shard, Socket& socket) = 0;
  // On the shard that accepts: descriptors have run out, and a connection is turned away or waits.
  // `error`: EMFILE, of this process; ENFILE, of the whole machine.
  virtual void OnOutOfDescriptors(Shard&, int /*error*/) {}

 protected:
  ~AcceptHandler() = default;
};

class Listener final : private Acceptor {
 public:
  static constexpr TimeNs kBackOffNs = 50 * kNsPerMs;
  static constexpr TimeNs kPostNsMax = 100 * kNsPerMs;

  // `fd` may come from OpenListeningSocket(), or from a parent or predecessor process, whose file
  // is not ours to remove.
  Listener(Shard& acceptor, int fd, Placement& placement, AcceptHandler& handler,
           SocketFile file = {});
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Where it really listens (the port, when 0 was asked for), e.g. "127.0.0.1:40123".
  const std::string& address() const { return address_; }
  uint16_t port() const { return port_; }

  // Any thread, one after the other. After Stop(), or when the shard's Run() ends, the file is
  // removed and the kernel is asked to accept no more; what it accepted before is still served;
  // then the descriptor is closed and stopped() is true (what is in the backlog is reset, unless
  // another process shares the socket). A shard whose mailbox stays full for kPostNsMax, for it is
  // stuck, hears nothing of it: it accepts, if it ever goes on, until another Stop() or its end.
  // A shard that ended before Start() never accepts: the
  // listener is stopped() when that returns. Without a stop an io_uring shard would hold the
  // address until some milliseconds after the end of the process.
  //
  // `takes_backlog`: what waits in the backlog then is accepted as well, so that it is not reset.
  // Where another process shares the socket this is needed: the kernel wakes one of those who wait
  // for a connection, and if that was us, who stop, nobody would take it until the next one comes.
  void Start();
  void Stop(bool takes_backlog = false);
  bool stopped() const { return fd_.load(std::memory_order_acquire) < 0; }

 private:
  void OnAccepted(int fd) override;
  void OnAcceptEnd(int error) override;
  void OnAcceptStopped() override;
  void OnShardEnding() override { StopHere(); }

  void StartHere();
  void StopHere(bool takes_backlog = false);
  void TakeBacklog();
  void CloseDescriptor();
  void WaitForNobody();
  bool CloseSurplus(int error);
  bool IsForeign(int fd) const;
  static void AdoptHere(void* listener, uint64_t packed_fd);

  Shard& acceptor_;
  std::atomic<int> fd_;
  Placement& placement_;
  AcceptHandler& handler_;
  SocketFile file_;
  std::string address_;
  uint16_t port_ = 0;
  bool is_in_process_ = false;
  int spare_fd_ = -1;
  bool started_ = false;   // of Start() and Stop(): the shard has its letter, and will stop it
  bool stopping_ = false;  // of the shard
  bool takes_backlog_ = false;
  Timer back_off_;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_LISTENER_H_
