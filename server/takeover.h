// Takeover: a server hands its listening sockets to the process that replaces it, so that nobody is
// refused meanwhile: who has connected, and was not accepted yet, is by either of them.
//
//     Predecessor predecessor;                       // in the new process
//     Status status = predecessor.Ask("unix:/run/app.takeover", io);
//     ... predecessor.sockets() ...
//     status = predecessor.Dismiss();                // it drains from here on
//
//     TakeoverHost host(control, sockets, io, on_successor);      // from then on, for the next one
//
// Any failure before Dismiss() leaves the old server as it was; one of the new process behind it
// leaves the sockets to nobody: nothing that can fail comes behind it. The control socket is handed
// over, too.
//
// Both processes share a socket's O_NONBLOCK, which io_uring wants off and epoll on: a successor
// that talks to the kernel in the other way is refused.
//
// Only processes of the same user are heard (SO_PEERCRED), on either side.
// Limits: see takeover_message.h; one successor at a time, the others wait in the backlog.
#ifndef PENSTOCK_SERVER_TAKEOVER_H_
#define PENSTOCK_SERVER_TAKEOVER_H_

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "penstock/reactor/io_mode.h"
#include "penstock/rpc/status.h"
#include "penstock/server/listening_socket.h"

namespace penstock::server {

class Predecessor {
 public:
  ~Predecessor();
  Predecessor() = default;
  Predecessor(const Predecessor&) = delete;
  Predecessor& operator=(const Predecessor&) = delete;

  // OK where nobody answers at `address`, too: then there is none. One that is about to end is
  // waited for, for at most kTakeoverTimeoutNs. An error is a sentence.
  Status Ask(const std::string& address, reactor::IoMode io);
  bool exists() const { return fd_ >= 0; }
  // To be taken out of here.
  ListeningSockets& sockets() { return sockets_; }
  // Its control socket, or a new one if there was no predecessor.
  Status TakeControl(const std::string& address, std::optional<ListeningSocket>* control);
  // Once all is ready to serve. OK: it drains, or there is none.
  Status Dismiss();

 private:
  // Whether it is worth another try; `*why` is empty when it has given what it has.
  bool TryOnce(const std::string& address, reactor::IoMode io, std::string* why);

  int fd_ = -1;
  std::optional<ListeningSocket> control_;
  ListeningSockets sockets_;
};

class TakeoverHost {
 public:
  // `on_successor` is called once, on the thread of the host, with the number of the process that
  // serves from now on.
  TakeoverHost(ListeningSocket control, ListeningSockets sockets, reactor::IoMode io,
               std::function<void(int pid)> on_successor);
  ~TakeoverHost();  // stops, and closes the control socket
  TakeoverHost(const TakeoverHost&) = delete;
  TakeoverHost& operator=(const TakeoverHost&) = delete;

  // Returns once nobody can take over any more; what is under way is waited for, unless GiveUp()
  // ends it. Successors that come now wait for CloseControl(). Idempotent; one thread's, as all
  // that follow.
  void Stop();
  // The same without waiting, until ended().
  void BeginStop();
  // A successor that has been given the sockets and does not serve yet is left: it fails.
  void GiveUp();
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  // Removes the control socket and its file, unless they were handed over. Behind Stop(), and once
  // the addresses are free: who finds no control socket binds them. Idempotent.
  void CloseControl();
  // Any thread.
  bool handed_over() const { return handed_over_.load(std::memory_order_acquire); }

 private:
  void Serve();
  void HandOver(int fd, int pid);
  void Refuse(int fd, int pid, const std::string& why);

  ListeningSocket control_;
  ListeningSockets sockets_;
  const reactor::IoMode io_;
  const std::function<void(int pid)> on_successor_;
  const int stop_fd_;     // readable: nobody else may take over
  const int give_up_fd_;  // readable: nor may who has begun
  std::atomic<bool> handed_over_{false};
  std::atomic<bool> ended_{false};  // the thread has nothing left to do
  std::thread thread_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_TAKEOVER_H_
