// How a server ends: by a signal, a successor or a request, with grace or without.
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>

#include "penstock/server/acceptance.h"
#include "penstock/server/server.h"
#include "penstock/server/session.h"
#include "penstock/server/shard_drain.h"
#include "penstock/server/stop_signals.h"
#include "penstock/server/takeover.h"

namespace penstock {
namespace {

using Clock = std::chrono::steady_clock;

// How long connections may take to read their last GOAWAY once the server stops; and after a second
// signal, when their peers are told, but not waited for.
constexpr TimeNs kFarewellNs = 2 * kNsPerSecond;
constexpr TimeNs kHastyFarewellNs = 100 * kNsPerMs;

// How often what is left is looked at: soon at first, for most drains are short.
constexpr TimeNs kNapNsMin = 5 * kNsPerMs;
constexpr TimeNs kNapNsMax = 100 * kNsPerMs;

constexpr TimeNs kProgressNs = kNsPerSecond;

// How long threads may take to end before the handlers that keep them are named, and again.
constexpr TimeNs kThreadPatienceNs = kNsPerSecond;
constexpr TimeNs kNameAgainNs = 10 * kNsPerSecond;

constexpr unsigned kShardNapUs = 200;
constexpr TimeNs kNapNsOfThreads = kNsPerMs;

// How long the listeners may take to close, unless a second signal has come.
constexpr TimeNs kListenersNs = kNsPerSecond;

TimeNs Since(Clock::time_point begin) { return TimeNs{(Clock::now() - begin).count()}; }

std::string Count(uint64_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

void TellLeft(const server::Left& left, TimeNs left_ns) {
  std::fprintf(stderr, "penstock: draining: %s, %s, %lld s left\n",
               Count(left.connections, "connection").c_str(), Count(left.calls, "call").c_str(),
               static_cast<long long>(SaturatingAdd(left_ns, kNsPerSecond - 1) / kNsPerSecond));
}

// On the shard: says GOAWAY everywhere; the last session to go stops the shard, or the timer does.
void CloseSessions(void* context, uint64_t farewell_ns) {
  auto& state = *static_cast<server::ShardState*>(context);
  state.closing = true;
  if (state.sessions.empty() && state.leaving.empty()) return state.shard.Stop();
  state.sessions.ForEach([](server::Session& session) {
    session.link().Close(http2::ErrorCode::kNoError, server::kDrainText);
  });
  state.shard.timers().Schedule(
      state.stop_timer, SaturatingAdd(state.shard.now(), static_cast<TimeNs>(farewell_ns)));
}

void NameJobs(const std::vector<server::WorkerPool::JobAtWork>& jobs) {
  for (const server::WorkerPool::JobAtWork& job : jobs) {
    std::fprintf(stderr,
                 "penstock: stop: the handler of %.*s has not ended after %lld s on a worker, and "
                 "is waited for: it ignores call.cancelled()\n",
                 static_cast<int>(job.name.size()), job.name.data(),
                 static_cast<long long>(job.age_ns / kNsPerSecond));
  }
}

}  // namespace

// --- What makes it end

void Server::Run() {
  if (!running_) return;
  server::StopSignals& signals = *stop_signals_;
  for (;;) {
    std::array<pollfd, 2> polled = {{{signals.fd(), POLLIN, 0}, {wake_fd_, POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) break;
    uint64_t wakes_count = 0;
    static_cast<void>(!::read(wake_fd_, &wakes_count, sizeof wakes_count));
    const int signal = signals.Take();
    if (!running_) return;
    if (signals.taken_count() > 1) {  // another thread drains
      last_signal_ = signal;
      in_haste_ = true;
    }
    if (signals.taken_count() == 0 && !has_successor_ && !drain_wanted_) continue;
    const std::unique_lock lock(end_mutex_, std::try_to_lock);
    if (!lock.owns_lock()) continue;
    signals_ = &signals;
    DrainHere(options_.drain_grace_ns,
              has_successor_ ? DrainCause::kSuccessor : DrainCause::kStop);
    signals_ = nullptr;
    return;
  }
}

void Server::RequestDrain() {
  drain_wanted_ = true;
  Wake();
}

void Server::Wake() {
  const uint64_t one = 1;
  static_cast<void>(!::write(wake_fd_, &one, sizeof one));
}

void Server::Drain(std::optional<TimeNs> grace_ns) {
  const std::lock_guard lock(end_mutex_);
  DrainHere(grace_ns.value_or(options_.drain_grace_ns), DrainCause::kStop);
}

void Server::Stop() {
  in_haste_ = true;
  const std::lock_guard lock(end_mutex_);
  StopHere(kFarewellNs);
}

// --- The drain

void Server::DrainHere(TimeNs grace_ns, DrainCause cause) {
  if (!running_) return;
  draining_.store(true, std::memory_order_release);
  if (admin_ != nullptr) {
    admin_->SetReady(false);
    if (cause == DrainCause::kSuccessor) admin_->Stop();  // who waits for its address
  }
  // Where a successor serves, who hears of it would stay away from that.
  if (cause == DrainCause::kStop) health_.Shutdown();
  for (const auto& hook : drain_hooks_) hook(cause);
  if (cause == DrainCause::kStop) Linger();
  StopAccepting(/*takes_backlog=*/!in_haste_);
  health_.EndWatches();
  if (!AwaitCalls(grace_ns)) GiveUp();
  StopHere(last_signal_ != 0 ? kHastyFarewellNs : kFarewellNs);
}

// Who balances load takes a while to hear of it, and sends new connections until then.
void Server::Linger() {
  const Clock::time_point begin = Clock::now();
  if (options_.drain_delay_ns > 0) {
    std::fprintf(stderr, "penstock: draining: accepts connections for %lld ms more\n",
                 static_cast<long long>(options_.drain_delay_ns / kNsPerMs));
  }
  while (!in_haste_ && !has_successor_) {
    const TimeNs left_ns = options_.drain_delay_ns - Since(begin);
    if (left_ns <= 0) return;
    Nap(std::min(left_ns, kNapNsMax));
  }
}

// A takeover that has begun ends before: then the sockets are the successor's. One that comes later
// waits at the control socket, until the addresses are free for it.
void Server::StopAccepting(bool takes_backlog) {
  if (takeover_ != nullptr) EndTakeover();
  if (acceptance_ == nullptr) return;
  // The kernel may have woken this process for a connection, and then wakes no other.
  const bool shares = takeover_ != nullptr && takeover_->handed_over();
  if (shares) acceptance_->LeaveFiles();
  // The successor waits for the address, whatever this drain began with.
  if (shares && admin_ != nullptr) admin_->Stop();
  acceptance_->Stop(takes_backlog || shares);
  AwaitListeners();
  if (takeover_ != nullptr) takeover_->CloseControl();
}

void Server::EndTakeover() {
  takeover_->BeginStop();
  while (!takeover_->ended()) {
    if (in_haste_) takeover_->GiveUp();
    Nap(kNapNsOfThreads);
  }
  takeover_->Stop();
}

// A shard that is busy closes them when it comes to it.
void Server::AwaitListeners() {
  const Clock::time_point begin = Clock::now();
  while (!acceptance_->stopped() &&
         Since(begin) < (last_signal_ != 0 ? kHastyFarewellNs : kListenersNs)) {
    Nap(kNapNsOfThreads);
  }
}

// False: the grace or the patience is over, and something is left.
bool Server::AwaitCalls(TimeNs grace_ns) {
  const Clock::time_point begin = Clock::now();
  std::vector<bool> has_begun(shards_.size());
  TimeNs told_at = -kProgressNs;
  for (TimeNs nap_ns = kNapNsMin;; nap_ns = std::min(2 * nap_ns, kNapNsMax)) {
    for (size_t i = 0; i < shards_.size(); ++i) {
      has_begun[i] = has_begun[i] || server::BeginDrain(*shards_[i], *states_[i]);
    }
    const server::Left left = CountLeft();
    if (left.none()) return true;
    const TimeNs now = Since(begin);
    if (in_haste_ || now >= grace_ns) return false;
    if (now - told_at >= kProgressNs) {
      TellLeft(left, grace_ns - now);
      told_at = now;
    }
    Nap(std::min(nap_ns, grace_ns - now));
  }
}

// A shard that does not answer within a while is busy with something.
server::Left Server::CountLeft() {
  const Clock::time_point begin = Clock::now();
  server::Left sum;
  for (size_t i = 0; i < shards_.size(); ++i) server::AskLeft(*shards_[i], *states_[i]);
  for (size_t i = 0; i < shards_.size(); ++i) {
    while (!server::HasTold(*states_[i]) && Since(begin) < kNapNsMax) ::usleep(kShardNapUs);
    const server::Left left = server::LeftOf(*states_[i]);
    sum.connections += shards_[i]->connections_count();
    sum.calls += left.calls + (server::HasTold(*states_[i]) ? 0 : 1);
  }
  return sum;
}

void Server::GiveUp() {
  for (size_t i = 0; i < shards_.size(); ++i) server::NameStragglers(*shards_[i], *states_[i]);
  static_cast<void>(CountLeft());  // behind the names, which are to be written before all ends
}

// A signal ends it.
void Server::Nap(TimeNs nap_ns) {
  if (signals_ == nullptr) {
    ::usleep(static_cast<unsigned>(nap_ns / 1000));
    return;
  }
  pollfd polled = {signals_->fd(), POLLIN, 0};
  static_cast<void>(::poll(&polled, 1, static_cast<int>(nap_ns / kNsPerMs) + 1));
  HearSignals();
}

// The first began the drain, or may join one that something else began.
void Server::HearSignals() {
  if (signals_ == nullptr) return;
  const int signal = signals_->Take();
  if (signal == 0 || signals_->taken_count() < 2) return;
  last_signal_ = signal;
  in_haste_ = true;
}

// --- The end

void Server::StopHere(TimeNs farewell_ns) {
  if (running_) {
    draining_.store(true, std::memory_order_release);
    if (admin_ != nullptr) admin_->SetReady(false);
    StopAccepting(/*takes_backlog=*/false);
    StopShards(farewell_ns);
  }
  for (auto& shard : shards_) shard->Join();
  // Handlers that are still at work have been told that their calls are over.
  if (workers_ != nullptr) StopWorkers();
  takeover_.reset();
  acceptance_.reset();
  admin_.reset();  // it asks the shards until here
  for (auto& state : states_) {
    state->counters.limit_trips = state->workspace.limit_trips;
    Count(state->counters);
  }
  states_.clear();
  shards_.clear();
  running_ = false;
  Wake();
}

void Server::StopShards(TimeNs farewell_ns) {
  for (size_t i = 0; i < shards_.size(); ++i) {
    // A full mailbox, or a shard that has ended: no farewell.
    if (!shards_[i]->Post(&CloseSessions, states_[i].get(), static_cast<uint64_t>(farewell_ns))) {
      shards_[i]->Stop();
    }
  }
  const Clock::time_point begin = Clock::now();
  TimeNs name_at = farewell_ns + kThreadPatienceNs;
  for (const auto& shard : shards_) {
    while (!shard->ending()) {
      ::usleep(kShardNapUs);
      if (Since(begin) >= name_at) {
        std::fprintf(stderr,
                     "penstock: stop: shard %d does not end: a handler blocks its thread, and is "
                     "waited for\n",
                     shard->index());
        name_at += kNameAgainNs;
      }
      EndInHaste(Since(begin) - farewell_ns);
    }
  }
}

void Server::StopWorkers() {
  workers_->BeginStop();
  const Clock::time_point begin = Clock::now();
  TimeNs name_at = kThreadPatienceNs;
  while (!workers_->AwaitEnd(kNapNsMax)) {
    if (Since(begin) >= name_at) {
      NameJobs(workers_->JobsAtWork());
      name_at += kNameAgainNs;
    }
    EndInHaste(Since(begin));
  }
  workers_->Stop();
}

// After a second signal a thread that does not end is not waited for.
void Server::EndInHaste(TimeNs waited_ns) {
  HearSignals();
  if (last_signal_ != 0 && waited_ns > kThreadPatienceNs) {
    server::StopSignals::EndBy(last_signal_);
  }
}

}  // namespace penstock
