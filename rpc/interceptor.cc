#include "penstock/rpc/interceptor.h"

#include <cstdio>
#include <exception>

#include "penstock/wire/check.h"

namespace penstock::rpc {

PENSTOCK_COLD Status StatusOfThrown(const Call& call, const char* what) {
  const std::string_view method = call.method();
  std::fprintf(stderr, "penstock: an interceptor of %.*s threw: %s\n",
               static_cast<int>(method.size()), method.data(), what);
  return MakeStatus(StatusCode::kUnknown, "an interceptor threw an exception");
}

// --- Interceptor

Status Interceptor::RunBefore(Call& call) const {
  if (before_ == nullptr) return OkStatus();
  try {
    return before_(object_.get(), call);
  } catch (const std::exception& exception) {
    return StatusOfThrown(call, exception.what());
  } catch (...) {
    return StatusOfThrown(call, "not a std::exception");
  }
}

void Interceptor::RunAfter(Call& call, Status& status) const {
  if (after_ == nullptr) return;
  try {
    after_(object_.get(), call, status);
  } catch (const std::exception& exception) {
    status = StatusOfThrown(call, exception.what());
  } catch (...) {
    status = StatusOfThrown(call, "not a std::exception");
  }
}

Task<Status> Interceptor::Run(Call& call, Next next) const {
  return run_(object_.get(), call, next);
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

std::coroutine_handle<> ProceedOperation::await_suspend(std::coroutine_handle<> awaiter) {
  if (PENSTOCK_UNLIKELY(!chain_.Pass(first_))) {
    refusal_ = MakeStatus(StatusCode::kInternal, "an interceptor ran next() twice");
    return awaiter;
  }
  const Interceptors& interceptors = chain_.interceptors();
  size_t last = first_;
  while (last != interceptors.size() && interceptors[last]->is_plain()) ++last;
  end_ = first_ + RunBefores(interceptors, first_, last, chain_.call(), &refusal_);
  if (PENSTOCK_UNLIKELY(!refusal_.ok())) return awaiter;
  if (last != interceptors.size()) return StartTask(awaiter);
  runs_handler_ = true;
  if (chain_.StartHandler(awaiter)) return awaiter;
  return std::noop_coroutine();
}

std::coroutine_handle<> ProceedOperation::StartTask(std::coroutine_handle<> awaiter) {
  try {
    task_.emplace(chain_.interceptors()[end_]->Run(chain_.call(), Next(&chain_, end_ + 1)));
  } catch (const std::exception& exception) {  // a function that returns a task of another
    refusal_ = StatusOfThrown(chain_.call(), exception.what());
    return awaiter;
  } catch (...) {
    refusal_ = StatusOfThrown(chain_.call(), "not a std::exception");
    return awaiter;
  }
  result_.emplace(std::move(*task_).operator co_await());
  return result_->await_suspend(awaiter);
}

Status ProceedOperation::TakeStatus() {
  if (!refusal_.ok()) return refusal_;
  if (runs_handler_) {
    runs_handler_ = false;
    return chain_.handler_status();
  }
  try {
    return result_->await_resume();
  } catch (const std::exception& exception) {
    return StatusOfThrown(chain_.call(), exception.what());
  } catch (...) {
    return StatusOfThrown(chain_.call(), "not a std::exception");
  }
}

Status ProceedOperation::await_resume() {
  Status status = TakeStatus();
  RunAfters(chain_.interceptors(), first_, end_, chain_.call(), &status);
  return status;
}

}  // namespace penstock::rpc
