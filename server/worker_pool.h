// WorkerPool: threads for handlers that block or take long, so that no shard waits for them.
//
//     WorkerPool pool(4, 1024, cores_to_spare);
//     if (!pool.Submit(job)) ...   // as many wait as may
//     pool.Stop();
//
// One queue for all, behind a lock (docs/decisions/0008): a job is milliseconds, its hand-over
// microseconds. A worker whose job has ended watches for the next one a short while (spin.h).
//
// Ownership: a job is its submitter's and outlives its run; the pool lets go of it before it runs.
// Threading: Submit() from any thread.
// Limits:    `jobs_waiting_max` wait; one more is refused, and the caller decides.
#ifndef PENSTOCK_SERVER_WORKER_POOL_H_
#define PENSTOCK_SERVER_WORKER_POOL_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "penstock/reactor/intrusive_list.h"
#include "penstock/server/spin.h"
#include "penstock/wire/time.h"

namespace penstock::server {

class WorkerJob : public reactor::ListHook<struct JobTag> {
 public:
  // On a thread of the pool. The job may be gone when it returns.
  virtual void Run() = 0;
  // For people: the method. It lives as long as the pool.
  virtual std::string_view name() const { return "a job"; }

 protected:
  ~WorkerJob() = default;
};

class WorkerPool {
 public:
  // `spinners_max`: of the threads that may watch at once.
  WorkerPool(int threads, size_t jobs_waiting_max, int spinners_max = 0);
  ~WorkerPool();  // stops
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  struct JobAtWork {
    std::string_view name;
    TimeNs age_ns = 0;
  };

  [[nodiscard]] bool Submit(WorkerJob& job);
  // No job begins any more; those that wait are let go of, and never run. Idempotent.
  void BeginStop();
  // Whether the last job at work has ended within `timeout_ns`.
  [[nodiscard]] bool AwaitEnd(TimeNs timeout_ns);
  std::vector<JobAtWork> JobsAtWork() const;
  // Returns when the jobs at work have ended. Those that wait are let go of, and never run.
  // Idempotent; one thread's.
  void Stop();

  int thread_count() const { return thread_count_; }
  // For jobs that wait for more.
  SpinPermits& spin_permits() { return spin_permits_; }
  // Any thread.
  bool stopping() const;
  // The most that waited at once so far. Any thread.
  size_t jobs_waiting_peak() const;

 private:
  // What a thread is at.
  struct Desk {
    std::string_view name;  // empty: nothing
    std::chrono::steady_clock::time_point since;
  };

  void Work(Desk* desk);
  void Watch(std::unique_lock<std::mutex>* lock);

  const int thread_count_;
  const size_t jobs_waiting_max_;
  SpinPermits spin_permits_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  reactor::List<WorkerJob, struct JobTag> waiting_;
  std::atomic<size_t> waiting_count_{0};  // written under the lock, and watched without
  size_t watching_count_ = 0;             // look at the queue before they sleep
  size_t waiting_peak_ = 0;
  bool stopping_ = false;
  std::vector<Desk> desks_;
  size_t at_work_count_ = 0;
  std::condition_variable ended_;
  std::vector<std::thread> threads_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_WORKER_POOL_H_
