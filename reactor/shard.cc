#include "penstock/reactor/shard.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <utility>

#include "penstock/reactor/io_error.h"
#include "penstock/wire/check.h"

namespace penstock::reactor {
namespace {

thread_local Shard* current_shard = nullptr;

// What queues itself anew in each turn does not keep a shard that ends.
constexpr int kLastTurnsMax = 1000;

void Signal(int event_fd) {
  const uint64_t one = 1;
  static_cast<void>(!::write(event_fd, &one, sizeof(one)));
}

}  // namespace

Shard::Shard(const ShardOptions& options)
    : options_(options),
      slabs_(options.slab_bytes, options.slabs_idle_max),
      now_(ReadClock()),
      timers_(now_),
      mailbox_(options.mailbox_letters_max),
      event_fd_(::eventfd(0, EFD_CLOEXEC)) {}

Shard::~Shard() {
  PENSTOCK_CHECK(!thread_.joinable(), "a shard is joined before it dies");
  ring_.reset();
  if (event_fd_ >= 0) ::close(event_fd_);
}

Shard* Shard::Current() { return current_shard; }

TimeNs Shard::ReadClock() const {
  return PENSTOCK_LIKELY(options_.simulation == nullptr) ? reactor::ReadClock()
                                                         : options_.simulation->Now();
}

// ---- Life

bool Shard::Open(std::string* why) {
  if (event_fd_ < 0) {
    *why = "cannot make an eventfd: " + ErrorText(EMFILE) + "; raise RLIMIT_NOFILE (ulimit -n)";
    return false;
  }
  if (options_.cpu >= 0 && !PinThread(options_.cpu, why)) return false;
  const RingContext context{&sockets_, event_fd_, &stats_};
  ring_ = options_.simulation != nullptr
              ? options_.simulation->MakeRing(context)
              : MakeRing(options_.io, options_.ring, context, &io_reason_);
  if (ring_ == nullptr) {
    *why = io_reason_;
    return false;
  }
  message_fd_.store(ring_->message_fd(), std::memory_order_release);
  return true;
}

bool Shard::Start(std::string* why) {
  std::promise<bool> opened;
  std::future<bool> result = opened.get_future();
  thread_ = std::thread([this, why, &opened] {
    const bool ok = Open(why);
    opened.set_value(ok);
    if (ok) Run();
  });
  if (result.get()) return true;
  thread_.join();
  return false;
}

void Shard::Stop() {
  stop_.store(true, std::memory_order_seq_cst);
  Signal(event_fd_);
}

void Shard::Run() {
  while (!stopping()) Turn(kTimeNever);
  mailbox_.Close();
  // The letters that are left may still bring connections and acceptors, and what was cancelled has
  // to hear of it.
  int last_turns = 0;
  do {
    acceptors_.ForEach([](Acceptor& acceptor) { acceptor.OnShardEnding(); });
    sockets_.ForEach([](Socket& socket) { socket.Abort(); });
    Turn(HasIo() ? kTimeNever : 0);
  } while (HasIo() || !mailbox_.drained() || (!run_queue_.empty() && ++last_turns < kLastTurnsMax));
  ring_->Submit();
}

// ---- The turn

void Shard::Turn(TimeNs sleep_ns_max) {
  Shard* const outer = std::exchange(current_shard, this);
  const FramePool::Turn frames_turn(&frames_);
  ++stats_.turns;
  const TimeNs sleep_ns = SleepTime(sleep_ns_max);
  ring_->Wait(sleep_ns);
  if (sleep_ns != 0) mailbox_.Awake();
  now_ = ReadClock();
  ring_->Reap();
  DrainMailbox();
  stats_.timers += timers_.Expire(now_);
  if (PENSTOCK_UNLIKELY(now_ >= alarm_at_)) RingAlarm();
  run_queue_.RunQueued();
  FlushDirty();
  NotifySent();
  FinishEnded();
  stats_.turn_times.Count(ReadClock() - now_);
  current_shard = outer;
}

// 0: there is work. Otherwise producers have been told to wake us.
TimeNs Shard::SleepTime(TimeNs sleep_ns_max) {
  if (!run_queue_.empty() || !dirty_.empty() || !sent_.empty() || !ended_.empty()) return 0;
  TimeNs sleep_ns = sleep_ns_max;
  const TimeNs wake = std::min(timers_.NextWake(), alarm_at_);
  // The turn took time of its own, so the clock is read once more, if there are timers at all.
  if (wake != kTimeNever) sleep_ns = std::min(sleep_ns, wake - ReadClock());
  if (sleep_ns <= 0 || !mailbox_.FallAsleep()) return 0;
  ++stats_.waits;
  return sleep_ns;
}

void Shard::RingAlarm() {
  alarm_at_ = kTimeNever;
  run_queue_.Push(*alarm_);
}

// At most as many letters as the box holds: who writes without end does not stop the turn.
void Shard::DrainMailbox() {
  Letter letter;
  for (size_t i = 0; i < mailbox_.capacity() && mailbox_.Pop(&letter); ++i) {
    ++stats_.letters;
    letter.run(letter.context, letter.value);
  }
  if (PENSTOCK_UNLIKELY(mailbox_.TakeOverflow())) VisitCollectors();
}

// Any of them may leave meanwhile.
void Shard::VisitCollectors() {
  List<Collector, CollectorTag> round;
  round.Splice(collectors_);
  while (Collector* collector = round.PopFront()) {
    collectors_.PushBack(*collector);
    collector->Collect();
  }
}

void Shard::FlushDirty() {
  List<Socket, DirtyTag> dirty;
  dirty.Splice(dirty_);
  while (Socket* socket = dirty.PopFront()) {
    ++stats_.flushes;
    socket->Flush();
  }
}

void Shard::NotifySent() {
  List<Socket, SentTag> sent;
  sent.Splice(sent_);
  while (Socket* socket = sent.PopFront()) socket->NotifySent();
}

void Shard::FinishEnded() {
  List<Socket, EndedTag> ended;
  ended.Splice(ended_);
  while (Socket* socket = ended.PopFront()) {
    if (SocketHandler* handler = socket->handler_) {
      if (socket->connect_error_ != 0) handler->OnConnected(socket->connect_error_);
      handler->OnClosed();
    }
    sockets_.Destroy(*socket);
    Unreserve();
  }
}

// ---- The mailbox

bool Shard::Post(void (*run)(void* context, uint64_t value), void* context, uint64_t value) {
  if (!mailbox_.Push({run, context, value})) return false;
  if (mailbox_.TakeSleeper()) Wake();
  return true;
}

void Shard::AskCollectors() {
  mailbox_.MarkOverflow();
  if (mailbox_.TakeSleeper()) Wake();
}

// On the poster's thread.
void Shard::Wake() {
  Shard* const from = current_shard;
  const int message_fd = message_fd_.load(std::memory_order_acquire);
  if (from != nullptr && message_fd >= 0 && from->ring_->SendWake(message_fd, event_fd_)) return;
  if (from != nullptr) ++from->stats_.wakeups_sent_event;
  Signal(event_fd_);
}

}  // namespace penstock::reactor
