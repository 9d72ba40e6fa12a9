// EpollRing: the shard's ring where io_uring is not to be had (containers block it by default).
// On loopback it is as fast.
//
// Sockets do not block. Reading is level-triggered into one buffer of the shard; a send is tried at
// once, and only one that finds no room waits for EPOLLOUT. A socket that waits for nothing is not
// registered at all, so that a dead but paused connection does not keep the shard awake.
//
// Limits: RingOptions::receive_bytes_per_turn_max from one connection in a turn, in reads of
//         kReceiveBytes, and kAcceptsPerTurnMax accepts from one listener; level-triggering brings
//         the rest back.
#ifndef PENSTOCK_REACTOR_EPOLL_RING_H_
#define PENSTOCK_REACTOR_EPOLL_RING_H_

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "penstock/reactor/acceptor_table.h"
#include "penstock/reactor/ring.h"
#include "penstock/reactor/socket_table.h"

namespace penstock::reactor {

class EpollRing final : public Ring {
 public:
  static constexpr size_t kReceiveBytes = 64 * 1024;
  static constexpr int kAcceptsPerTurnMax = 64;

  static std::unique_ptr<EpollRing> Create(const RingOptions& options, const RingContext& context,
                                           std::string* why);
  ~EpollRing() override;

  IoMode mode() const override { return IoMode::kEpoll; }
  void Wait(TimeNs timeout_ns) override;
  void Reap() override;
  void Submit() override {}
  void Attach(Socket& socket) override;
  void StartConnect(Socket& socket, const Address& address) override;
  void StartReceive(Socket& socket) override;
  void StopReceive(Socket& socket) override;
  int StartSend(Socket& socket, std::span<const wire::Bytes> pieces, bool may_wait) override;
  void Close(Socket& socket) override;
  void StartAccept(Acceptor& acceptor, int fd) override;
  void StopAccept(Acceptor& acceptor, int fd) override;

 private:
  static constexpr size_t kEventsMax = 512;

  EpollRing(const RingOptions& options, const RingContext& context, int epoll_fd);

  int WaitForEvents(TimeNs timeout_ns);
  void SetInterest(Socket& socket, uint32_t interest);
  void OnSocketEvents(Socket& socket, uint32_t events);
  void OnConnectable(Socket& socket);
  void Receive(Socket& socket);
  void Accept(uint32_t slot, uint32_t generation);
  void ReadEvent();

  const RingOptions options_;
  const RingContext context_;
  const int epoll_fd_;
  AcceptorTable acceptors_;
  int events_count_ = 0;
  bool waits_exactly_ = true;
  std::array<epoll_event, kEventsMax> events_;
  const std::unique_ptr<uint8_t[]> receive_buffer_;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_EPOLL_RING_H_
