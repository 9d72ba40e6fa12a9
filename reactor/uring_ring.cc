#include "penstock/reactor/uring_ring.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "penstock/reactor/address.h"
#include "penstock/reactor/io_error.h"
#include "penstock/reactor/uring_setup.h"
#include "penstock/wire/check.h"

// The ring itself: life, submission, waiting, reaping. What it does for sockets and listeners is in
// uring_operations.cc.

namespace penstock::reactor {

// ---- Life

std::unique_ptr<UringRing> UringRing::Create(const RingOptions& options, const RingContext& context,
                                             std::string* why) {
  std::unique_ptr<UringRing> ring(new UringRing(options, context));
  return ring->SetUp(why) ? std::move(ring) : nullptr;
}

UringRing::UringRing(const RingOptions& options, const RingContext& context)
    : options_(options), context_(context) {}

UringRing::~UringRing() {
  if (!ring_made_) return;
  // The registration belongs to the thread that made it, and ends with it.
  if (enter_flags_ != 0 && thread_ == std::this_thread::get_id()) {
    io_uring_rsrc_update index{};
    index.offset = static_cast<uint32_t>(enter_fd_);
    ::syscall(__NR_io_uring_register, ring_.ring_fd, IORING_UNREGISTER_RING_FDS, &index, 1);
  }
  io_uring_queue_exit(&ring_);
}

bool UringRing::SetUp(std::string* why) {
  if (!SetUpUring(options_, &ring_, why)) return false;
  ring_made_ = true;
  // We publish entries ourselves (Enter() says why), in the order of the array.
  if (ring_.sq.array != nullptr) {
    for (unsigned i = 0; i < ring_.sq.ring_entries; ++i) ring_.sq.array[i] = i;
  }
  const int result =
      buffers_.Register(&ring_, options_.recv_buffer_count, options_.recv_buffer_bytes);
  if (result < 0) {
    *why = UringRefusal("io_uring_register_buf_ring", -result);
    return false;
  }
  RegisterDescriptor();
  ArmEvent();
  return true;
}

// Saves the kernel a look-up per call; does as well without. Not io_uring_register_ring_fd(): the
// library would unregister it on whatever thread destroys the ring, and there the index may be
// another ring's.
void UringRing::RegisterDescriptor() {
  enter_fd_ = ring_.ring_fd;
  thread_ = std::this_thread::get_id();
  io_uring_rsrc_update index{};
  index.offset = ~uint32_t{0};  // any
  index.data = static_cast<uint64_t>(ring_.ring_fd);
  if (::syscall(__NR_io_uring_register, ring_.ring_fd, IORING_REGISTER_RING_FDS, &index, 1) != 1) {
    return;
  }
  enter_fd_ = static_cast<int>(index.offset);
  enter_flags_ = IORING_ENTER_REGISTERED_RING;
}

// ---- Submission and waiting

io_uring_sqe* UringRing::NextEntry() {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  while (PENSTOCK_UNLIKELY(entry == nullptr)) {
    ++context_.stats->sq_full;
    Submit();
    entry = io_uring_get_sqe(&ring_);
    if (entry == nullptr) ::sched_yield();  // the kernel is short of memory
  }
  return entry;
}

// Makes the queued entries visible to the kernel; returns how many it has not taken yet.
unsigned UringRing::PublishEntries() {
  io_uring_sq& queue = ring_.sq;
  if (queue.sqe_head != queue.sqe_tail) {
    queue.sqe_head = queue.sqe_tail;
    io_uring_smp_store_release(queue.ktail, queue.sqe_tail);
  }
  return queue.sqe_tail - io_uring_smp_load_acquire(queue.khead);
}

void UringRing::Wait(TimeNs timeout_ns) {
  if (!starved_.empty() || !kept_.empty()) timeout_ns = 0;
  // Sends that are tried without waiting complete while they are submitted, before the wait counts.
  const unsigned quiet_sends = options_.quiet_send_wait_ns_max > 0 ? inline_sends_ : 0;
  const unsigned completions_min = timeout_ns == 0 ? 0 : 1 + quiet_sends;
  if (quiet_sends > 0) timeout_ns = std::min(timeout_ns, options_.quiet_send_wait_ns_max);
  Enter(completions_min, std::min(timeout_ns, options_.sleep_ns_max), /*reap=*/true);
}

// The one place that calls the kernel. liburing's own calls would do, but for two things: a short
// submission must lower the number of completions waited for, and a time-out must be an argument of
// the call, not an operation.
void UringRing::Enter(unsigned completions_min, TimeNs timeout_ns, bool reap) {
  __kernel_timespec timeout{};
  io_uring_getevents_arg argument{};
  unsigned flags = enter_flags_ | (reap ? IORING_ENTER_GETEVENTS : 0);
  const bool bounded = completions_min > 0 && timeout_ns != kTimeNever;
  if (bounded) {
    timeout.tv_sec = timeout_ns / kNsPerSecond;
    timeout.tv_nsec = timeout_ns % kNsPerSecond;
    argument.ts = reinterpret_cast<uint64_t>(&timeout);
    flags |= IORING_ENTER_EXT_ARG;
  }
  for (;;) {
    const unsigned queued = PublishEntries();
    // With every submission: sends counted twice would be waited for in vain.
    inline_sends_ = 0;
    ++context_.stats->system_calls;
    const int taken =
        io_uring_enter2(static_cast<unsigned>(enter_fd_), queued, completions_min, flags,
                        bounded ? reinterpret_cast<sigset_t*>(&argument) : nullptr,
                        bounded ? sizeof(argument) : _NSIG / 8);
    // EINTR and ETIME are ordinary ends of a wait; EAGAIN, ENOMEM and EBUSY pass, and what was not
    // taken is offered again.
    if (taken <= 0 || static_cast<unsigned>(taken) >= queued) return;
    ++context_.stats->short_submits;
    completions_min = std::min(completions_min, 1u);
  }
}

// ---- Reaping

void UringRing::Reap() {
  ++turn_;
  if (PENSTOCK_UNLIKELY(!kept_.empty())) HandleKept();
  // Bounded, for the timers' and the mailbox's sake: what is left comes with the next turn.
  for (int passes = 0; passes < kReapPassesMax; ++passes) {
    if (!ReapQueue() && !FlushOverflow()) break;
  }
  RearmStarved();
}

// One pass over the completion queue. False: it was empty.
bool UringRing::ReapQueue() {
  io_uring_cq& queue = ring_.cq;
  unsigned head = *queue.khead;
  const unsigned tail = io_uring_smp_load_acquire(queue.ktail);
  if (head == tail) return false;
  for (; head != tail; ++head) Complete(queue.cqes[head & queue.ring_mask]);
  io_uring_smp_store_release(queue.khead, tail);
  buffers_.Publish();
  return true;
}

// Completions that found the queue full wait in the kernel until it is asked for them.
bool UringRing::FlushOverflow() {
  if (PENSTOCK_LIKELY((IO_URING_READ_ONCE(*ring_.sq.kflags) & IORING_SQ_CQ_OVERFLOW) == 0)) {
    return false;
  }
  ++context_.stats->cq_overflows;
  Enter(0, 0, /*reap=*/true);
  return true;
}

void UringRing::Complete(const io_uring_cqe& completion) {
  ++context_.stats->completions;
  const Operation operation = Operation::Unpack(completion.user_data);
  switch (operation.kind) {
    case OperationKind::kReceive:
    case OperationKind::kSend:
    case OperationKind::kConnect:
    case OperationKind::kCancelReceive:
    case OperationKind::kCancelAll:
      return CompleteForSocket(operation, completion);
    case OperationKind::kAccept:
      return CompleteAccept(operation, completion);
    case OperationKind::kEvent:
    case OperationKind::kWakeSent:
    case OperationKind::kWakeArrived:
      return CompleteWake(operation, completion.res);
    case OperationKind::kNothing:
    case OperationKind::kCancelAccept:
      return;
  }
  ++context_.stats->stale_completions;
}

// ---- Wake-ups

void UringRing::ArmEvent() {
  io_uring_sqe* entry = NextEntry();
  io_uring_prep_read(entry, context_.event_fd, &event_count_, sizeof(event_count_), 0);
  io_uring_sqe_set_data64(entry, Operation{OperationKind::kEvent}.Pack());
}

bool UringRing::SendWake(int message_fd, int event_fd) {
  io_uring_sqe* entry = NextEntry();
  io_uring_prep_msg_ring(entry, message_fd, 0, Operation{OperationKind::kWakeArrived}.Pack(), 0);
  // Success needs no turn of ours.
  entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
  io_uring_sqe_set_data64(
      entry, Operation{OperationKind::kWakeSent, 0, static_cast<uint32_t>(event_fd)}.Pack());
  ++context_.stats->wakeups_sent_ring;
  return true;
}

void UringRing::CompleteWake(const Operation& operation, int result) {
  if (operation.kind == OperationKind::kWakeArrived) {
    ++context_.stats->wakeups;
  } else if (operation.kind == OperationKind::kEvent) {
    ++context_.stats->wakeups;
    ArmEvent();
  } else if (result < 0) {
    // No MSG_RING on this kernel, or the other ring had no room.
    ++context_.stats->wakeups_sent_event;
    const uint64_t one = 1;
    static_cast<void>(!::write(static_cast<int>(operation.generation), &one, sizeof(one)));
  }
}

}  // namespace penstock::reactor
