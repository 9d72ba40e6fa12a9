#include "penstock/server/worker_pool.h"

#include <algorithm>

#include "penstock/wire/check.h"

namespace penstock::server {

WorkerPool::WorkerPool(int threads, size_t jobs_waiting_max)
    : thread_count_(threads), jobs_waiting_max_(jobs_waiting_max) {
  PENSTOCK_CHECK(threads > 0, "a pool has at least one thread");
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::Submit(WorkerJob& job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_count_ >= jobs_waiting_max_) return false;
    waiting_.PushBack(job);
    waiting_peak_ = std::max(waiting_peak_, ++waiting_count_);
  }
  arrived_.notify_one();
  return true;
}

void WorkerPool::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_count_ = 0;
    while (waiting_.PopFront() != nullptr) {
    }
  }
  arrived_.notify_all();
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

void WorkerPool::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    arrived_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    WorkerJob& job = *waiting_.PopFront();
    --waiting_count_;
    lock.unlock();
    job.Run();
    lock.lock();
  }
}

}  // namespace penstock::server
