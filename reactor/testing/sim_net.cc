#include "penstock/reactor/testing/sim_net.h"

#include <errno.h>

#include <algorithm>
#include <utility>

#include "penstock/reactor/shard.h"
#include "penstock/reactor/socket.h"
#include "penstock/reactor/testing/sim_ring.h"
#include "penstock/wire/check.h"

namespace penstock::reactor {
namespace {

// Descriptors that the kernel does not know: whoever asks it about them hears EBADF.
constexpr int kPortFdBase = 1 << 29;
constexpr int kConnectionFdBase = 1 << 30;

// What a round of turns takes, at least and at most.
constexpr TimeNs kRoundNsMin = 200;
constexpr TimeNs kRoundNsMax = 20'000;

}  // namespace

SimNet::SimNet(uint64_t seed, SimTrace* trace) : trace_(*trace), random_(seed) {}

SimNet::~SimNet() = default;

std::unique_ptr<Ring> SimNet::MakeRing(const RingContext& context) {
  auto ring = std::make_unique<SimRing>(this, context, next_mode_);
  newest_ring_ = ring.get();
  return ring;
}

void SimNet::Open(Shard& shard, IoMode mode) {
  next_mode_ = mode;
  std::string why;
  PENSTOCK_CHECK(shard.Open(&why), "a simulated shard opens");
  seats_.push_back({&shard, newest_ring_});
}

void SimNet::Leave(const Shard& shard) {
  std::erase_if(seats_, [&shard](const Seat& seat) { return seat.shard == &shard; });
}

int SimNet::Listen(uint16_t port) {
  auto made = std::make_unique<Port>();
  made->port = port;
  made->fd = kPortFdBase + static_cast<int>(ports_.size());
  ports_.push_back(std::move(made));
  return ports_.back()->fd;
}

// ---- Time

bool SimNet::Step(TimeNs until) {
  std::vector<Seat> order = seats_;
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_.Below(i)]);
  bool all_sleep = true;
  uint64_t letters_count = 0;
  for (const Seat& seat : order) letters_count -= seat.ring->letters_sent_count();
  for (const Seat& seat : order) {
    const uint64_t work_count = seat.ring->work_count();
    seat.shard->Turn(kTimeNever);
    const bool rested = seat.ring->slept() && !seat.ring->has_reported();
    all_sleep = all_sleep && rested;
    if (rested && seat.ring->work_count() != work_count) has_overslept_ = true;
  }
  for (const Seat& seat : order) letters_count += seat.ring->letters_sent_count();
  TimeNs next = NextEvent();
  if (!all_sleep || letters_count != 0 || next <= now_) {
    now_ += random_.Between(kRoundNsMin, kRoundNsMax);
    return true;
  }
  for (const Seat& seat : order) next = std::min(next, seat.ring->wake_at());
  next = std::min(next, until);
  if (next == kTimeNever) return false;
  now_ = std::max(now_, next);
  return true;
}

TimeNs SimNet::NextEvent() const {
  TimeNs next = kTimeNever;
  for (const Seat& seat : seats_) next = std::min(next, seat.ring->NextEvent());
  return next;
}

bool SimNet::is_quiet() const { return NextEvent() == kTimeNever; }

TimeNs SimNet::Delay() { return random_.Between(0, faults_.delay_ns_max); }

// ---- Connections

SimEnd& SimNet::Connect() {
  for (int i = 0; i < 2; ++i) {
    pipes_.push_back(std::make_unique<SimPipe>());
    ends_.push_back(std::make_unique<SimEnd>());
  }
  SimEnd& connecting = **(ends_.end() - 2);
  SimEnd& accepting = *ends_.back();
  connecting.connection = accepting.connection = static_cast<int>(ends_.size() / 2 - 1);
  accepting.accepting = true;
  connecting.peer = &accepting;
  accepting.peer = &connecting;
  connecting.out = accepting.in = (pipes_.end() - 2)->get();
  connecting.in = accepting.out = pipes_.back().get();
  return connecting;
}

int SimNet::FdOf(const SimEnd& accepting) {
  return kConnectionFdBase + accepting.connection * 2 + 1;
}

bool SimNet::IsOfTheKernel(int fd) { return fd >= 0 && fd < kPortFdBase; }

SimEnd* SimNet::EndOf(int fd) {
  if (fd < kConnectionFdBase) return nullptr;
  return ends_[static_cast<size_t>(fd - kConnectionFdBase)].get();
}

SimNet::Port* SimNet::PortOf(int fd) { return ports_[static_cast<size_t>(fd - kPortFdBase)].get(); }

SimNet::Port* SimNet::FindPort(uint16_t number) {
  for (const auto& port : ports_) {
    if (port->port == number && port->acceptor != nullptr) return port.get();
  }
  return nullptr;
}

void SimNet::Reset(SimEnd& end, int error) {
  trace_.Note(now_, "connection %d: reset at the %s", end.connection,
              end.accepting ? "server" : "client");
  Break(end, error, random_.Chance(500));
  Break(*end.peer, error, random_.Chance(500));
}

// As by something in between that closes what it passes on: the other end reads to the end.
void SimNet::EndHalf(SimEnd& end) {
  if (end.out->end_at) return;
  trace_.Note(now_, "connection %d: the half of the %s ends", end.connection,
              end.accepting ? "server" : "client");
  end.out->end_at = std::max(end.out->latest_at, SaturatingAdd(now_, Delay()));
}

// `loses`: what has not been received never is.
void SimNet::Break(SimEnd& end, int error, bool loses) {
  if (end.closed || end.error != 0) return;
  end.error = error;
  end.error_at = SaturatingAdd(now_, Delay());
  auto& pieces = end.in->pieces;
  while (!pieces.empty() && (loses || pieces.back().at > end.error_at)) {
    end.in->bytes -= pieces.back().bytes.size();
    pieces.pop_back();
  }
}

void SimNet::ResetAll(int error) {
  for (const auto& end : ends_) {
    if (!end->accepting && !(end->closed && end->peer->closed)) Reset(*end, error);
  }
}

void SimNet::Heal() {
  for (const auto& end : ends_) {
    end->stalled_until = 0;
    if (end->connect_at) end->connect_at = std::min(*end->connect_at, now_);
  }
}

void SimNet::ClosePort(Port& port) {
  port.acceptor = nullptr;
  port.stopping = false;
  for (SimEnd* end : port.backlog) {
    end->closed = true;
    Break(*end->peer, ECONNRESET, true);
  }
  port.backlog.clear();
}

std::vector<SimNet::Joined> SimNet::joined() const {
  std::vector<Joined> joined;
  for (const auto& end : ends_) {
    if (end->accepting || end->socket == nullptr || end->peer->socket == nullptr) continue;
    const SimEnd& peer = *end->peer;
    const auto is_quiet = [](const SimEnd& one) {
      return one.in->pieces.empty() && !one.in->end_at && one.error == 0 && one.sending.empty() &&
             !one.wants_room && !one.connect_at && !one.closing && !one.stopping;
    };
    joined.push_back({SimRing::HandlerOf(*end), SimRing::HandlerOf(peer),
                      is_quiet(*end) && is_quiet(peer)});
  }
  return joined;
}

}  // namespace penstock::reactor
