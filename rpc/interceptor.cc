#include "penstock/rpc/interceptor.h"

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "penstock/wire/quoted.h"

namespace penstock::rpc {

PENSTOCK_COLD Status StatusOfThrown(const Call& call) {
  std::string what = "not a std::exception";
  try {
    std::rethrow_exception(std::current_exception());
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
  }
  SayThrown(call, "an interceptor", what);
  return MakeStatus(StatusCode::kUnknown, "an interceptor threw an exception");
}

PENSTOCK_COLD void SayThrown(const Call& call, std::string_view who, std::string_view what) {
  static std::atomic<TimeNs> next_at = 0;  // of all threads: standard error is one
  static std::atomic<uint64_t> unsaid_count = 0;
  TimeNs due_at = next_at.load();
  const TimeNs now = call.shard().ReadClock();
  if (now < due_at || !next_at.compare_exchange_strong(due_at, now + kNsPerSecond)) {
    ++unsaid_count;
    return;
  }
  std::string more;
  if (const uint64_t count = unsaid_count.exchange(0); count != 0) {
    more = " (and " + std::to_string(count) + " more before it)";
  }
  std::fprintf(stderr, "penstock: %s of %s threw: %s%s\n", std::string(who).c_str(),
               std::string(call.method()).c_str(), wire::Quoted(what).c_str(), more.c_str());
}

// --- Interceptor

Status Interceptor::RunBefore(Call& call) const {
  if (before_ == nullptr) return OkStatus();
  try {
    return before_(object_.get(), call);
  } catch (...) {
    return StatusOfThrown(call);
  }
}

void Interceptor::RunAfter(Call& call, Status& status) const {
  if (after_ == nullptr) return;
  try {
    after_(object_.get(), call, status);
  } catch (...) {
    status = StatusOfThrown(call);
  }
}

// --- A chain

size_t RunBefores(const Interceptors& interceptors, size_t first, size_t last, Call& call,
                  Status* status) {
  for (size_t i = first; i != last; ++i) {
    *status = interceptors[i]->RunBefore(call);
    if (PENSTOCK_UNLIKELY(!status->ok())) return i - first;
  }
  return last - first;
}

void RunAfters(const Interceptors& interceptors, size_t first, size_t last, Call& call,
               Status* status) {
  for (size_t i = last; i != first; --i) interceptors[i - 1]->RunAfter(call, *status);
}

// --- ProceedOperation

PENSTOCK_COLD std::coroutine_handle<> ProceedOperation::RefuseSecond(
    std::coroutine_handle<> awaiter) {
  refusal_ = MakeStatus(StatusCode::kInternal, "an interceptor ran next() twice");
  return awaiter;
}

std::coroutine_handle<> ProceedOperation::SuspendBehindPlain(std::coroutine_handle<> awaiter) {
  const Interceptors& interceptors = chain_.interceptors();
  size_t last = first_;
  while (last != interceptors.size() && interceptors[last]->is_plain()) ++last;
  end_ = first_ + RunBefores(interceptors, first_, last, chain_.call(), &refusal_);
  if (PENSTOCK_UNLIKELY(!refusal_.ok())) return awaiter;
  return last == interceptors.size() ? StartHandler(awaiter) : StartTask(awaiter);
}

Status ProceedOperation::ResumeBehindPlain() {
  Status status = refusal_.ok() ? TakeStatus() : std::move(refusal_);
  RunAfters(chain_.interceptors(), first_, end_, chain_.call(), &status);
  return status;
}

}  // namespace penstock::rpc
