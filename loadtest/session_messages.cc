// The messages of calls that stream: sent as their time, their responses and the windows allow.
#include <algorithm>

#include "penstock/loadtest/generator.h"
#include "penstock/loadtest/session.h"
#include "penstock/reactor/shard.h"
#include "penstock/wire/check.h"

namespace penstock::loadtest {
namespace {

// A stream sends so many messages, then others of the connection have their turn.
constexpr int kMessagesAtOnceMax = 64;

// How many sends a flow of `method` remembers, for the round trips.
uint64_t SendsKept(const MethodOptions& method) {
  if (method.kind != CallKind::kBidi) return 0;
  return std::min<uint64_t>(method.messages_in_flight, method.messages_per_stream);
}

}  // namespace

void Session::AllotFlows() {
  bool any = false;
  uint64_t kept_count = 0;
  for (const MethodLoad& method : generator_.methods()) {
    any = any || method.options.kind != CallKind::kUnary;
    kept_count = std::max(kept_count, SendsKept(method.options));
  }
  if (!any) return;
  const uint32_t slots_count = generator_.options().streams_per_connection;
  flows_ = std::make_unique<MessageFlow[]>(slots_count);
  if (kept_count == 0) return;
  sends_ns_ = std::make_unique<TimeNs[]>(slots_count * kept_count);
  for (uint32_t i = 0; i < slots_count; ++i) flows_[i].sends_ns = &sends_ns_[i * kept_count];
}

TimeNs Session::WaitsSince(const MessageFlow& flow) {
  const MethodOptions& method = flow.call->method->options;
  // That others are still sent is no answer to the oldest.
  if (method.kind == CallKind::kBidi && flow.sent_count > flow.received_count) {
    return flow.sends_ns[flow.received_count % SendsKept(method)];
  }
  return flow.active_ns;
}

// Its head has been sent.
void Session::SendFirstMessages(Call& call, TimeNs now) {
  if (call.method->options.kind == CallKind::kUnary) {
    const wire::Bytes message = call.method->NextMessage();
    // To make it took us some microseconds, of which the server knows nothing.
    if (!call.is_repeat) call.start_ns = link_.shard().ReadClock();
    return SendData(*call.stream, message, http2::EndStream::kYes);
  }
  call.flow = &flows_[&call - slots_.get()];
  call.flow->Begin(&call, call.method->options, now);
  SendMessages(*call.flow, now);
}

bool Session::MaySend(const MessageFlow& flow, TimeNs now) const {
  const MethodOptions& method = flow.call->method->options;
  return flow.unsent_count > 0 && flow.next_ns <= now &&
         (method.kind != CallKind::kBidi || flow.has_room(method.messages_in_flight));
}

void Session::SendMessages(MessageFlow& flow, TimeNs now) {
  http2::Connection& connection = link_.connection();
  for (int left = kMessagesAtOnceMax; MaySend(flow, now); --left) {
    // What does not pass the windows is queued, one message of each stream.
    if (left == 0 || connection.output_is_full() ||
        connection.buffered_bytes(*flow.call->stream) > 0) {
      return sendable_.PushBack(flow);
    }
    SendMessage(flow, now);
  }
  if (flow.unsent_count > 0 && flow.next_ns > now) {
    link_.shard().timers().Schedule(flow.due_timer, flow.next_ns);
  }
}

void Session::SendMessage(MessageFlow& flow, TimeNs now) {
  MethodLoad& method = *flow.call->method;
  if (method.options.kind == CallKind::kBidi) {
    // A timer of the wheel is up to a tick late by itself; what waits longer waits for the peer.
    const bool is_late = now - flow.next_ns > reactor::TimerWheel::kTickNs;
    const bool has_due_time = method.options.message_interval_ns > 0;
    flow.sends_ns[flow.sent_count % SendsKept(method.options)] =
        has_due_time && is_late ? flow.next_ns : now;
  }
  ++flow.sent_count;
  --flow.unsent_count;
  flow.active_ns = now;
  flow.next_ns += method.options.message_interval_ns;
  if (MessageTally* tally = generator_.MessagesOf(*flow.call)) ++tally->sent_count;

  const auto end = flow.unsent_count == 0 ? http2::EndStream::kYes : http2::EndStream::kNo;
  SendData(*flow.call->stream, method.NextMessage(), end);
}

// The windows and the output have taken what they could.
void Session::SendMessages() {
  if (ended_) return;
  const TimeNs now = link_.shard().ReadClock();
  reactor::List<MessageFlow, struct SendableTag> now_sendable;
  now_sendable.Splice(sendable_);
  while (MessageFlow* flow = now_sendable.PopFront()) SendMessages(*flow, now);
  // A queue that waits for its window wakes us by what leaves it.
  const bool any_ready = sendable_.FindIf([this](const MessageFlow& flow) {
    return link_.connection().buffered_bytes(*flow.call->stream) == 0;
  }) != nullptr;
  if (any_ready && !link_.connection().output_is_full()) link_.MarkDirty();
}

void MessageFlow::OnDue(void* context, TimeNs now) {
  static_cast<void>(now);
  auto* flow = static_cast<MessageFlow*>(context);
  flow->call->session->OnMessageDue(*flow);
}

void Session::OnMessageDue(MessageFlow& flow) {
  if (ended_) return;
  if (!flow.linked()) sendable_.PushBack(flow);
  link_.MarkDirty();
}

// --- The response

void Session::OnStreamData(Call& call, const http2::Event& event) {
  http2::Connection& connection = link_.connection();
  uint32_t bytes = 0;
  uint64_t messages_count = 0;
  wire::Bytes data = event.data;
  while (true) {
    bytes += static_cast<uint32_t>(data.size());
    messages_count += call.flow->scanner.Scan(data);
    if (event.end_stream) break;
    data = connection.NextData(*event.stream);
    if (data.empty()) break;
  }
  call.response_bytes += bytes;
  if (messages_count > 0) ReceiveMessages(*call.flow, messages_count);
  connection.ReturnCredit(*event.stream, bytes);
  if (PENSTOCK_UNLIKELY(event.end_stream)) {
    has_answered_ = true;
    FailResponse(call, 0);
  }
}

void Session::ReceiveMessages(MessageFlow& flow, uint64_t count) {
  if (batch_ns_ == 0) batch_ns_ = link_.shard().ReadClock();
  const MethodOptions& method = flow.call->method->options;
  if (flow.received_count == 0 && ReceivesStream(method.kind)) {
    generator_.RecordFirstMessage(*flow.call, batch_ns_);
  }
  MessageTally* const tally = generator_.MessagesOf(*flow.call);
  if (tally != nullptr) {
    tally->received_count += count;
    // One that answers no request has no round trip.
    const uint64_t end = std::min(flow.received_count + count, flow.sent_count);
    for (uint64_t k = flow.received_count; method.kind == CallKind::kBidi && k < end; ++k) {
      tally->round_trip.Record(batch_ns_ - flow.sends_ns[k % SendsKept(method)]);
    }
  }
  flow.received_count += count;
  flow.active_ns = batch_ns_;
  if (MaySend(flow, batch_ns_) && !flow.linked()) sendable_.PushBack(flow);
}

void Session::OnStreamEnd(Call& call, uint64_t status_meaning) {
  const MessageFlow& flow = *call.flow;
  const bool may_be_empty = ReceivesStream(call.method->options.kind);
  const bool is_whole =
      flow.scanner.between_messages() && (may_be_empty || flow.received_count > 0);
  if (status_meaning != kOkMeaning || call.http_status != 200 || !is_whole) {
    return FailResponse(call, status_meaning);
  }
  if (batch_ns_ == 0) batch_ns_ = link_.shard().ReadClock();
  generator_.RecordStreamEnd(call);
  generator_.RecordOk(call, batch_ns_);
  EndCall(call);
}

// Of any kind.
void Session::EndCall(Call& call) {
  if (call.flow != nullptr) {
    call.flow->End();
    call.flow = nullptr;
  }
  FreeSlot(call);
}

}  // namespace penstock::loadtest
