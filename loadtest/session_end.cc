// How calls fail, and how connections end.
#include <algorithm>

#include "penstock/http2/hpack_field.h"
#include "penstock/loadtest/generator.h"
#include "penstock/loadtest/method_load.h"
#include "penstock/loadtest/session.h"
#include "penstock/loadtest/tally.h"
#include "penstock/loadtest/units.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/percent.h"
#include "penstock/wire/check.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::loadtest {
namespace {

std::string GrpcMessageOf(const http2::FieldList& fields) {
  for (const http2::HeaderField& field : fields) {
    if (field.token == http2::FieldName::kGrpcMessage) return rpc::PercentDecode(field.value);
  }
  return "";
}

std::string Named(const char* what, http2::ErrorCode code) {
  return std::string(what) + "(" + std::string(http2::ErrorCodeName(code)) + ")";
}

}  // namespace

// The response is whole, and not a success.
PENSTOCK_COLD void Session::FailResponse(Call& call, uint64_t status_meaning) {
  if (status_meaning == kOkMeaning && call.http_status == 200) {
    return Fail(call, kInternal,
                call.response_bytes < wire::kMessagePrefixBytes
                    ? "grpc-status 0, but no message in the response"
                    : "grpc-status 0, but the last message of the response is cut off");
  }
  if (status_meaning != 0) {
    const auto status = static_cast<uint8_t>(status_meaning - 1);
    return Fail(call, status, GrpcMessageOf(link_.connection().fields()));
  }
  Fail(call, StatusOfHttp(call.http_status),
       "no grpc-status in the response (HTTP status " + std::to_string(call.http_status) +
           "): is it a gRPC server?");
}

PENSTOCK_COLD void Session::OnStreamReset(const http2::Event& event) {
  const http2::Error& error = event.error;
  if (IsUnprocessed(error) && generator_.Repeat(CallOf(event))) return EndCall(CallOf(event));
  switch (error.initiator) {
    case http2::Initiator::kPeer:
      return Fail(CallOf(event), StatusOfReset(error.code),
                  IsUnprocessed(error) && !goaway_.empty() ? goaway_ + ": the call was not served"
                                                           : Named("RST_STREAM", error.code));
    case http2::Initiator::kPeerFault:
      return Fail(CallOf(event), kInternal,
                  std::string("the response breaks HTTP/2: ") + error.text);
    case http2::Initiator::kLocal:
      return Fail(CallOf(event), kInternal, std::string("the call cannot be made: ") + error.text);
  }
}

PENSTOCK_COLD void Session::OnSettings() {
  generator_.NotePeerStreamsMax(link_.connection().peer_settings().concurrent_streams_max);
  if (!established_) {
    established_ = true;
    reactor::Shard& shard = link_.shard();
    shard.timers().Cancel(due_timer_);
    generator_.OnEstablished(shard.ReadClock() - (due_timer_.when() - kConnectNsMax));
    BeginAge();
  }
  generator_.MarkReady(*this);
}

// Before the load begins none grows old: it begins when all are there.
PENSTOCK_COLD void Session::BeginAge() {
  if (!established_ || age_timer_.scheduled() || !generator_.loading()) return;
  reactor::Shard& shard = link_.shard();
  shard.timers().Schedule(age_timer_, SaturatingAdd(shard.now(), generator_.TakeLifetime()));
}

// What the peer will not serve is reset, and repeated; the rest ends as it would have.
PENSTOCK_COLD void Session::OnGoAway(const http2::Event& event) {
  draining_ = true;
  goaway_ = Named("GOAWAY", event.error.code);
  if (has_answered_) Replace();  // or else when it has ended, since it may yet answer
}

// What it refused, or what ended with it, was no answer.
PENSTOCK_COLD void Session::Replace() {
  // One that retires by itself may have had no call to answer.
  const bool tells_of_peer = has_answered_ || !goaway_.empty();
  if (replaced_ || (tells_of_peer && !generator_.MayReplace(has_answered_))) return;
  replaced_ = true;
  generator_.ConnectAnew(*this);
}

void Session::Expire(Call& call, std::string_view message) {
  Fail(call, kDeadlineExceeded, message);
  if (draining_ && active_count_ == 0) return Close();
  generator_.MarkReady(*this);
  link_.MarkDirty();
}

PENSTOCK_COLD void Session::Fail(Call& call, uint8_t status, std::string_view message) {
  generator_.RecordError(call, status, message);
  EndCall(call);
}

template <typename Function>
void Session::ForEachActive(Function&& fn) {
  for (uint32_t i = 0; i < generator_.options().streams_per_connection; ++i) {
    if (slots_[i].stream != nullptr) fn(slots_[i]);
  }
}

TimeNs Session::LongestWait(TimeNs now) {
  TimeNs longest_ns = 0;
  ForEachActive([&](Call& call) {
    if (call.flow == nullptr) {
      longest_ns = std::max(longest_ns, now - call.intended_ns);
    } else if (call.flow->awaits_server(call.method->options.kind)) {
      longest_ns = std::max(longest_ns, now - WaitsSince(*call.flow));
    }
  });
  return longest_ns;
}

void Session::RecordWaits(TimeNs now, TimeNs from_ns, Histogram* waits) {
  ForEachActive([&](Call& call) {
    if (call.intended_ns >= from_ns) waits->Record(now - call.intended_ns);
  });
}

// --- The end of the connection

void Session::AwaitPeer(TimeNs due_ns) { link_.shard().timers().Schedule(due_timer_, due_ns); }

// TLS and HTTP/2 wait for a server's answers without an end, or begin to count later.
PENSTOCK_COLD void Session::OnDue(void* context, TimeNs now) {
  static_cast<void>(now);
  auto* session = static_cast<Session*>(context);
  session->is_late_ = true;
  session->Close();
}

// Its calls end first.
PENSTOCK_COLD void Session::OnAge(void* context, TimeNs now) {
  static_cast<void>(now);
  auto* session = static_cast<Session*>(context);
  session->draining_ = true;
  if (session->active_count_ == 0) session->Close();
}

void Session::Close() { link_.Close(http2::ErrorCode::kNoError, ""); }

PENSTOCK_COLD void Session::OnConnectionEnd(const http2::Error& error) {
  ended_ = true;
  std::string message = error.text;
  if (error.initiator == http2::Initiator::kPeerFault) {
    message = "the server breaks HTTP/2: " + message;
  }
  if (const wire::TlsEngine* tls = link_.tls(); tls != nullptr && !tls->failure().empty()) {
    message = established_ ? tls->failure() : std::string(kTlsFailed) + tls->failure();
  }
  if (is_late_) message = "no answer within " + FormatSpan(kConnectNsMax);
  link_.shard().timers().Cancel(due_timer_);
  link_.shard().timers().Cancel(age_timer_);
  if (!goaway_.empty()) message = goaway_ + ", then " + message;
  ForEachActive([this, &message](Call& call) { Fail(call, kUnavailable, message); });
  if (draining_ && error.initiator != http2::Initiator::kPeerFault) Replace();
  generator_.OnConnectionEnd(*this, /*was_lost=*/!replaced_, message);
}

void Session::OnClosed() {
  Generator& generator = generator_;
  delete &link_;  // and this with it
  generator.OnClosed();
}

}  // namespace penstock::loadtest
