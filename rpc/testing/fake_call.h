// FakeCall: a call without a server, a client or a network, for tests of handlers and interceptors.
//
//     testing::FakeCall call;
//     call.AddMetadata("x-user", "anna");
//     HelloReply reply;
//     EXPECT_TRUE(greeter.SayHello(call, request, reply).ok());     // a plain function
//     EXPECT_EQ(call.trailing_metadata().Get("x-cost"), "3");
//
// A coroutine runs on a FakeShard, whose time passes when the test says so:
//
//     StatusOr<Feature> feature = call.Run(guide.GetFeature(call, point));   // to its end
//
//     testing::FakeReader<RouteNote> in(&call);                              // step by step
//     testing::FakeWriter<RouteNote> out(&call);
//     auto chat = call.Start(guide.RouteChat(call, in, out));
//     in.Push(note);
//     EXPECT_EQ(out.messages().size(), 1u);
//     call.Cancel();
//     EXPECT_EQ(chat.result().code(), StatusCode::kCancelled);
//
// What may wake a handler (Push(), Take(), Cancel(), Pass()) runs what became ready before it
// returns. FakeReader and FakeWriter: fake_streams.h, those of handlers on workers:
// fake_blocking_streams.h; an interceptor's next(): fake_next.h.
//
// Ownership: what the handler put into the call lives as long as this. What Start() gave goes
//            before it: declare it behind.
// Threading: the test's one thread.
#ifndef PENSTOCK_RPC_TESTING_FAKE_CALL_H_
#define PENSTOCK_RPC_TESTING_FAKE_CALL_H_

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "penstock/reactor/frame_pool.h"
#include "penstock/reactor/run_queue.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/encodings.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/status_or.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/testing/fake_shard.h"
#include "penstock/wire/check.h"
#include "penstock/wire/time.h"

namespace penstock::testing {

class FakeCall;

// A handler that has begun, as FakeCall::Start() gives it. `Result` is Status or StatusOr<Reply>.
// Ownership: destroys the handler where it stands, if it has not ended.
template <typename Result>
class Started {
 public:
  Started(FakeCall* call, Task<Result> handler);
  ~Started();
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;

  bool done() const { return result_.has_value(); }
  // Of one that is done. What it threw is UNKNOWN, as for a server's caller.
  const Result& result() const {
    PENSTOCK_CHECK(done(), "the handler has not ended: ask done() first, or let time pass");
    return *result_;
  }
  Result TakeResult() {
    PENSTOCK_CHECK(done(), "the handler has not ended: ask done() first, or let time pass");
    return std::move(*result_);
  }

 private:
  struct Outermost {
    struct promise_type : reactor::PooledFrame {
      Outermost get_return_object() {
        return {std::coroutine_handle<promise_type>::from_promise(*this)};
      }
      std::suspend_always initial_suspend() const noexcept { return {}; }
      std::suspend_always final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const noexcept { std::terminate(); }
    };
    std::coroutine_handle<promise_type> handle;
  };

  // `started` outlives it.
  static Outermost Await(Started* started);
  static void Begin(void* context) {
    auto& started = *static_cast<Started*>(context);
    started.handle_ = Await(&started).handle;
    started.handle_.resume();
  }

  FakeCall& call_;
  Task<Result> handler_;
  reactor::Runnable begin_;
  std::coroutine_handle<typename Outermost::promise_type> handle_;
  std::optional<Result> result_;
};

// Where a FakeCall runs: there before the Call is, which needs its memory.
class ShardOfFakeCall {
 protected:
  explicit ShardOfFakeCall(FakeShard* lent)
      : own_(lent == nullptr ? std::make_unique<FakeShard>() : nullptr),
        fake_shard_(lent == nullptr ? *own_ : *lent) {}
  ~ShardOfFakeCall() = default;

 private:
  const std::unique_ptr<FakeShard> own_;

 protected:
  FakeShard& fake_shard_;
};

class FakeCall final : private ShardOfFakeCall, public Call {
 public:
  // How often Run() lets time pass for a handler: one that polls for ever ends there.
  static constexpr int kWaitsMax = 100'000;

  FakeCall() : FakeCall(nullptr) {}
  // On a shard with others. Ownership: `shared` outlives it.
  explicit FakeCall(FakeShard* shared);
  ~FakeCall();

  // --- What the caller says: before the handler begins
  // "/test.Fake/Call" if nothing is said.
  void SetMethod(std::string_view path) { method_ = arena_.Copy(path); }
  // It is unary if nothing is said.
  void SetStreams() { streams_ = true; }
  // "127.0.0.1:50000" if nothing is said.
  void SetPeer(std::string_view address) { peer_ = arena_.Copy(address); }
  // Nobody's if nothing is said.
  void SetPeerIdentity(PeerIdentity identity) {
    its_peer_identity_ = std::move(identity);
    peer_identity_ = &its_peer_identity_;
  }
  // As a server would have read it: a key in lower case, the octets of a "-bin" key.
  void AddMetadata(std::string_view key, std::string_view value) {
    metadata_.AddReceived(key, value);
  }
  // The deadline is so far from now. When it passes, the call is over: DEADLINE_EXCEEDED.
  void SetTimeout(TimeNs timeout_ns);
  // As grpc-accept-encoding has them: "gzip, zstd". gzip, deflate and zstd are there.
  void SetAcceptedEncodings(std::string_view names);

  // --- What happens to it: at any time
  // The call is over: the caller, or the connection, went away. The first time counts.
  void Cancel(StatusCode code = StatusCode::kCancelled,
              std::string_view message = "the test cancels the call");

  // --- Time
  FakeShard& fake_shard() { return fake_shard_; }
  void RunReady() { fake_shard_.RunReady(); }
  void Pass(TimeNs duration_ns) { fake_shard_.Pass(duration_ns); }

  // --- The handler
  // Begins it, and runs it to where it waits:
  //
  //     auto listing = call.Start(guide.ListFeatures(call, area, out));
  template <typename Result>
  [[nodiscard]] Started<Result> Start(Task<Result> handler) {
    return Started<Result>(this, std::move(handler));
  }
  // To its end, with as much time as its timers ask for. One that waits for what never comes is
  // INTERNAL, with a sentence, and destroyed where it stands.
  template <typename Result>
  Result Run(Task<Result> handler) {
    static_assert(std::is_constructible_v<Result, Status>, "handlers answer Status or StatusOr");
    Started<Result> run(this, std::move(handler));
    for (int i = 0; i < kWaitsMax && !run.done(); ++i) {
      if (!fake_shard_.PassToNextTimer()) break;
    }
    return run.done() ? run.TakeResult() : Result(StatusOfStuck());
  }

  // --- What it has chosen; what it set is in initial_metadata(), trailing_metadata() and Get<T>()
  // "gzip"; "identity" for none.
  std::string_view compression() const;

  // --- For Started and FakeWriter
  // The response's head is on its way.
  void NoteHead() { compression_.NoteHead(); }
  Status StatusOfThrown() const;

 private:
  template <typename Result>
  friend class Started;

  static void OnDeadline(void* context, TimeNs now);
  Status StatusOfStuck() const;

  rpc::CallCancellation its_cancellation_;
  rpc::Encodings encodings_;
  reactor::Timer deadline_timer_;
  PeerIdentity its_peer_identity_;
  int started_count_ = 0;  // that are not destroyed
};

template <typename Result>
Started<Result>::Started(FakeCall* call, Task<Result> handler)
    : call_(*call), handler_(std::move(handler)), begin_(&Started::Begin, this) {
  ++call_.started_count_;
  call_.shard().run_queue().Push(begin_);
  call_.RunReady();
}

template <typename Result>
Started<Result>::~Started() {
  if (handle_ != nullptr) handle_.destroy();
  --call_.started_count_;
}

template <typename Result>
typename Started<Result>::Outermost Started<Result>::Await(Started* started) {
  try {
    Task<Result> handler = std::move(started->handler_);  // its frame goes before the test looks
    started->result_.emplace(co_await std::move(handler));
  } catch (...) {
    started->result_.emplace(started->call_.StatusOfThrown());
  }
}

}  // namespace penstock::testing

#endif  // PENSTOCK_RPC_TESTING_FAKE_CALL_H_
