// SimNet: a simulated network that joins shards with each other, on one virtual clock, with the
// faults that a network has. What happens depends on the seed alone.
//
//     SimNet net(seed, &trace);
//     Shard client({.simulation = &net}), server({.simulation = &net});
//     net.Open(client), net.Open(server);
//     Listener listener(server, net.Listen(1000), placement, handler);   // "127.0.0.1:1000"
//     net.faults().short_send = 100;                                     // in 100 of 1000 sends
//     while (!done && net.Step(kTimeNever)) {
//     }
//
// Sockets and listeners are the real ones; only what a ring asks of a kernel is played here, in the
// manner of io_uring or of epoll, each ring its own.
//
//     Socket -> SimRing -> SimPipe (octets on their way, and when they arrive) -> SimRing -> Socket
//
// Ownership: outlives its shards.
// Threading: one thread for all of it; the shards take turns in Step().
#ifndef PENSTOCK_REACTOR_TESTING_SIM_NET_H_
#define PENSTOCK_REACTOR_TESTING_SIM_NET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/reactor/io_mode.h"
#include "penstock/reactor/simulation.h"
#include "penstock/reactor/testing/sim_random.h"
#include "penstock/reactor/testing/sim_trace.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/time.h"

namespace penstock::reactor {

class Acceptor;
class Shard;
class SimRing;
class Socket;
class SocketHandler;

// How often what goes wrong, in 1000 cases, and how much of it. May change at any time.
struct SimFaults {
  uint32_t short_send = 0;       // of the sends: takes fewer octets than there is room for
  uint32_t short_receive = 0;    // of the receives: finds fewer than have come
  uint32_t no_buffer = 0;        // of the turns of a connection: nothing is received
  uint32_t late_send = 0;        // of the turns of an io_uring send: it does not complete yet
  uint32_t refused_connect = 0;  // of the connects, at once or after a while
  uint32_t lost_connect = 0;     // of the connects: never decided
  uint32_t accept_error = 0;     // of the turns of a listener with somebody to accept
  uint32_t reset = 0;            // of the receives and sends: the connection is reset there
  uint32_t end_half = 0;         // of these: one direction ends, and the sender does not know
  uint32_t stall = 0;            // of the receives: nothing comes through for stall_ns_max at most
  TimeNs delay_ns_max = 0;       // of what is sent
  TimeNs stall_ns_max = 0;
  size_t room_bytes = 256 * 1024;  // sent, and not yet received
};

// One direction of a connection.
struct SimPipe {
  struct Piece {
    TimeNs at;  // when it arrives
    std::string bytes;
  };
  std::deque<Piece> pieces;
  size_t bytes = 0;  // of the pieces
  TimeNs latest_at = 0;
  std::optional<TimeNs> end_at;  // the sender's half is closed: when the receiver hears of it
};

// One end of a connection.
struct SimEnd {
  int connection = 0;
  bool accepting = false;  // the server's
  SimEnd* peer = nullptr;
  SimPipe* in = nullptr;
  SimPipe* out = nullptr;
  Socket* socket = nullptr;  // null: not accepted yet, or closed
  bool closed = false;
  int error = 0;  // what breaks it, from error_at on
  TimeNs error_at = 0;
  TimeNs stalled_until = 0;
  // What its ring was asked for.
  std::optional<TimeNs> connect_at;  // when that is decided
  uint16_t port = 0;
  int connect_error = 0;
  bool receiving = false;
  bool stopping = false;            // io_uring: receiving is being cancelled
  std::vector<wire::Bytes> sending;  // io_uring
  size_t sent_bytes = 0;            // of these, by a send that waits for room
  bool may_wait = false;
  bool wants_room = false;  // epoll
  bool closing = false;     // io_uring: operations are being cancelled
};

class SimNet final : public Simulation {
 public:
  SimNet(uint64_t seed, SimTrace* trace);
  ~SimNet();

  TimeNs Now() override { return now_; }
  std::unique_ptr<Ring> MakeRing(const RingContext& context) override;

  SimFaults& faults() { return faults_; }
  SimRandom& random() { return random_; }
  SimTrace& trace() { return trace_; }

  // Opens the shard, whose ring behaves as `mode` (not kAuto) says.
  void Open(Shard& shard, IoMode mode);
  // The shard takes no more turns here: it has Run().
  void Leave(const Shard& shard);
  // A descriptor for a Listener, which then is to be found at 127.0.0.1:port.
  int Listen(uint16_t port);

  // A turn of each shard, in any order; then time passes, if all of them sleep to the next event or
  // to `until`, whatever is first. False: nothing happens any more.
  bool Step(TimeNs until);
  // A shard that had told its ring to sleep did something although nothing had happened to it: on a
  // real ring it would have slept on.
  bool has_overslept() const { return has_overslept_; }
  // Nothing is on its way, nor waits for room or for its turn.
  bool is_quiet() const;

  // What stands between a client and its server.
  struct Joined {
    SocketHandler* connecting;
    SocketHandler* accepting;
    bool is_quiet;  // nothing is on its way between them
  };
  // Connections of which both ends are open.
  std::vector<Joined> joined() const;
  size_t connections_made_count() const { return ends_.size() / 2; }
  // Breaks what there is: what is on its way may be lost.
  void ResetAll(int error);
  // What stalls goes on.
  void Heal();

 private:
  friend class SimRing;

  struct Port {
    uint16_t port;
    int fd;
    Acceptor* acceptor = nullptr;  // null: nobody listens
    SimRing* ring = nullptr;
    bool stopping = false;
    std::deque<SimEnd*> backlog;
  };
  struct Seat {
    Shard* shard;
    SimRing* ring;
  };

  TimeNs Delay();
  // A pair of ends; the first is the connecting one.
  SimEnd& Connect();
  // Of what was accepted; null for descriptors of the kernel's.
  SimEnd* EndOf(int fd);
  static int FdOf(const SimEnd& accepting);
  static bool IsOfTheKernel(int fd);
  Port* PortOf(int fd);
  Port* FindPort(uint16_t port);
  void Reset(SimEnd& end, int error);
  void EndHalf(SimEnd& end);
  void Break(SimEnd& end, int error, bool loses);
  void ClosePort(Port& port);
  TimeNs NextEvent() const;

  SimTrace& trace_;
  SimRandom random_;
  SimFaults faults_;
  TimeNs now_ = 0;
  IoMode next_mode_ = IoMode::kEpoll;
  SimRing* newest_ring_ = nullptr;
  std::vector<Seat> seats_;
  std::vector<std::unique_ptr<Port>> ports_;
  std::vector<std::unique_ptr<SimEnd>> ends_;
  std::vector<std::unique_ptr<SimPipe>> pipes_;
  bool has_overslept_ = false;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_TESTING_SIM_NET_H_
