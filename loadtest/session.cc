#include "penstock/loadtest/session.h"

#include "penstock/http2/frame.h"
#include "penstock/http2/hpack_field.h"
#include "penstock/loadtest/generator.h"
#include "penstock/loadtest/tally.h"
#include "penstock/reactor/shard.h"
#include "penstock/wire/check.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::loadtest {
namespace {

// The meaning of the grpc-status among `fields`; 0 when there is none.
uint64_t StatusMeaningOf(const http2::FieldList& fields) {
  for (const http2::HeaderField& field : fields) {
    if (field.token == http2::FieldName::kGrpcStatus) return field.meaning;
  }
  return 0;
}

// Stream ids are used once, and a client's are 1, 3, 5, ...: they count its calls. 0: no limit.
uint32_t LastStreamIdOf(uint64_t calls_max) {
  constexpr uint64_t kCallsMax = uint64_t{http2::kStreamIdMax} / 2 + 1;
  if (calls_max == 0 || calls_max > kCallsMax) return http2::kStreamIdMax;
  return static_cast<uint32_t>(2 * calls_max - 1);
}

}  // namespace

Session::Session(Link& link, Generator* generator, uint32_t address_index)
    : link_(link),
      generator_(*generator),
      address_index_(address_index),
      last_stream_id_(LastStreamIdOf(generator->options().reconnect_calls)),
      due_timer_(&Session::OnDue, this),
      age_timer_(&Session::OnAge, this),
      slots_(std::make_unique<Call[]>(generator->options().streams_per_connection)) {
  for (uint32_t i = generator->options().streams_per_connection; i-- > 0;) {
    slots_[i].session = this;
    slots_[i].next_free = free_;
    free_ = &slots_[i];
  }
  head_blocks_.resize(generator->methods().size());
  AllotFlows();
}

Session::~Session() = default;

uint64_t Session::Classify(void* context, http2::FieldName token, std::string_view name,
                           std::string_view value) {
  static_cast<void>(context);
  static_cast<void>(name);
  return token == http2::FieldName::kGrpcStatus ? 1 + uint64_t{ParseStatus(value)} : 0;
}

// --- Starting calls

void Session::StartCalls(TimeNs now) {
  while (may_start() && generator_.may_start()) {
    http2::Stream* stream = link_.connection().OpenStream();
    if (stream == nullptr) break;  // the peer's limit on concurrent streams
    generator_.CountNew();
    Send(*stream, {now, now, false}, now);
  }
  MarkOutput();
}

bool Session::StartCall(const CallBegin& begin, TimeNs now) {
  http2::Stream* stream = may_start() ? link_.connection().OpenStream() : nullptr;
  if (stream == nullptr) return false;
  Send(*stream, begin, now);
  MarkOutput();
  return true;
}

// There is a free slot. Inlined into both its callers: as a call of its own it cost a closed loop
// 1 % of its instructions.
PENSTOCK_ALWAYS_INLINE void Session::Send(http2::Stream& stream, const CallBegin& begin,
                                          TimeNs now) {
  http2::Connection& connection = link_.connection();
  MethodLoad& method =
      PENSTOCK_LIKELY(begin.method == nullptr) ? generator_.NextMethod() : *begin.method;
  Call& call = *free_;
  free_ = call.next_free;
  ++active_count_;
  generator_.CountStart();
  call.stream = &stream;
  call.method = &method;
  call.intended_ns = begin.intended_ns;
  call.start_ns = begin.start_ns;
  call.response_bytes = 0;
  call.http_status = 0;
  call.is_repeat = begin.is_repeat;
  stream.user = &call;
  generator_.WatchDeadline(call);

  // The connection has had its last call.
  if (PENSTOCK_UNLIKELY(stream.id >= last_stream_id_)) draining_ = true;
  http2::PreparedBlock& head = head_blocks_[method.index];
  const wire::Bytes data = method.request.data();
  if (PENSTOCK_LIKELY(method.sends_plain)) {
    if (uint8_t* room = connection.SendWhole(stream, head, data.size());
        PENSTOCK_LIKELY(room != nullptr)) {
      std::memcpy(room, data.data(), data.size());
      return;
    }
  }
  connection.SendPreparedHead(stream, head, method.request.fields(), http2::EndStream::kNo);
  if (PENSTOCK_UNLIKELY(!method.sends_plain)) return SendFirstMessages(call, now);
  SendData(stream, data, http2::EndStream::kYes);
}

inline void Session::MarkOutput() {
  const http2::Connection& connection = link_.connection();
  if ((connection.has_output() || connection.has_events()) && !ended_) link_.MarkDirty();
}

// --- What the peer does

void Session::OnEvent(const http2::Event& event) {
  using Kind = http2::Event::Kind;
  switch (event.kind) {
    case Kind::kHead:
      return OnHead(event);
    case Kind::kData:
      return OnData(event);
    case Kind::kTrailers:
      return OnResponseEnd(CallOf(event));
    case Kind::kStreamReset:
      return OnStreamReset(event);
    case Kind::kSettings:
      return OnSettings();
    case Kind::kGoAway:
      return OnGoAway(event);
    case Kind::kNone:
    case Kind::kInformational:
    case Kind::kPushPromise:
    case Kind::kHeadTooLarge:  // of requests alone
    case Kind::kPingAck:
    case Kind::kConnectionError:
      return;
  }
}

void Session::OnHead(const http2::Event& event) {
  Call& call = CallOf(event);
  call.http_status = link_.connection().head().status_code;
  if (PENSTOCK_UNLIKELY(event.end_stream)) OnResponseEnd(call);  // "Trailers-Only"
}

void Session::OnData(const http2::Event& event) {
  Call& call = CallOf(event);
  if (PENSTOCK_UNLIKELY(call.flow != nullptr)) return OnStreamData(call, event);
  const auto bytes = static_cast<uint32_t>(event.data.size());
  call.response_bytes += bytes;
  link_.connection().ReturnCredit(*event.stream, bytes);
  if (PENSTOCK_UNLIKELY(event.end_stream)) {
    has_answered_ = true;
    FailResponse(call, 0);
  }
}

// The head's or the trailers' fields stand in the connection.
void Session::OnResponseEnd(Call& call) {
  has_answered_ = true;
  const uint64_t meaning = StatusMeaningOf(link_.connection().fields());
  if (PENSTOCK_UNLIKELY(call.flow != nullptr)) return OnStreamEnd(call, meaning);
  if (PENSTOCK_UNLIKELY(meaning != kOkMeaning || call.http_status != 200 ||
                        call.response_bytes < wire::kMessagePrefixBytes)) {
    return FailResponse(call, meaning);
  }
  if (batch_ns_ == 0) batch_ns_ = link_.shard().ReadClock();
  generator_.RecordOk(call, batch_ns_);
  FreeSlot(call);
}

// Link has handled all that had arrived.
void Session::OnBatchEnd() {
  batch_ns_ = 0;
  if (PENSTOCK_UNLIKELY(!sendable_.empty()) && !ended_) link_.MarkDirty();
  if (PENSTOCK_UNLIKELY(draining_) && active_count_ == 0 && !ended_) return Close();
  if (free_ != nullptr) generator_.MarkReady(*this);
}

// --- The end of calls

// Of a call without a flow.
void Session::FreeSlot(Call& call) {
  call.Unlink();
  http2::Stream& stream = *call.stream;
  stream.user = nullptr;
  call.stream = nullptr;
  call.next_free = free_;
  free_ = &call;
  --active_count_;
  generator_.CountEnd();
  // The peer answered before it had the whole request, or there is nobody to answer to.
  if (PENSTOCK_UNLIKELY(!stream.state.closed()) && !ended_) {
    link_.connection().SendReset(stream, http2::ErrorCode::kCancel);
  }
}

}  // namespace penstock::loadtest
