#include "penstock/rpc/reader.h"

#include <gtest/gtest.h>

#include <coroutine>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/reactor/shard.h"
#include "penstock/reactor/testing/memory_net.h"
#include "penstock/rpc/channel.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/rpc/select.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"

namespace penstock {
namespace {

// What the test says has arrived.
class ScriptedSource final : public rpc::MessageSource {
 public:
  void Push(std::string message) {
    messages_.push_back(std::move(message));
    Wake();
  }
  void End(Status status) {
    ended_ = true;
    end_status_ = std::move(status);
    Wake();
  }

  // What lies here waits for its turn.
  void Hold() { held_ = true; }
  void Release() {
    held_ = false;
    Wake();
  }

  bool is_ready() const override { return ended_ || (!messages_.empty() && !held_); }
  bool Take(wire::Bytes* message) override {
    if (messages_.empty()) {
      EXPECT_TRUE(ended_) << "nothing is taken before it is ready";
      return false;
    }
    taken_ = std::move(messages_.front());
    messages_.pop_front();
    *message = wire::AsBytes(taken_);
    return true;
  }
  Status end_status() const override { return end_status_; }
  void WakeWhenReady(reactor::Wait& wait) override {
    taken_ = "let go";
    ++suspended_count_;
    waits_.PushBack(wait);
  }
  size_t queued_count() const override { return messages_.size(); }
  size_t queued_bytes() const override {
    size_t sum = 0;
    for (const std::string& message : messages_) sum += message.size();
    return sum;
  }

  int suspended_count() const { return suspended_count_; }

 private:
  void Wake() {
    while (reactor::Wait* wait = waits_.PopFront()) wait->Wake();
  }

  std::deque<std::string> messages_;
  std::string taken_;
  bool ended_ = false;
  bool held_ = false;
  Status end_status_;
  int suspended_count_ = 0;
  reactor::WaitList waits_;
};

class TestCall final : public Call {
 public:
  explicit TestCall(reactor::Shard* shard) : Call(&shard->slabs()) {
    shard_ = shard;
    cancellation_ = &its_cancellation_;
  }

 private:
  rpc::CallCancellation its_cancellation_;
};

// A message that takes memory of its arena, and cannot be read when it begins with '!'.
class Picky {
 public:
  explicit Picky(wire::Arena* arena) : arena_(*arena) {}
  std::string_view text() const { return text_; }

  codec::ParseResult MergeFromBytes(wire::Bytes input, codec::StringRule) {
    if (wire::AsString(input).starts_with('!')) return {codec::ParseError::kBadTag, 0};
    text_ = arena_.Copy(wire::AsString(input));
    return {};
  }
  size_t ByteSize() const { return text_.size(); }

 private:
  wire::Arena& arena_;
  std::string_view text_;
};

// Begins at once; the frame is the test's.
struct Beginning {
  struct promise_type {
    Beginning get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { throw; }
  };
  std::coroutine_handle<promise_type> handle;
};

class ReaderTest : public ::testing::Test {
 protected:
  using Notes = std::vector<std::string>;

  void SetUp() override {
    std::string why;
    ASSERT_TRUE(shard_.Open(&why)) << why;
  }
  void TearDown() override {
    EXPECT_EQ(shard_.slabs().slabs_lent_count(), 0u);
    shard_.Stop();
    shard_.Run();
  }

  // As a handler reads; notes what it hears.
  static Task<Status> ReadAll(Reader<Picky>& in, Notes* notes) {
    while (const Picky* message = co_await Try(co_await in.Next())) {
      notes->emplace_back(message->text());
    }
    notes->push_back("end");
    co_return OkStatus();
  }
  static Beginning Run(Reader<Picky>& in, Notes* notes) {
    const Status status = co_await ReadAll(in, notes);
    if (!status.ok()) notes->emplace_back(MessageOf(status));
  }
  // Each answer of Next(timeout_ns), up to what is not a timeout.
  static Beginning RunPatiently(Reader<Picky>& in, TimeNs timeout_ns, Notes* notes) {
    for (;;) {
      const StatusOr<Arrival<Picky>> next = co_await in.Next(timeout_ns);
      if (!next.ok()) {
        notes->emplace_back(MessageOf(next.status()));
      } else if (next->timed_out()) {
        notes->emplace_back("nothing");
        continue;
      } else {
        notes->emplace_back(next->is_end() ? "end" : next->message()->text());
      }
      co_return;
    }
  }
  // `count` answers, one after the other.
  static Beginning RunOn(Reader<Picky>& in, int count, Notes* notes) {
    for (int i = 0; i < count; ++i) {
      const StatusOr<const Picky*> next = co_await in.Next();
      if (!next.ok()) {
        notes->emplace_back(MessageOf(next.status()));
      } else {
        notes->emplace_back(*next == nullptr ? "end" : (*next)->text());
      }
    }
  }
  // Messages and an inbox together, up to the end of the messages.
  static Beginning RunBeside(Reader<Picky>& in, Call& call, Channel<std::string>& inbox,
                             Notes* notes) {
    for (;;) {
      auto heard = inbox.Receive(call);
      auto next = in.Next();
      const size_t which = co_await Select(heard, next);
      if (which == 0) {
        const StatusOr<std::optional<std::string>> note = co_await heard;
        notes->push_back("inbox " + **note);
        continue;
      }
      const StatusOr<const Picky*> message = co_await next;
      notes->emplace_back(*message == nullptr ? "end" : (*message)->text());
      if (*message == nullptr) co_return;
    }
  }
  void Turn() { shard_.Turn(0); }
  void Advance(TimeNs ns) {
    net_.Advance(ns);
    Turn();
    Turn();
  }

  reactor::MemoryNet net_;
  reactor::Shard shard_{{.simulation = &net_}};
  TestCall call_{&shard_};
  ScriptedSource source_;
  Reader<Picky> in_{&call_, &source_};
  Notes notes_;
};

TEST_F(ReaderTest, GivesMessagesThenTheCleanEnd) {
  source_.Push("a");
  source_.Push("b");
  source_.End(OkStatus());
  const Beginning run = Run(in_, &notes_);
  EXPECT_EQ(notes_, (Notes{"a", "b", "end"}));
  run.handle.destroy();
}

TEST_F(ReaderTest, WhatHasArrivedDoesNotSuspend) {
  source_.Push("a");
  source_.End(OkStatus());
  const Beginning run = Run(in_, &notes_);
  EXPECT_TRUE(run.handle.done());
  EXPECT_EQ(source_.suspended_count(), 0);
  run.handle.destroy();
}

TEST_F(ReaderTest, AnEmptyMessageIsNotTheEnd) {
  source_.Push("");
  source_.Push("b");
  source_.End(OkStatus());
  const Beginning run = Run(in_, &notes_);
  EXPECT_EQ(notes_, (Notes{"", "b", "end"}));
  run.handle.destroy();
}

TEST_F(ReaderTest, WaitsForTheNextMessage) {
  const Beginning run = Run(in_, &notes_);
  for (const char* text : {"a", "b"}) {
    source_.Push(text);
    Turn();
    EXPECT_EQ(notes_.back(), text);
    EXPECT_FALSE(run.handle.done());
  }
  source_.End(OkStatus());
  Turn();
  EXPECT_EQ(notes_, (Notes{"a", "b", "end"}));
  EXPECT_EQ(source_.suspended_count(), 3);
  run.handle.destroy();
}

TEST_F(ReaderTest, AnErrorComesBehindTheMessagesAndStays) {
  source_.Push("a");
  source_.End(MakeStatus(StatusCode::kUnavailable, "lost"));
  const Beginning run = RunOn(in_, 3, &notes_);
  EXPECT_EQ(notes_, (Notes{"a", "lost", "lost"}));
  run.handle.destroy();
}

TEST_F(ReaderTest, TheCleanEndStays) {
  source_.End(OkStatus());
  const Beginning run = RunOn(in_, 2, &notes_);
  EXPECT_EQ(notes_, (Notes{"end", "end"}));
  run.handle.destroy();
}

TEST_F(ReaderTest, AMessageThatDoesNotParseEndsTheStream) {
  source_.Push("a");
  source_.Push("!");
  source_.Push("c");
  std::vector<StatusCode> codes;
  const auto read = [](Reader<Picky>& in, std::vector<StatusCode>* seen) -> Beginning {
    for (int i = 0; i < 3; ++i) {
      const StatusOr<const Picky*> next = co_await in.Next();
      seen->push_back(next.status().code());
    }
  };
  const Beginning run = read(in_, &codes);
  EXPECT_EQ(codes, (std::vector<StatusCode>{StatusCode::kOk, StatusCode::kInternal,
                                            StatusCode::kInternal}));
  EXPECT_EQ(source_.queued_count(), 1u) << "nothing more is taken";
  run.handle.destroy();
}

TEST_F(ReaderTest, CancellationAnswersWhoWaitsAndWhoAsksLater) {
  const Beginning run = RunOn(in_, 2, &notes_);
  call_.cancellation().Cancel(MakeStatus(StatusCode::kCancelled, "gone"));
  EXPECT_TRUE(notes_.empty()) << "who cancels goes on first";
  Turn();
  EXPECT_EQ(notes_, (Notes{"gone", "gone"}));
  run.handle.destroy();
}

TEST_F(ReaderTest, CancellationGoesBeforeWhatHasArrived) {
  source_.Push("a");
  call_.cancellation().Cancel(MakeStatus(StatusCode::kCancelled, "gone"));
  const Beginning run = RunOn(in_, 1, &notes_);
  EXPECT_EQ(notes_, (Notes{"gone"}));
  run.handle.destroy();
}

TEST_F(ReaderTest, AFrameMayDieWhileItWaits) {
  const Beginning run = Run(in_, &notes_);
  run.handle.destroy();
  source_.Push("a");
  Turn();
  EXPECT_TRUE(notes_.empty());
}

TEST_F(ReaderTest, GivesUpAfterAWhileAndTheStreamGoesOn) {
  const Beginning run = RunPatiently(in_, 5 * kNsPerMs, &notes_);
  Advance(4 * kNsPerMs);
  EXPECT_EQ(notes_, (Notes{}));
  Advance(2 * kNsPerMs);
  EXPECT_EQ(notes_, (Notes{"nothing"}));
  source_.Push("a");
  Turn();
  EXPECT_EQ(notes_, (Notes{"nothing", "a"}));
  EXPECT_TRUE(run.handle.done());
  Advance(20 * kNsPerMs);
  run.handle.destroy();
}

TEST_F(ReaderTest, WithATimeoutTheEndAndErrorsAreToldApart) {
  struct Case {
    const char* name;
    Status end;
    const char* want;
  } const cases[] = {
      {"end", OkStatus(), "end"},
      {"error", MakeStatus(StatusCode::kDeadlineExceeded, "late"), "late"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    ScriptedSource source;
    Reader<Picky> in(&call_, &source);
    Notes notes;
    const Beginning run = RunPatiently(in, 5 * kNsPerMs, &notes);
    source.End(c.end);
    Turn();
    EXPECT_EQ(notes, (Notes{c.want}));
    run.handle.destroy();
  }
}

TEST_F(ReaderTest, NoTimeAtAllFindsOnlyWhatLiesThere) {
  const auto look = [](Reader<Picky>& in, Notes* notes) -> Beginning {
    const StatusOr<Arrival<Picky>> next = co_await in.Next(0);
    notes->emplace_back(next->timed_out() ? "nothing" : next->message()->text());
  };
  Beginning run = look(in_, &notes_);
  run.handle.destroy();
  source_.Push("a");
  run = look(in_, &notes_);
  run.handle.destroy();
  EXPECT_EQ(notes_, (Notes{"nothing", "a"}));
  EXPECT_EQ(source_.suspended_count(), 0);
}

TEST_F(ReaderTest, WhatLiesThereIsFoundInAnyTimeThoughItWaitsForItsTurn) {
  source_.Hold();
  source_.Push("a");
  source_.Push("b");
  for (const TimeNs timeout_ns : {TimeNs{0}, 5 * kNsPerMs}) {
    notes_.clear();
    const Beginning run = RunPatiently(in_, timeout_ns, &notes_);
    Advance(20 * kNsPerMs);
    EXPECT_EQ(notes_, (Notes{}));
    source_.Release();
    Turn();
    EXPECT_EQ(notes_.front(), timeout_ns == 0 ? "a" : "b");
    source_.Hold();
    run.handle.destroy();
    source_.Push("b");
  }
}

TEST_F(ReaderTest, CancellationAnswersWhoWaitsForAWhile) {
  const Beginning run = RunPatiently(in_, kNsPerSecond, &notes_);
  call_.cancellation().Cancel(MakeStatus(StatusCode::kCancelled, "gone"));
  Turn();
  EXPECT_EQ(notes_, (Notes{"gone"}));
  run.handle.destroy();
}

// A slab at most, and none while it waits.
TEST_F(ReaderTest, KeepsTheMemoryOfOneMessage) {
  const std::string large(5000, 'x');
  const Beginning run = Run(in_, &notes_);
  for (int i = 0; i < 100; ++i) {
    source_.Push(large);
    source_.Push(large);
    Turn();
    EXPECT_EQ(shard_.slabs().slabs_lent_count(), 0u);
    EXPECT_LE(shard_.slabs().slabs_idle_count(), 1u);
  }
  EXPECT_EQ(notes_.size(), 200u);
  run.handle.destroy();
}

TEST_F(ReaderTest, SaysWhatWaits) {
  source_.Push("abc");
  source_.Push("de");
  EXPECT_EQ(in_.queued_count(), 2u);
  EXPECT_EQ(in_.queued_bytes(), 5u);
}

// What views its octets may do so until the next Next().
TEST_F(ReaderTest, AMessageMayViewItsOctets) {
  Reader<RawMessage> in(&call_, &source_);
  source_.Push("a");
  std::string text;
  const auto read = [](Reader<RawMessage>& raw, std::string* seen) -> Beginning {
    const StatusOr<const RawMessage*> next = co_await raw.Next();
    *seen = (*next)->text();
  };
  const Beginning run = read(in, &text);
  EXPECT_EQ(text, "a");
  run.handle.destroy();
}

TEST_F(ReaderTest, MayBeSelectedWithAChannel) {
  Channel<std::string> inbox(4);
  const Beginning run = RunBeside(in_, call_, inbox, &notes_);
  source_.Push("a");
  Turn();
  inbox.TrySend("x");
  Turn();
  source_.Push("b");
  inbox.TrySend("y");  // both before it goes on
  Turn();
  EXPECT_EQ(notes_, (Notes{"a", "inbox x", "inbox y", "b"}));
  source_.End(OkStatus());
  Turn();
  EXPECT_TRUE(run.handle.done());
  EXPECT_EQ(notes_.back(), "end");
  run.handle.destroy();
}

}  // namespace
}  // namespace penstock
