// TaskGroup: tasks of one call that run at once, and that end before it does.
//
//     TaskGroup group(call, WhenOneFails::kOthersEnd);
//     for (const Part& part : parts_) co_await Try(co_await group.Start(Fetch(group, part)));
//     co_await Try(co_await group.Join());
//
// A group is a CallScope: its tasks take it in the call's place, as above, so that what they await
// answers when the call is over, and with kOthersEnd also when one of them has failed: then
// it answers that failure. Tasks that were given the call itself end with the call alone.
//
// Start() begins a task, which runs up to where it first suspends. It suspends while `tasks_max` of
// them run; OK, or why the group is over: then the task was dropped. Join() answers once all tasks
// have ended, whatever happens meanwhile: OK, or what the first of those that failed has answered;
// what a task has thrown it throws. A group that has been joined may go on.
//
// Ownership: lives in a coroutine's frame, inside `scope`, which outlives it. Tasks that have not
//            ended when the group dies are destroyed where they stand, and their guards run: none
//            outlives it.
// Limits:    tasks_max at once.
#ifndef PENSTOCK_RPC_TASK_GROUP_H_
#define PENSTOCK_RPC_TASK_GROUP_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

#include "penstock/reactor/frame_pool.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/wait.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/task.h"

namespace penstock {

class TaskGroup;

enum class WhenOneFails : uint8_t {
  kOthersGoOn,
  kOthersEnd,  // what they await under the group answers so
};

namespace rpc {

// What TaskGroup::Start() returns: awaits room for the task, and begins it.
class [[nodiscard]] StartOperation final : public CallWait {
 public:
  StartOperation(TaskGroup* group, Task<Status> task);
  ~StartOperation();

  bool await_ready();
  void await_suspend(std::coroutine_handle<> handle);
  [[nodiscard]] Status await_resume();

  // A task has ended, and its room is this one's.
  void GiveRoom() {
    has_room_ = true;
    Wake();
  }
  void Withdraw() = delete;

 private:
  TaskGroup& group_;
  Task<Status> task_;
  bool has_room_ = false;
};

// What TaskGroup::Join() returns: awaits the end of all tasks.
class [[nodiscard]] JoinOperation final : public CallWait {
 public:
  explicit JoinOperation(TaskGroup* group);

  bool await_ready() const;
  void await_suspend(std::coroutine_handle<> handle);
  [[nodiscard]] Status await_resume();

 private:
  TaskGroup& group_;
};

struct GroupTag;

// Runs one task of a group. Begins at once; its frame goes when it ends.
struct GroupedCoroutine {
  struct promise_type : reactor::PooledFrame, reactor::ListHook<GroupTag> {
    promise_type(TaskGroup& group, Task<Status>&);
    GroupedCoroutine get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

}  // namespace rpc

class TaskGroup final : public CallScope {
 public:
  static constexpr size_t kTasksMaxDefault = 64;

  explicit TaskGroup(CallScope& scope, WhenOneFails when_one_fails = WhenOneFails::kOthersGoOn,
                     size_t tasks_max = kTasksMaxDefault);
  ~TaskGroup();

  rpc::StartOperation Start(Task<Status> task) {
    return rpc::StartOperation(this, std::move(task));
  }
  rpc::JoinOperation Join() { return rpc::JoinOperation(this); }

  // Ends what the tasks await under the group: they answer `why`.
  void Cancel(Status why) { own_cancellation_.Cancel(std::move(why)); }

  size_t running_count() const { return running_count_; }

 private:
  friend class rpc::StartOperation;
  friend class rpc::JoinOperation;
  friend struct rpc::GroupedCoroutine::promise_type;

  // Takes room for one, if there is any.
  bool TakeRoom();
  // A task has ended, or will not begin.
  void GiveRoomBack();
  void Begin(Task<Status> task);
  static rpc::GroupedCoroutine Run(TaskGroup& group, Task<Status> task);
  void OnFailure(const Status& status);
  Status TakeResult();

  const WhenOneFails when_one_fails_;
  const size_t tasks_max_;
  size_t running_count_ = 0;
  rpc::CallCancellation own_cancellation_;
  Status first_failure_;
  std::exception_ptr exception_;  // what the first task threw, if that is how it failed
  reactor::List<rpc::GroupedCoroutine::promise_type, rpc::GroupTag> running_;
  reactor::WaitList starting_;
  reactor::WaitList joining_;
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_TASK_GROUP_H_
