#include "penstock/server/worker_stream.h"

#include <algorithm>
#include <coroutine>
#include <memory>
#include <utility>

#include "penstock/reactor/when_all.h"
#include "penstock/rpc/message_source.h"
#include "penstock/server/run_handler.h"
#include "penstock/server/worker_letter.h"
#include "penstock/server/worker_run.h"
#include "penstock/wire/check.h"

namespace penstock::server {
namespace {

// Awaits a message of `source`, or its end.
class [[nodiscard]] SourceWait final : public reactor::Wait {
 public:
  SourceWait(reactor::Shard* shard, reactor::Cancellation* cancellation,
             rpc::MessageSource* source)
      : Wait(&shard->run_queue(), cancellation), source_(*source) {}

  bool await_ready() const { return cancelled() || source_.is_ready(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    source_.WakeWhenReady(*this);
  }
  void await_resume() const {}

 private:
  rpc::MessageSource& source_;
};

// Awaits room in `sink`.
class [[nodiscard]] SinkWait final : public reactor::Wait {
 public:
  SinkWait(reactor::Shard* shard, reactor::Cancellation* cancellation, rpc::MessageSink* sink)
      : Wait(&shard->run_queue(), cancellation), sink_(*sink) {}

  bool await_ready() const { return cancelled() || !sink_.is_full(); }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    sink_.WakeWhenNotFull(*this);
  }
  void await_resume() const {}

 private:
  rpc::MessageSink& sink_;
};

// Both parameters outlive the coroutine. What it holds is gone before the call is: hence the block.
// The stream is on the heap, and not in the frame: its queues are aligned to more than frames are.
OutermostCoroutine AwaitStreamOnWorker(const MethodEntry& entry, CoroutineExchange& exchange) {
  {
    const auto stream = std::make_unique<WorkerStream>(&entry, &exchange);
    if (PENSTOCK_LIKELY(entry.workers->Submit(*stream))) {
      co_await reactor::WhenAll(stream->Feed(), stream->Deliver());
      stream->Answer();
    } else {
      exchange.Finish(StatusOfTooManyWaiting());
    }
  }
  exchange.End();
}

}  // namespace

void StartStreamOnWorker(const MethodEntry& entry, CoroutineExchange& exchange) {
  AwaitStreamOnWorker(entry, exchange);
}

WorkerStream::WorkerStream(const MethodEntry* entry, CoroutineExchange* exchange)
    : BlockingExchange(worker_call_, exchange->request),
      entry_(*entry),
      exchange_(*exchange),
      shard_(exchange->call.shard()),
      worker_call_(&exchange->call),
      over_(&exchange->call.cancellation()) {}

// --- Worker

void WorkerStream::Run() {
  if (PENSTOCK_LIKELY(!worker_call_.cancelled())) {
    entry_.stream_on_worker(entry_, *this);
  } else {
    Finish(worker_call_.cancel_status());  // over before it has begun
  }
  PostFromWorker(shard_, &WorkerStream::OnEnded, this);
}

bool WorkerStream::Take(wire::Bytes* message, Status* end) {
  input_.GiveBack(&taken_);
  for (;;) {
    *end = worker_call_.cancel_status();
    if (PENSTOCK_UNLIKELY(!end->ok())) return false;
    reactor::Popped<WorkerMessage> popped = input_.Pop();
    if (popped.wake_producer) PostFromWorker(shard_, &WorkerStream::OnInputTaken, this);
    if (PENSTOCK_LIKELY(popped.value.has_value())) {
      taken_ = *std::move(popped.value);
      break;
    }
    if (input_.AwaitMessage()) bell_.Wait(entry_.workers->spin_permits());
  }
  *message = taken_.bytes();
  if (PENSTOCK_LIKELY(taken_.kind == WorkerMessage::Kind::kMessage)) return true;
  *end = input_end_;
  return false;
}

// False: the call is over.
bool WorkerStream::AwaitOutputRoom() {
  while (!worker_call_.cancelled()) {
    if (PENSTOCK_LIKELY(output_.has_room())) return true;
    if (output_.AwaitRoom()) bell_.Wait(entry_.workers->spin_permits());
  }
  return false;
}

// What the head says cannot change any more. The entries are copied, since the handler may remove
// some while the shard reads; their texts stay where they are: the arena's.
void WorkerStream::FixHead() {
  head_is_fixed_ = true;
  const Metadata& initial = worker_call_.initial_metadata();
  if (PENSTOCK_UNLIKELY(!initial.empty())) {
    using Entry = Metadata::Entry;
    auto* const entries = static_cast<Entry*>(
        worker_call_.arena().Allocate(initial.size() * sizeof(Entry), alignof(Entry)));
    std::copy(initial.begin(), initial.end(), entries);
    initial_ = {entries, initial.size()};
  }
  worker_call_.compression().NoteHead();
}

void WorkerStream::PushOutput(WorkerMessage* message) {
  message->compression = worker_call_.compression();
  if (output_.Push(message)) PostFromWorker(shard_, &WorkerStream::OnOutput, this);
}

Status WorkerStream::Send(const rpc::MessageWriter& message) {
  if (PENSTOCK_UNLIKELY(!AwaitOutputRoom())) return worker_call_.cancel_status();
  if (PENSTOCK_UNLIKELY(!head_is_fixed_)) FixHead();
  WorkerMessage sent = output_.NewMessage(message.byte_size());
  message.SerializeTo(sent.octets.get());
  PushOutput(&sent);
  worker_call_.compression().TakeNext();
  worker_call_.CountSent();
  return OkStatus();
}

void WorkerStream::SendHead() {
  if (head_is_fixed_ || !AwaitOutputRoom()) return;
  FixHead();
  WorkerMessage head;
  head.kind = WorkerMessage::Kind::kHead;
  PushOutput(&head);
}

void WorkerStream::Reply(const rpc::MessageWriter& reply) {
  const size_t bytes = reply.byte_size();
  auto* const octets = static_cast<uint8_t*>(worker_call_.arena().Allocate(bytes, 1));
  reply.SerializeTo(octets);
  reply_ = {octets, bytes};
}

// --- Shard: letters

void WorkerStream::OnInputTaken(void* context, uint64_t) {
  auto& stream = *static_cast<WorkerStream*>(context);
  if (stream.feeder_ != nullptr) stream.feeder_->Wake();
}

void WorkerStream::OnOutput(void* context, uint64_t) {
  auto& stream = *static_cast<WorkerStream*>(context);
  if (stream.deliverer_ != nullptr) stream.deliverer_->Wake();
}

void WorkerStream::OnEnded(void* context, uint64_t) {
  auto& stream = *static_cast<WorkerStream*>(context);
  stream.ended_ = true;
  stream.over_.Request();
  if (stream.deliverer_ != nullptr) stream.deliverer_->Wake();
}

// --- Shard: in

reactor::Task<void> WorkerStream::Feed() {
  rpc::MessageSource* const source = exchange_.source;
  if (source == nullptr) co_return;
  for (;;) {
    while (!over_.requested() && !input_.has_room()) {
      if (input_.AwaitRoom()) co_await LetterWait(&shard_, &over_, &feeder_);
    }
    co_await SourceWait(&shard_, &over_, source);
    if (over_.requested()) co_return;
    wire::Bytes octets;
    if (!source->Take(&octets)) break;
    exchange_.call.CountReceived();
    WorkerMessage message = input_.NewMessage(octets.size());
    std::copy(octets.begin(), octets.end(), message.octets.get());
    PushInput(&message);
  }
  input_end_ = source->end_status();
  WorkerMessage end;
  end.kind = WorkerMessage::Kind::kEnd;
  PushInput(&end);
}

void WorkerStream::PushInput(WorkerMessage* message) {
  if (input_.Push(message)) bell_.Ring();
}

// --- Shard: out

reactor::Task<void> WorkerStream::Deliver() {
  reactor::Cancellation& cancellation = exchange_.call.cancellation();
  for (;;) {
    const bool is_over = cancellation.requested() || exchange_.is_dropped;
    if (PENSTOCK_UNLIKELY(is_over) && !given_up_) GiveUp();
    reactor::Popped<WorkerMessage> popped = output_.Pop();
    if (popped.wake_producer) bell_.Ring();
    if (popped.value.has_value()) {
      Forward(&*popped.value);
      co_await SinkWait(&shard_, &cancellation, &exchange_);
    } else if (ended_) {
      co_return;
    } else if (output_.AwaitMessage()) {
      co_await LetterWait(&shard_, given_up_ ? &never_ : &cancellation, &deliverer_);
    }
  }
}

// The worker hears of it, wherever it waits.
void WorkerStream::GiveUp() {
  given_up_ = true;
  Status why = exchange_.call.cancel_status();
  if (why.ok()) why = MakeStatus(StatusCode::kCancelled, "an interceptor goes on without it");
  worker_call_.GiveUp(why);
  bell_.Ring();
}

void WorkerStream::Forward(WorkerMessage* message) {
  if (PENSTOCK_UNLIKELY(exchange_.is_dropped)) return output_.GiveBack(message);
  if (!head_is_taken_) {
    head_is_taken_ = true;
    exchange_.call.TakeInitialMetadata(initial_);
  }
  exchange_.call.TakeCompression(message->compression);
  if (message->kind == WorkerMessage::Kind::kHead) return exchange_.SendHead();
  const wire::Bytes octets = message->bytes();
  exchange_.Send(rpc::MessageWriter::OfOctets(&octets, /*compressed=*/false));
  output_.GiveBack(message);
}

void WorkerStream::Answer() {
  if (PENSTOCK_UNLIKELY(exchange_.is_dropped)) return;
  exchange_.call.TakeAnswerOf(worker_call_);
  if (PENSTOCK_UNLIKELY(!status_.ok()) || entry_.streams_out) return exchange_.Finish(status_);
  exchange_.Reply(rpc::MessageWriter::OfOctets(&reply_, /*compressed=*/false));
}

}  // namespace penstock::server
