#include "penstock/server/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

namespace penstock::server {
namespace {

// Counts, and waits until it may end.
class HeldJob final : public WorkerJob {
 public:
  void Run() override {
    begun.count_down();
    may_end.wait();
  }

  std::latch begun{1};
  std::latch may_end{1};
};

class CountingJob final : public WorkerJob {
 public:
  explicit CountingJob(std::latch* all) : all_(*all) {}
  void Run() override {
    thread = std::this_thread::get_id();
    all_.count_down();
  }

  std::thread::id thread;

 private:
  std::latch& all_;
};

// How many of its threads may watch before they sleep.
class WorkerPoolTest : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Spinners, WorkerPoolTest, ::testing::Values(0, 1, 2));

TEST_P(WorkerPoolTest, RunsWhatIsSubmittedOnItsThreads) {
  constexpr int kJobs = 100;
  std::latch all(kJobs);
  std::vector<std::unique_ptr<CountingJob>> jobs;
  WorkerPool pool(2, kJobs, GetParam());
  for (int i = 0; i < kJobs; ++i) {
    jobs.push_back(std::make_unique<CountingJob>(&all));
    ASSERT_TRUE(pool.Submit(*jobs.back()));
  }
  all.wait();
  pool.Stop();
  for (const auto& job : jobs) EXPECT_NE(job->thread, std::this_thread::get_id());
  EXPECT_LE(pool.jobs_waiting_peak(), static_cast<size_t>(kJobs));
  EXPECT_GE(pool.jobs_waiting_peak(), 1u);
}

TEST_P(WorkerPoolTest, RefusesMoreThanMayWait) {
  std::latch ran(1);
  HeldJob held;
  CountingJob waits(&ran);
  CountingJob refused(&ran);
  WorkerPool pool(1, 1, GetParam());
  ASSERT_TRUE(pool.Submit(held));
  held.begun.wait();  // waits no longer
  EXPECT_TRUE(pool.Submit(waits));
  EXPECT_FALSE(pool.Submit(refused));
  EXPECT_EQ(pool.jobs_waiting_peak(), 1u);
  held.may_end.count_down();
  ran.wait();
  EXPECT_EQ(refused.thread, std::thread::id());
  pool.Stop();
}

// Ends once the pool is to stop.
class LongJob final : public WorkerJob {
 public:
  explicit LongJob(const WorkerPool* pool) : pool_(*pool) {}
  void Run() override {
    begun.count_down();
    while (!pool_.stopping()) std::this_thread::yield();
    ended.store(true);
  }

  std::latch begun{1};
  std::atomic<bool> ended{false};

 private:
  const WorkerPool& pool_;
};

TEST_P(WorkerPoolTest, StopsWhenWhatIsAtWorkHasEndedAndRunsNothingMore) {
  std::latch none(1);
  WorkerPool pool(1, 8, GetParam());
  LongJob at_work(&pool);
  CountingJob waits(&none);
  ASSERT_TRUE(pool.Submit(at_work));
  at_work.begun.wait();
  ASSERT_TRUE(pool.Submit(waits));
  pool.Stop();
  EXPECT_TRUE(at_work.ended.load());
  EXPECT_EQ(waits.thread, std::thread::id()) << "it has not run";
  EXPECT_FALSE(waits.linked());
  EXPECT_FALSE(pool.Submit(waits));
  pool.Stop();
}

TEST_P(WorkerPoolTest, NamesTheJobsAtWorkAndTellsWhenTheLastHasEnded) {
  WorkerPool pool(2, 4, GetParam());
  EXPECT_TRUE(pool.AwaitEnd(0));
  HeldJob held;
  ASSERT_TRUE(pool.Submit(held));
  held.begun.wait();
  pool.BeginStop();
  EXPECT_FALSE(pool.AwaitEnd(0));
  ASSERT_EQ(pool.JobsAtWork().size(), 1u);
  EXPECT_EQ(pool.JobsAtWork().front().name, "a job");
  held.may_end.count_down();
  EXPECT_TRUE(pool.AwaitEnd(60 * kNsPerSecond));
  EXPECT_TRUE(pool.JobsAtWork().empty());
}

class AddingJob final : public WorkerJob {
 public:
  explicit AddingJob(std::atomic<int>* count) : count_(*count) {}
  void Run() override { ++count_; }

 private:
  std::atomic<int>& count_;
};

// A job that nobody is woken for hangs it.
TEST_P(WorkerPoolTest, RunsJobsThatComeWhileItsThreadsFallAsleep) {
  constexpr int kRounds = 5'000;
  std::atomic<int> count{0};
  AddingJob first(&count);
  AddingJob second(&count);
  WorkerPool pool(2, 2, GetParam());
  for (int round = 1; round <= kRounds; ++round) {
    ASSERT_TRUE(pool.Submit(first));
    ASSERT_TRUE(pool.Submit(second));
    while (count != 2 * round) std::this_thread::yield();
  }
}

}  // namespace
}  // namespace penstock::server
