// SimRing: a shard's ring on a SimNet. Knows the net's innards, and nobody knows it but the net.
#ifndef PENSTOCK_REACTOR_TESTING_SIM_RING_H_
#define PENSTOCK_REACTOR_TESTING_SIM_RING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "penstock/reactor/ring.h"
#include "penstock/reactor/testing/sim_net.h"

namespace penstock::reactor {

class SimRing final : public Ring {
 public:
  SimRing(SimNet* net, const RingContext& context, IoMode mode);

  IoMode mode() const override { return mode_; }
  void Wait(TimeNs timeout_ns) override;
  void Submit() override {}
  void Reap() override;
  void Attach(Socket& socket) override;
  void StartConnect(Socket& socket, const Address& address) override;
  void StartReceive(Socket& socket) override;
  void StopReceive(Socket& socket) override;
  int StartSend(Socket& socket, std::span<const wire::Bytes> pieces, bool may_wait) override;
  bool ShutdownSend(Socket& socket) override;
  void Close(Socket& socket) override;
  void StartAccept(Acceptor& acceptor, int fd) override;
  void StopAccept(Acceptor& acceptor, int fd) override;

  // --- for the net
  // When Reap() has something to report of this end, or of this port; kTimeNever.
  TimeNs WhenDue(const SimEnd& end) const;
  TimeNs WhenDue(const SimNet::Port& port) const;
  TimeNs NextEvent() const;
  // Of the latest turn: when the shard would have woken by itself, and whether there was something.
  bool slept() const { return sleep_ns_ > 0; }
  TimeNs wake_at() const;
  bool has_reported() const { return has_reported_; }
  // What a shard counts of what it does by itself.
  uint64_t work_count() const;
  uint64_t letters_sent_count() const { return context_.stats->wakeups_sent_event; }
  static SocketHandler* HandlerOf(const SimEnd& end);

 private:
  SimEnd& EndOf(const Socket& socket) const;
  bool Acts(const SimEnd& end) const { return end.socket != nullptr && !end.closing; }
  void ReapPort(SimNet::Port& port);
  void ReapEnd(SimEnd& end);
  void CompleteConnect(SimEnd& end);
  void CompleteSend(SimEnd& end);
  void CompleteRoom(SimEnd& end);
  void Receive(SimEnd& end);
  void ReceivePiece(SimEnd& end);
  void ReceiveEnd(SimEnd& end);
  void Stop(SimEnd& end);
  void FinishClose(SimEnd& end);
  bool IsBroken(const SimEnd& end) const;
  static bool IsLost(const SimEnd& end);
  size_t Room(const SimEnd& end) const;
  size_t Take(SimEnd& end, std::span<const wire::Bytes> pieces, size_t skip_bytes);
  void Strike(SimEnd& end);

  SimNet& net_;
  const RingContext context_;
  const IoMode mode_;
  std::vector<SimEnd*> ends_;
  TimeNs sleep_ns_ = 0;
  TimeNs slept_at_ = 0;
  bool has_reported_ = false;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_TESTING_SIM_RING_H_
