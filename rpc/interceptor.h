// Interceptor: what runs around calls of whichever kind: on a server around their handlers
// (Registry::Intercept), on a client around their way there and back (ChannelOptions::Intercept).
// It has one of two forms. A coroutine:
//
//     Task<Status> Deny(Call& call, Next next) {
//       if (!IsKnown(call.metadata())) co_return MakeStatus(StatusCode::kUnauthenticated, "who?");
//       Status status = co_await next();        // those behind it, and the handler or the wire
//       co_return status;                       // or another one
//     }
//
// It runs next() once, or not at all: then its status is the answer. What is thrown behind next()
// is UNKNOWN for it. Or a plain pair, of which either may be missing, without a frame:
//
//     class Count {
//      public:
//       Status Before(Call& call);                     // an error is the answer
//       void After(Call& call, const Status& status);  // how it ended
//     };
//
// After() is called once for each Before() that has answered OK, in the opposite order.
//
// Threading: every shard calls the same object, all at once. One object may serve both ends.
#ifndef PENSTOCK_RPC_INTERCEPTOR_H_
#define PENSTOCK_RPC_INTERCEPTOR_H_

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "penstock/rpc/call.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/task.h"
#include "penstock/wire/check.h"

namespace penstock {
namespace rpc {
class InterceptorChain;
class ProceedOperation;
}  // namespace rpc

// What stands behind an interceptor: `co_await next()` runs it, and answers its status.
class Next {
 public:
  Next(rpc::InterceptorChain* chain, size_t first) : chain_(chain), first_(first) {}

  rpc::ProceedOperation operator()() const;

 private:
  rpc::InterceptorChain* chain_;
  size_t first_;
};

template <typename T>
concept InterceptorCoroutine = std::is_invocable_r_v<Task<Status>, T&, Call&, Next>;

template <typename T>
concept HasBefore = requires(T& interceptor, Call& call) {
  { interceptor.Before(call) } -> std::same_as<Status>;
};
template <typename T>
concept HasAfter = requires(T& interceptor, Call& call, const Status& status) {
  { interceptor.After(call, status) } -> std::same_as<void>;
};
template <typename T>
concept PlainInterceptor = HasBefore<T> || HasAfter<T>;

namespace rpc {

// One of them, without its type.
class Interceptor {
 public:
  template <InterceptorCoroutine T>
  explicit Interceptor(T object);
  template <PlainInterceptor T>
  explicit Interceptor(T object);

  bool is_plain() const { return run_ == nullptr; }

  // What a plain one throws is UNKNOWN.
  Status RunBefore(Call& call) const;
  // `status` is replaced where it throws.
  void RunAfter(Call& call, Status& status) const;
  // Both live until the task has completed.
  Task<Status> Run(Call& call, Next next) const { return run_(object_.get(), call, next); }

 private:
  std::shared_ptr<void> object_;
  Task<Status> (*run_)(void* object, Call& call, Next next) = nullptr;
  Status (*before_)(void* object, Call& call) = nullptr;
  void (*after_)(void* object, Call& call, const Status& status) = nullptr;
};

// Outermost first. Ownership: what it points to outlives the calls.
using Interceptors = std::vector<const Interceptor*>;

// UNKNOWN, for what a catch (...) has hold of. What it says goes to standard error and not to the
// peer: it may hold secrets.
Status StatusOfThrown(const Call& call);
// "penstock: WHO of METHOD threw: WHAT", on standard error. As peers may make things throw, and
// have their texts in `what`: a line a second, of 200 octets of it, "?" for those that are not
// printable ASCII.
void SayThrown(const Call& call, std::string_view who, std::string_view what);

// Plain ones from `first` to `last`: Before() in their order, and After() in the opposite one.
// Returns how many have answered OK; `*status` is the error of the one behind them.
size_t RunBefores(const Interceptors& interceptors, size_t first, size_t last, Call& call,
                  Status* status);
void RunAfters(const Interceptors& interceptors, size_t first, size_t last, Call& call,
               Status* status);

// The interceptors of one call, and behind them its handler: on a client what stands for it, the
// call's way over the wire.
class InterceptorChain {
 public:
  InterceptorChain(Call* call, const Interceptors* interceptors)
      : call_(*call), interceptors_(*interceptors) {}
  InterceptorChain(const InterceptorChain&) = delete;
  InterceptorChain& operator=(const InterceptorChain&) = delete;

  // Begins it. True: it has ended already, else `awaiter` is resumed when it has.
  [[nodiscard]] virtual bool StartHandler(std::coroutine_handle<> awaiter) = 0;
  // Of one that has not ended: destroys it where it stands.
  virtual void DestroyHandler() = 0;
  // How it ended.
  Status TakeHandlerStatus() { return std::move(handler_status_); }

  Call& call() const { return call_; }
  const Interceptors& interceptors() const { return interceptors_; }

  // Those from `first` on begin. False: they have begun already.
  [[nodiscard]] bool Pass(size_t first) {
    if (first < passed_count_) return false;
    passed_count_ = first + 1;
    return true;
  }

 protected:
  ~InterceptorChain() = default;

  Status handler_status_;

 private:
  Call& call_;
  const Interceptors& interceptors_;
  size_t passed_count_ = 0;
};

// What Next() returns: runs the chain from the interceptor `first` on, and awaits its status.
class [[nodiscard]] ProceedOperation {
 public:
  ProceedOperation(InterceptorChain* chain, size_t first)
      : chain_(*chain), first_(first), end_(first) {}
  ~ProceedOperation() {
    if (PENSTOCK_UNLIKELY(runs_handler_)) chain_.DestroyHandler();
  }
  ProceedOperation(const ProceedOperation&) = delete;
  ProceedOperation& operator=(const ProceedOperation&) = delete;

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) {
    if (PENSTOCK_UNLIKELY(!chain_.Pass(first_))) return RefuseSecond(awaiter);
    const Interceptors& interceptors = chain_.interceptors();
    if (first_ == interceptors.size()) return StartHandler(awaiter);
    if (interceptors[first_]->is_plain()) return SuspendBehindPlain(awaiter);
    return StartTask(awaiter);
  }
  [[nodiscard]] Status await_resume() {
    return end_ == first_ && refusal_.ok() ? TakeStatus() : ResumeBehindPlain();
  }

 private:
  std::coroutine_handle<> StartHandler(std::coroutine_handle<> awaiter) {
    runs_handler_ = true;
    return chain_.StartHandler(awaiter) ? awaiter
                                        : std::coroutine_handle<>(std::noop_coroutine());
  }
  std::coroutine_handle<> StartTask(std::coroutine_handle<> awaiter) {
    try {
      task_ = chain_.interceptors()[end_]->Run(chain_.call(), Next(&chain_, end_ + 1));
      result_ = task_.operator co_await();
      return result_.await_suspend(awaiter);
    } catch (...) {  // a function that returns a task of another
      refusal_ = StatusOfThrown(chain_.call());
      return awaiter;
    }
  }
  Status TakeStatus() {
    if (PENSTOCK_UNLIKELY(!runs_handler_)) return TakeTaskStatus();
    runs_handler_ = false;
    return chain_.TakeHandlerStatus();
  }
  Status TakeTaskStatus() {
    try {
      return std::move(result_.await_resume());
    } catch (...) {
      return StatusOfThrown(chain_.call());
    }
  }
  std::coroutine_handle<> RefuseSecond(std::coroutine_handle<> awaiter);
  std::coroutine_handle<> SuspendBehindPlain(std::coroutine_handle<> awaiter);
  Status ResumeBehindPlain();

  InterceptorChain& chain_;
  const size_t first_;
  size_t end_;  // of the plain ones from first_ on whose Before() was OK
  Status refusal_;
  bool runs_handler_ = false;
  Task<Status> task_{nullptr};  // of the coroutine behind them
  Task<Status>::ShowingAwaiter result_{nullptr};
};

}  // namespace rpc

inline rpc::ProceedOperation Next::operator()() const {
  return rpc::ProceedOperation(chain_, first_);
}

namespace rpc {

template <InterceptorCoroutine T>
Interceptor::Interceptor(T object) : object_(std::make_shared<T>(std::move(object))) {
  run_ = [](void* erased, Call& call, Next next) {
    return Task<Status>((*static_cast<T*>(erased))(call, next));
  };
}

template <PlainInterceptor T>
Interceptor::Interceptor(T object) : object_(std::make_shared<T>(std::move(object))) {
  if constexpr (HasBefore<T>) {
    before_ = [](void* erased, Call& call) { return static_cast<T*>(erased)->Before(call); };
  }
  if constexpr (HasAfter<T>) {
    after_ = [](void* erased, Call& call, const Status& status) {
      static_cast<T*>(erased)->After(call, status);
    };
  }
}

}  // namespace rpc
}  // namespace penstock

#endif  // PENSTOCK_RPC_INTERCEPTOR_H_
