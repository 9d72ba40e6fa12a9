// What it costs to hand work to a worker thread and back. The time is that of a whole round; p50
// and p99 are of the rounds, and what is told. The shard turns without sleeping, on a core of its
// own; the worker is on another.
//
//   Job/awake        a job of a unary call: WorkerPool::Submit() to its letter; the worker watches
//   Job/asleep       the same with a worker that sleeps in between
//   Message          a message of a stream there and back: WorkerQueue, Doorbell, letter
//
// bazel run --config=opt //server:worker_bench
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "penstock/reactor/cpu.h"
#include "penstock/reactor/shard.h"
#include "penstock/server/doorbell.h"
#include "penstock/server/worker_letter.h"
#include "penstock/server/worker_pool.h"
#include "penstock/server/worker_queue.h"
#include "penstock/wire/check.h"

namespace penstock::server {
namespace {

constexpr int kShardCpu = 0;
constexpr int kWorkerCpu = 1;
constexpr size_t kMessageBytes = 32;

// Where there is no such core the thread stays where it is.
void Pin(int cpu) {
  std::string why;
  benchmark::DoNotOptimize(reactor::PinThread(cpu, &why));
}

// A shard that turns on this thread, and one worker.
class Ends {
 public:
  explicit Ends(int spinners_max) : shard({}), pool(1, 1, spinners_max) {
    std::string why;
    PENSTOCK_CHECK(shard.Open(&why), "the shard opens");
    Pin(kShardCpu);
  }
  ~Ends() {
    pool.Stop();
    shard.Stop();
    shard.Run();
  }

  reactor::Shard shard;
  WorkerPool pool;
};

void PinWorker() {
  static thread_local bool is_pinned = false;
  if (!std::exchange(is_pinned, true)) Pin(kWorkerCpu);
}

// Of what rounds took.
class Times {
 public:
  void Add(TimeNs time_ns) { times_.push_back(time_ns); }
  void Tell(benchmark::State& state) {
    if (times_.empty()) return;
    std::sort(times_.begin(), times_.end());
    state.counters["p50_ns"] = static_cast<double>(times_[times_.size() / 2]);
    state.counters["p99_ns"] = static_cast<double>(times_[times_.size() * 99 / 100]);
  }

 private:
  std::vector<TimeNs> times_;
};

class RoundJob final : public WorkerJob {
 public:
  explicit RoundJob(reactor::Shard* shard) : shard_(*shard) {}
  void Run() override {
    PinWorker();
    PostFromWorker(shard_, &RoundJob::OnDone, this);
  }

  bool done = false;  // the shard's

 private:
  static void OnDone(void* context, uint64_t) { static_cast<RoundJob*>(context)->done = true; }

  reactor::Shard& shard_;
};

void Job(benchmark::State& state, int spinners_max) {
  Ends ends(spinners_max);
  Times times;
  for (auto _ : state) {
    const TimeNs begin = reactor::ReadClock();
    RoundJob job(&ends.shard);
    PENSTOCK_CHECK(ends.pool.Submit(job), "the worker is free");
    while (!job.done) ends.shard.Turn(0);
    times.Add(reactor::ReadClock() - begin);
  }
  times.Tell(state);
}
BENCHMARK_CAPTURE(Job, awake, 1)->UseRealTime();
BENCHMARK_CAPTURE(Job, asleep, 0)->UseRealTime();

// Answers each message with itself until an end comes.
class EchoJob final : public WorkerJob {
 public:
  EchoJob(reactor::Shard* shard, SpinPermits* permits) : shard_(*shard), permits_(*permits) {}

  void Run() override {
    PinWorker();
    for (;;) {
      reactor::Popped<WorkerMessage> popped = there.Pop();
      if (!popped.value) {
        if (there.AwaitMessage()) bell.Wait(permits_);
        continue;
      }
      if (popped.value->kind == WorkerMessage::Kind::kEnd) break;
      WorkerMessage answer = back.NewMessage(popped.value->bytes_count);
      std::copy_n(popped.value->octets.get(), answer.bytes_count, answer.octets.get());
      there.GiveBack(&*popped.value);
      if (back.Push(&answer)) PostFromWorker(shard_, &EchoJob::OnAnswer, this);
    }
    PostFromWorker(shard_, &EchoJob::OnEnded, this);
  }
  void Send(WorkerMessage message) {
    if (there.Push(&message)) bell.Ring();
  }

  WorkerQueue there;
  WorkerQueue back;
  Doorbell bell;
  bool answered = false;  // the shard's, as the next
  bool ended = false;

 private:
  static void OnAnswer(void* context, uint64_t) { static_cast<EchoJob*>(context)->answered = true; }
  static void OnEnded(void* context, uint64_t) { static_cast<EchoJob*>(context)->ended = true; }

  reactor::Shard& shard_;
  SpinPermits& permits_;
};

void Message(benchmark::State& state) {
  Ends ends(1);
  EchoJob echo(&ends.shard, &ends.pool.spin_permits());
  PENSTOCK_CHECK(ends.pool.Submit(echo), "the worker is free");
  Times times;
  for (auto _ : state) {
    const TimeNs begin = reactor::ReadClock();
    echo.answered = !echo.back.AwaitMessage();
    echo.Send(echo.there.NewMessage(kMessageBytes));
    while (!echo.answered) ends.shard.Turn(0);
    reactor::Popped<WorkerMessage> popped = echo.back.Pop();
    echo.back.GiveBack(&*popped.value);
    times.Add(reactor::ReadClock() - begin);
  }
  times.Tell(state);
  WorkerMessage end;
  end.kind = WorkerMessage::Kind::kEnd;
  echo.Send(std::move(end));
  while (!echo.ended) ends.shard.Turn(0);
}
BENCHMARK(Message)->UseRealTime();

}  // namespace
}  // namespace penstock::server
