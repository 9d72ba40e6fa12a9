#include "penstock/rpc/task_group.h"

#include "penstock/wire/check.h"

namespace penstock {
namespace rpc {

// --- StartOperation

StartOperation::StartOperation(TaskGroup* group, Task<Status> task)
    : CallWait(group), group_(*group), task_(std::move(task)) {}

StartOperation::~StartOperation() {
  if (has_room_) group_.GiveRoomBack();
}

bool StartOperation::await_ready() {
  if (cancelled()) return true;
  has_room_ = group_.TakeRoom();
  return has_room_;
}

void StartOperation::await_suspend(std::coroutine_handle<> handle) {
  Suspend(handle);
  group_.starting_.PushBack(*this);
}

Status StartOperation::await_resume() {
  if (cancelled()) return call().cancel_status();
  has_room_ = false;  // it is the task's
  group_.Begin(std::move(task_));
  return OkStatus();
}

// --- JoinOperation

JoinOperation::JoinOperation(TaskGroup* group) : CallWait(group), group_(*group) {}

bool JoinOperation::await_ready() const { return group_.running_count_ == 0; }

// Not cancelled: the tasks are, and their ends are awaited all the same.
void JoinOperation::await_suspend(std::coroutine_handle<> handle) {
  SuspendUncancelled(handle);
  group_.joining_.PushBack(*this);
}

Status JoinOperation::await_resume() { return group_.TakeResult(); }

// --- GroupedCoroutine

GroupedCoroutine::promise_type::promise_type(TaskGroup& group, Task<Status>&) {
  group.running_.PushBack(*this);
}

}  // namespace rpc

TaskGroup::TaskGroup(CallScope& scope, WhenOneFails when_one_fails, size_t tasks_max)
    : when_one_fails_(when_one_fails),
      tasks_max_(tasks_max),
      own_cancellation_(&scope.cancellation()) {
  PENSTOCK_CHECK(tasks_max > 0, "a group runs at least one task at a time");
  shard_ = &scope.shard();
  deadline_ = scope.deadline();
  call_arena_ = scope.call_arena();
  call_values_ = scope.call_values();
  cancellation_ = &own_cancellation_;
}

TaskGroup::~TaskGroup() {
  using Promise = rpc::GroupedCoroutine::promise_type;
  while (Promise* task = running_.PopFront()) {
    std::coroutine_handle<Promise>::from_promise(*task).destroy();
  }
}

bool TaskGroup::TakeRoom() {
  if (running_count_ == tasks_max_) return false;
  ++running_count_;
  return true;
}

void TaskGroup::GiveRoomBack() {
  if (reactor::Wait* next = starting_.PopFront()) {
    return static_cast<rpc::StartOperation*>(next)->GiveRoom();
  }
  if (--running_count_ != 0) return;
  while (reactor::Wait* wait = joining_.PopFront()) wait->Wake();
}

void TaskGroup::Begin(Task<Status> task) { Run(*this, std::move(task)); }

// The group outlives it.
rpc::GroupedCoroutine TaskGroup::Run(TaskGroup& group, Task<Status> task) {
  try {
    Task<Status> run = std::move(task);  // what it holds is gone before its room is given back
    const Status status = co_await std::move(run);
    if (PENSTOCK_UNLIKELY(!status.ok())) group.OnFailure(status);
  } catch (...) {
    if (group.first_failure_.ok()) group.exception_ = std::current_exception();
    group.OnFailure(MakeStatus(StatusCode::kUnknown, "a task of the group threw an exception"));
  }
  group.GiveRoomBack();
}

void TaskGroup::OnFailure(const Status& status) {
  if (!first_failure_.ok()) return;
  first_failure_ = status;
  if (when_one_fails_ == WhenOneFails::kOthersEnd) Cancel(status);
}

Status TaskGroup::TakeResult() {
  if (exception_ != nullptr) std::rethrow_exception(std::exchange(exception_, nullptr));
  return first_failure_;
}

}  // namespace penstock
