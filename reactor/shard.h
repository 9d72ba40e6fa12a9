// Shard: one thread, one core, one ring, and everything that connections on it touch. Nothing of it
// is locked, because nothing of it is shared: other threads Post().
//
//     Shard shard({.index = 0, .cpu = 2, .io = IoMode::kAuto});
//     std::string why;
//     if (!shard.Start(&why)) { ... }        // on a thread of its own; or Open() and Run() here
//     ... shard.Stop(); shard.Join();
//
// A turn: submit and sleep (one system call), then all that completed, the mailbox, timers, the run
// queue, one flush for every dirty connection, and the ends of closed ones. What the flushes queued
// is submitted by the next turn's call. So many RPCs share a system call, and work per connection
// and turn is bounded by the octets delivered to it (RingOptions::receive_bytes_per_turn_max).
//
// Threading: the shard's thread (the one that called Open()), but for what is marked "any thread".
// Ownership: shards that post to each other are destroyed after the last of them stopped running.
#ifndef PENSTOCK_REACTOR_SHARD_H_
#define PENSTOCK_REACTOR_SHARD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "penstock/reactor/address.h"
#include "penstock/reactor/collector.h"
#include "penstock/reactor/cpu.h"
#include "penstock/reactor/frame_pool.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/io_mode.h"
#include "penstock/reactor/mailbox.h"
#include "penstock/reactor/ring.h"
#include "penstock/reactor/run_queue.h"
#include "penstock/reactor/simulation.h"
#include "penstock/reactor/socket.h"
#include "penstock/reactor/socket_table.h"
#include "penstock/reactor/stats.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/wire/slab_pool.h"
#include "penstock/wire/time.h"

namespace penstock::reactor {

struct ShardOptions {
  int index = 0;
  int cpu = -1;  // to run on; -1: wherever the kernel likes
  IoMode io = IoMode::kAuto;
  RingOptions ring = {};
  size_t slab_bytes = wire::SlabPool::kSlabBytesDefault;
  size_t slabs_idle_max = 256;
  size_t mailbox_letters_max = 4096;  // a power of two
  Simulation* simulation = nullptr;   // null: the kernel's sockets and clock; outlives the shard
};

class Shard {
 public:
  explicit Shard(const ShardOptions& options);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // Life. Open() makes the ring on the calling thread, which is the shard's from then on, and pins
  // it; false: `*why` is a sentence. Run() turns until Stop(), then refuses letters, runs those it
  // has, stops its acceptors and aborts every connection, and returns when none of them is left.
  bool Open(std::string* why);
  void Run();
  // Open() and Run() on a new thread; returns when Open() has. Join() waits for Run()'s end.
  bool Start(std::string* why);
  void Join() { thread_.join(); }
  void Stop();  // any thread
  // One turn, for tests and foreign loops: sleeps for at most `sleep_ns_max`.
  void Turn(TimeNs sleep_ns_max);

  // Runs `run(context, value)` on the shard in its next turn. Any thread. False: the mailbox is
  // full, or the shard is ending(). What was taken is run, though perhaps after Stop().
  [[nodiscard]] bool Post(void (*run)(void* context, uint64_t value), void* context,
                          uint64_t value = 0);
  // Where the mailbox was full: each of the collectors() is asked in the next turn. Any thread.
  void AskCollectors();
  // Run() is about to return, or has: no letter will ever be taken again. Any thread.
  bool ending() const { return mailbox_.closed(); }

  // Connections. Adopt() takes a connected descriptor; a null handler is replaced by
  // Socket::SetHandler() before the next turn. Connect() begins to connect and reports with
  // SocketHandler::OnConnected(). Neither fails: the handler hears of it. Who connects anew in
  // OnClosed() asks stopping() first, or Run() never ends.
  // `reserved`: Reserve() was called for it.
  Socket& Adopt(int fd, SocketHandler* handler, bool reserved = false);
  Socket& Connect(const Address& address, SocketHandler* handler);

  int index() const { return options_.index; }
  // What Open() decided, and why not io_uring if that was asked for with kAuto ("" otherwise).
  IoMode io() const { return ring_->mode(); }
  const std::string& io_reason() const { return io_reason_; }

  // The time of this turn.
  TimeNs now() const { return now_; }
  // The time at this moment, for what is measured within a turn.
  TimeNs ReadClock() const;
  wire::SlabPool& slabs() { return slabs_; }
  TimerWheel& timers() { return timers_; }
  RunQueue& run_queue() { return run_queue_; }
  // The one wake-up that is not rounded to a tick of the wheel: queues `run` in the first turn that
  // begins at `when` or later, as exactly as the kernel wakes the thread. It replaces the one
  // before; kTimeNever takes that back. Ownership: `run` stays until then.
  void SetAlarm(TimeNs when, Runnable* run) {
    alarm_at_ = when;
    alarm_ = run;
  }
  FramePool& frames() { return frames_; }
  Ring& ring() { return *ring_; }
  // Whoever accepts here, so that Run() does not end before they have.
  List<Acceptor, AcceptorTag>& acceptors() { return acceptors_; }
  List<Collector, CollectorTag>& collectors() { return collectors_; }
  ShardStats& stats() { return stats_; }
  const ShardStats& stats() const { return stats_; }
  bool stopping() const { return stop_.load(std::memory_order_relaxed); }

  // Connections here or on their way here; each socket gives one back when it closes. Any thread.
  uint32_t connections_count() const { return connections_.load(std::memory_order_relaxed); }
  void Reserve() { connections_.fetch_add(1, std::memory_order_relaxed); }
  void Unreserve() { connections_.fetch_sub(1, std::memory_order_relaxed); }

  // The shard whose turn this thread is in; null outside.
  static Shard* Current();

 private:
  friend class Socket;

  TimeNs SleepTime(TimeNs sleep_ns_max);
  bool HasIo() const { return sockets_.size() != 0 || !acceptors_.empty(); }
  void RingAlarm();
  void DrainMailbox();
  PENSTOCK_COLD void VisitCollectors();
  void FlushDirty();
  void NotifySent();
  void FinishEnded();
  void Wake();
  Socket& NewSocket(int fd, SocketHandler* handler);

  const ShardOptions options_;
  wire::SlabPool slabs_;
  FramePool frames_;
  TimeNs now_;
  TimerWheel timers_;
  RunQueue run_queue_;
  TimeNs alarm_at_ = kTimeNever;
  Runnable* alarm_ = nullptr;
  Mailbox mailbox_;
  ShardStats stats_;
  SocketTable sockets_;
  List<Acceptor, AcceptorTag> acceptors_;
  List<Collector, CollectorTag> collectors_;
  List<Socket, DirtyTag> dirty_;  // flushed at the end of the turn
  List<Socket, SentTag> sent_;    // sends that completed at once: OnSent() is due
  List<Socket, EndedTag> ended_;  // OnClosed() is due
  int event_fd_ = -1;
  std::unique_ptr<Ring> ring_;
  std::atomic<int> message_fd_{-1};
  std::string io_reason_;
  uint64_t sockets_made_count_ = 0;
  std::thread thread_;
  alignas(64) std::atomic<bool> stop_{false};
  std::atomic<uint32_t> connections_{0};
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_SHARD_H_
