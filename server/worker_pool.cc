#include "penstock/server/worker_pool.h"

#include <algorithm>

#include "penstock/wire/check.h"

namespace penstock::server {

WorkerPool::WorkerPool(int threads, size_t jobs_waiting_max, int spinners_max)
    : thread_count_(threads),
      jobs_waiting_max_(jobs_waiting_max),
      spin_permits_(spinners_max),
      desks_(static_cast<size_t>(threads)) {
  PENSTOCK_CHECK(threads > 0, "a pool has at least one thread");
  for (Desk& desk : desks_) threads_.emplace_back([this, &desk] { Work(&desk); });
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::Submit(WorkerJob& job) {
  {
    const std::lock_guard lock(mutex_);
    const size_t waiting_count = waiting_count_.load(std::memory_order_relaxed) + 1;
    if (stopping_ || waiting_count > jobs_waiting_max_) return false;
    waiting_.PushBack(job);
    waiting_count_.store(waiting_count, std::memory_order_relaxed);
    waiting_peak_ = std::max(waiting_peak_, waiting_count);
    // Each of those who watch takes one, without a system call of ours.
    if (waiting_count <= watching_count_) return true;
  }
  arrived_.notify_one();
  return true;
}

void WorkerPool::BeginStop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_count_.store(0, std::memory_order_relaxed);
    while (waiting_.PopFront() != nullptr) {
    }
  }
  arrived_.notify_all();
}

bool WorkerPool::AwaitEnd(TimeNs timeout_ns) {
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, std::chrono::nanoseconds(timeout_ns),
                         [this] { return at_work_count_ == 0; });
}

std::vector<WorkerPool::JobAtWork> WorkerPool::JobsAtWork() const {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  std::vector<JobAtWork> jobs;
  for (const Desk& desk : desks_) {
    if (!desk.name.empty()) jobs.push_back({desk.name, TimeNs{(now - desk.since).count()}});
  }
  return jobs;
}

void WorkerPool::Stop() {
  BeginStop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool WorkerPool::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

size_t WorkerPool::jobs_waiting_peak() const {
  const std::lock_guard lock(mutex_);
  return waiting_peak_;
}

void WorkerPool::Work(Desk* desk) {
  std::unique_lock lock(mutex_);
  for (;;) {
    arrived_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    WorkerJob& job = *waiting_.PopFront();
    waiting_count_.store(waiting_count_.load(std::memory_order_relaxed) - 1,
                         std::memory_order_relaxed);
    *desk = {job.name(), std::chrono::steady_clock::now()};
    ++at_work_count_;
    lock.unlock();
    job.Run();
    lock.lock();
    desk->name = {};
    if (--at_work_count_ == 0 && stopping_) ended_.notify_all();
    if (waiting_.empty() && !stopping_) Watch(&lock);
  }
}

// Without the lock. Whoever submits meanwhile need not wake us: we look at the queue behind this.
void WorkerPool::Watch(std::unique_lock<std::mutex>* lock) {
  ++watching_count_;
  lock->unlock();
  (void)Spin(spin_permits_,
             [this] { return waiting_count_.load(std::memory_order_relaxed) != 0; });
  lock->lock();
  --watching_count_;
}

}  // namespace penstock::server
