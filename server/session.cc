#include "penstock/server/session.h"

#include <algorithm>
#include <string>

#include "penstock/wire/check.h"

namespace penstock::server {
namespace {

constexpr std::string_view kBadFlagText = "a message's flag is neither 0 nor 1";
constexpr std::string_view kEndsInsideText = "the request ended inside a message";

ServerCall& CallOf(const http2::Event& event) {
  return *static_cast<ServerCall*>(event.stream->user);
}

}  // namespace

static_assert(Session::Link::kFirstBytesMax == kFirstBytesMax);

Session::Session(Link& link, ShardState* state)
    : link_(link),
      state_(*state),
      dispatcher_(&link.connection(), state),
      plain_(&link.connection(), state),
      opened_at_(state->shard.now()),
      decompression_(&state->shard, state->options.receive_bytes_per_turn_max),
      decompress_waiting_([](void* me) { static_cast<Session*>(me)->DecompressWaiting(); }, this),
      runs_(this, state) {
  state_.sessions.PushBack(*this);
  BeginLifetime();
}

bool Session::Admit(wire::Bytes bytes) {
  const Spoken spoken = DetectSpoken(bytes);
  if (spoken == Spoken::kUndecided) return false;
  const bool may_be_http2 = spoken == Spoken::kHttp2 || spoken == Spoken::kUnknown;
  const bool is_admitted = state_.tls != nullptr ? AdmitOnTlsPort(spoken)
                                                 : may_be_http2 || RefuseSpoken(spoken);
  if (is_admitted) LimitSilence();
  return is_admitted;
}

void Session::OnEvent(const http2::Event& event) {
  using Kind = http2::Event::Kind;
  switch (event.kind) {
    case Kind::kHead:
      return OnHead(event);
    case Kind::kData:
      return OnData(event);
    case Kind::kTrailers:
      return OnRequestEnd(CallOf(event));
    case Kind::kStreamReset:
      return OnReset(event);
    case Kind::kHeadTooLarge:
      return dispatcher_.RefuseHead(*event.stream);
    case Kind::kPingAck:
      return OnPingAck();
    case Kind::kNone:
    case Kind::kInformational:
    case Kind::kPushPromise:
    case Kind::kSettings:
    case Kind::kGoAway:  // the client opens no more; what it opened is served
    case Kind::kConnectionError:
      return;
  }
}

// A batch of alike requests is decoded once (http2/block_memo.h), and understood once.
const rpc::RequestHead& Session::LatestHead() {
  const http2::FieldList& fields = link_.connection().fields();
  if (state_.head_fields != &fields || state_.head_generation != fields.generation()) {
    state_.head = {};
    rpc::ReadRequestHead(fields, &state_.head);
    state_.head_fields = &fields;
    state_.head_generation = fields.generation();
    const auto* entry = static_cast<const MethodEntry*>(state_.head.route);
    state_.head_is_usual = state_.head.content_type != rpc::ContentType::kGrpcOther &&
                           entry != nullptr && !entry->reads;
  }
  return state_.head;
}

void Session::OnHead(const http2::Event& event) {
  http2::Stream& stream = *event.stream;
  const rpc::RequestHead& head = LatestHead();
  ++state_.counters.calls_started;
  const wire::TlsEngine* const tls = link_.tls();
  if (PENSTOCK_UNLIKELY(tls != nullptr) && !scheme_is_of_tls()) return RefuseScheme(stream);
  const Dispatcher::Verdict verdict = dispatcher_.Judge(stream, head);
  if (PENSTOCK_UNLIKELY(verdict == Dispatcher::Verdict::kPlain)) return OnPlainHead(event);
  dispatcher_.activity().CountStarted();
  if (PENSTOCK_UNLIKELY(verdict != Dispatcher::Verdict::kCall)) return;
  ServerCall& call = *state_.calls.New(this, &stream, &state_.shard.slabs(),
                                       state_.options.message_bytes_max, &Session::OnDeadline);
  if (PENSTOCK_UNLIKELY(
          !rpc::ReadMetadata(link_.connection().fields(), head, call.received_metadata()))) {
    dispatcher_.RefuseMetadata(stream, head);
    return state_.calls.Delete(&call);
  }
  call.Begin(static_cast<const MethodEntry*>(head.route), head, &link_.socket(), &state_.shard);
  BeginMetrics(call);
  if (PENSTOCK_UNLIKELY(tls != nullptr)) call.set_peer_identity(&tls->peer());
  call.compression().Begin(&state_.registry.encodings(), head.encoding, head.accepted,
                           state_.compression);
  stream.user = &call;
  begun_.PushBack(call);
  if (PENSTOCK_UNLIKELY(!state_.head_is_usual)) return OnUnusualHead(event, call);
  if (event.end_stream) OnRequestEnd(call);
}

void Session::BeginMetrics(ServerCall& call) {
  const reactor::Shard& shard = state_.shard;
  MethodMetrics& metrics = state_.metrics.Of(call.entry().index);
  ++metrics.started_count;
  call.BeginMetrics(&metrics);
  switch (state_.metrics.TakeSample(shard.stats().turns)) {
    case ShardMetrics::Sample::kNone:
      return;
    case ShardMetrics::Sample::kFirst:
      return call.BeginTiming(shard.now());
    case ShardMetrics::Sample::kLater:
      return call.BeginTiming(shard.ReadClock());
  }
}

void Session::OnUnusualHead(const http2::Event& event, ServerCall& call) {
  const rpc::RequestHead& head = LatestHead();
  if (head.content_type == rpc::ContentType::kGrpcOther) dispatcher_.ChooseCodec(call, head);
  if (call.entry().reads) return BeginReading(call, event.end_stream);
  if (event.end_stream) OnRequestEnd(call);
}

PENSTOCK_COLD void Session::OnPlainHead(const http2::Event& event) {
  http2::Connection& connection = link_.connection();
  const rpc::RequestHead& head = LatestHead();
  PlainCall& call =
      *state_.plain_calls.New(this, event.stream, &state_.shard.slabs(), &Session::OnDeadline);
  // Plain requests carry what looks like binary metadata as they please.
  (void)rpc::ReadMetadata(connection.fields(), head, call.received_metadata());
  const http2::HeaderField* authority = connection.head().authority;
  call.BeginPlain(connection.head().method->value, authority == nullptr ? "" : authority->value,
                  head.path, &link_.socket());
  if (link_.tls() != nullptr) call.set_peer_identity(&link_.tls()->peer());
  event.stream->user = static_cast<ServerCall*>(&call);
  if (event.end_stream) plain_.Run(call);
}

void Session::OnData(const http2::Event& event) {
  ServerCall& call = CallOf(event);
  wire::Bytes input = event.data;
  while (!input.empty()) {
    wire::AssembledMessage message;
    const Assembled result = call.assembler().Next(&input, &call.arena(), &message);
    if (PENSTOCK_UNLIKELY(result != Assembled::kMessage)) {
      return OnPartialData(event, call, result);
    }
    if (PENSTOCK_UNLIKELY(call.has_request() || call.waits_packed())) {
      return FailData(event, MakeStatus(StatusCode::kUnimplemented,
                                        "a second message in a unary request"));
    }
    if (PENSTOCK_UNLIKELY(message.compressed)) {
      if (!Decompress(event, call, &message)) return;
      if (call.waits_packed()) continue;
    }
    // The buffer goes back to the ring in this turn: only a request that is handled now may stay.
    const bool runs_now = event.end_stream && input.empty() && call.entry().run_inline != nullptr;
    call.set_request(message.in_input && !runs_now ? call.arena().Copy(message.bytes)
                                                   : message.bytes);
  }
  ReturnCredit(event);
  if (event.end_stream) return OnRequestEnd(call);
  http2::Connection::AwaitNothing(*event.stream);  // a client may rest between messages
}

// Whatever the assembler keeps is bounded by message_bytes_max.
void Session::ReturnCredit(const http2::Event& event) {
  link_.connection().ReturnCredit(*event.stream, static_cast<uint32_t>(event.data.size()));
}

// No whole message: the rest is to come, or never will. The assemblers of streams that are read
// message by message, and of plain requests, find none at all.
void Session::OnPartialData(const http2::Event& event, ServerCall& call, Assembled result) {
  if (call.inbox() != nullptr) return Deliver(event, call);
  if (result == Assembled::kBadFlag) {
    return FailData(event, MakeStatus(StatusCode::kInternal, kBadFlagText));
  }
  if (result == Assembled::kTooLarge) {
    return FailData(event, MakeStatus(StatusCode::kResourceExhausted,
                                      CountTooLarge(call.assembler().length_bytes())));
  }
  ReturnCredit(event);
  if (event.end_stream) return OnRequestEnd(call);
  if (!call.is_plain()) link_.connection().AwaitMore(*event.stream);
}

PENSTOCK_COLD void Session::FailData(const http2::Event& event, const Status& status) {
  ReturnCredit(event);
  FailCall(CallOf(event), status);
}

PENSTOCK_COLD std::string Session::CountTooLarge(uint32_t length_bytes) {
  link_.connection().CountTrip(http2::Limit::kMessageBytes);
  return "a message of " + std::to_string(length_bytes) +
         " octets exceeds message_bytes_max, " + std::to_string(state_.options.message_bytes_max);
}

// --- Streams of requests

// From the head on: its handler may have answered, and the call be gone, when this returns.
void Session::BeginReading(ServerCall& call, bool has_ended) {
  call.assembler().Discard();
  if (PENSTOCK_UNLIKELY(!runs_.StartReading(call, has_ended))) CloseForTooManyHandlers();
}

// Credit follows the handler: the inbox returns it.
void Session::Deliver(const http2::Event& event, ServerCall& call) {
  using Fault = rpc::Inbox::Fault;
  dispatcher_.activity().NoteReceived(state_.shard.now());
  rpc::Inbox& inbox = *call.inbox();
  http2::Connection& connection = link_.connection();
  Fault fault = Fault::kNone;
  // Whom Receive() wakes runs later: nothing is sent on the stream in here.
  for (wire::Bytes data = event.data; fault == Fault::kNone && !data.empty();) {
    fault = inbox.Receive(data);
    data = event.end_stream ? wire::Bytes() : connection.NextData(*event.stream);
  }
  switch (fault) {
    case Fault::kNone:
      if (event.end_stream) return OnRequestEnd(call);
      return inbox.at_boundary() ? http2::Connection::AwaitNothing(*event.stream)
                                 : connection.AwaitMore(*event.stream);
    case Fault::kBadFlag:
      return runs_.Fail(call, MakeStatus(StatusCode::kInternal, kBadFlagText));
    case Fault::kCompressed:
      return runs_.Fail(call, MakeStatus(StatusCode::kInternal, kNoEncodingText));
    case Fault::kTooLarge:
      return runs_.Fail(call, MakeStatus(StatusCode::kResourceExhausted,
                                         CountTooLarge(inbox.length_bytes())));
  }
}

void Session::EndReading(ServerCall& call) {
  if (call.inbox()->at_boundary()) return call.inbox()->End(OkStatus());
  runs_.Fail(call, MakeStatus(StatusCode::kInternal, kEndsInsideText));
}

// --- The end of requests

void Session::OnRequestEnd(ServerCall& call) {
  if (PENSTOCK_UNLIKELY(!call.assembler().at_boundary())) {
    if (call.inbox() != nullptr) return EndReading(call);
    if (call.is_plain()) return plain_.Run(static_cast<PlainCall&>(call));
    return FailCall(call, StatusCode::kInternal, kEndsInsideText);
  }
  if (PENSTOCK_UNLIKELY(!call.has_request())) {
    if (call.waits_packed()) return;
    return FailCall(call, StatusCode::kUnimplemented, "a unary request without a message");
  }
  call.metrics().received_sizes.Count(call.request().size());
  if (PENSTOCK_UNLIKELY(call.entry().run_inline == nullptr)) return StartHandler(call);
  call.stream().user = nullptr;
  dispatcher_.Run(call);
  EndCall(call);
}

void Session::StartHandler(ServerCall& call) {
  if (PENSTOCK_UNLIKELY(!runs_.Start(call))) CloseForTooManyHandlers();
}

PENSTOCK_COLD void Session::CloseForTooManyHandlers() {
  link_.connection().CountTrip(http2::Limit::kRunningHandlers);
  link_.Close(http2::ErrorCode::kEnhanceYourCalm, http2::NameOf(http2::Limit::kRunningHandlers));
}

PENSTOCK_COLD void Session::FailCall(ServerCall& call, StatusCode code, std::string_view message) {
  FailCall(call, MakeStatus(code, message));
}

PENSTOCK_COLD void Session::FailCall(ServerCall& call, const Status& status) {
  call.stream().user = nullptr;
  dispatcher_.Fail(call, status);
  EndCall(call);
}

void Session::EndCall(ServerCall& call) {
  // Else it has been counted when it lost the stream.
  if (call.has_stream()) dispatcher_.activity().CountReceived(call.messages_received_count());
  state_.calls.Delete(&call);  // leaves begun_ and the timers with it
}

void Session::CancelCall(ServerCall& call, StatusCode code, std::string_view why) {
  call.stream().user = nullptr;
  if (call.is_plain()) return plain_.Cancel(static_cast<PlainCall&>(call));
  ++state_.counters.calls_cancelled;
  dispatcher_.activity().CountFailed();
  state_.CountEnd(call, code, why);
  if (call.run() != nullptr) return LoseHandled(call, code, why);
  EndCall(call);
}

void Session::LoseHandled(ServerCall& call, StatusCode code, std::string_view why) {
  runs_.Lose(call, MakeStatus(code, why));
}

void Session::OnReset(const http2::Event& event) {
  CancelCall(CallOf(event), StatusCode::kCancelled, event.error.text);
  // What ended may have held up the body of a less urgent reply.
  if (PENSTOCK_UNLIKELY(plain_.has_unsent())) link_.MarkDirty();
}

void Session::OnFlush() {
  if (PENSTOCK_UNLIKELY(plain_.has_unsent())) plain_.SendBodies();
  if (PENSTOCK_UNLIKELY(runs_.has_blocked())) runs_.WakeBlocked();
  if (PENSTOCK_UNLIKELY(drain_.begun())) FinishIfDrained();
  if (PENSTOCK_UNLIKELY(lifespan_.watches_streams())) NoteStreams();
}

void Session::OnSent() {
  if (PENSTOCK_UNLIKELY(runs_.has_blocked())) runs_.WakeBlocked();
}

// Most calls end in the batch they came in. Only the others need a timer for their deadline.
void Session::OnBatchEnd() {
  if (PENSTOCK_UNLIKELY(state_.options.shard_memory_bytes_max != 0)) {
    state_.WatchMemory();
  }
  dispatcher_.activity().NoteTime(state_.shard.now());
  state_.call_started_at =
      std::max(state_.call_started_at, dispatcher_.activity().started_at());
  ArmDeadlines();
  if (PENSTOCK_UNLIKELY(drain_.begun())) SendNotice();
  if (PENSTOCK_UNLIKELY(lifespan_.watches_streams())) NoteStreams();
}

void Session::ArmDeadlines() {
  while (ServerCall* call = begun_.PopFront()) {
    if (call->deadline() != kTimeNever) {
      state_.shard.timers().Schedule(call->deadline_timer(), call->deadline());
    }
  }
}

void Session::OnDeadline(void* context, TimeNs) {
  auto& call = *static_cast<ServerCall*>(context);
  Session& session = *call.session();
  if (call.run() != nullptr) return session.runs_.Expire(call);
  session.FailCall(call, StatusCode::kDeadlineExceeded,
                   "the deadline passed before the request was whole");
  session.link_.MarkDirty();
}

void Session::OnConnectionEnd(const http2::Error& error) {
  static_cast<void>(error);
  ListHook<HandshakeTag>::Unlink();
  if (link_.tls() != nullptr && !link_.tls()->failure().empty()) {
    state_.LogTls(link_.tls()->failure(), link_.socket());
  }
  if (link_.connection().has_tripped()) LogEnd();
  const StatusCode code = state_.closing ? StatusCode::kUnavailable : StatusCode::kCancelled;
  const char* const why = state_.closing ? "the server stops" : "the connection has ended";
  link_.connection().ForEachUsed([&](http2::Stream& stream) {
    CancelCall(*static_cast<ServerCall*>(stream.user), code, why);
  });
}

PENSTOCK_COLD void Session::CloseIdle(http2::Limit limit) {
  link_.connection().CountTrip(limit);
  link_.Close(http2::ErrorCode::kNoError, http2::NameOf(limit));
}

void Session::OnClosed() {
  if (PENSTOCK_LIKELY(runs_.empty())) return Destroy();
  closed_ = true;
  runs_.ForgetSocket();
  ListHook<SessionTag>::Unlink();
  state_.leaving.PushBack(*this);
}

void Session::OnHandlerEnded() {
  if (PENSTOCK_UNLIKELY(closed_) && runs_.empty()) Destroy();
}

void Session::Destroy() {
  ShardState& state = state_;
  delete &link_;  // and this with it
  if (state.closing && state.sessions.empty() && state.leaving.empty()) state.shard.Stop();
}

}  // namespace penstock::server
