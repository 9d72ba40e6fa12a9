#include "penstock/client/channel_core.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "penstock/wire/check.h"
#include "penstock/wire/compress.h"

namespace penstock::client {

const char* NameOf(ChannelState state) {
  switch (state) {
    case ChannelState::kIdle:
      return "IDLE";
    case ChannelState::kConnecting:
      return "CONNECTING";
    case ChannelState::kReady:
      return "READY";
    case ChannelState::kTransientFailure:
      return "TRANSIENT_FAILURE";
    case ChannelState::kShutdown:
      return "SHUTDOWN";
  }
  return "UNKNOWN";
}

ChannelCore::ChannelCore(reactor::Shard* its_shard, std::string_view target,
                         const ChannelOptions& options)
    : shard_(*its_shard),
      options_(options),
      target_text_(target),
      user_agent_(kUserAgent),
      workspace_(&its_shard->slabs()),
      tls_workspace_(&its_shard->slabs()),
      decompression_(its_shard, reactor::kReceiveBytesPerTurnMaxDefault),
      messages_{&its_shard->slabs()},
      keepalive_time_ns_(std::max(options.keepalive_time_ns, options.keepalive_time_ns_min)),
      idle_timer_(&ChannelCore::OnIdleTimer, this),
      start_waiting_([](void* core) { static_cast<ChannelCore*>(core)->StartWaiting(); }, this),
      unpack_waiting_([](void* core) { static_cast<ChannelCore*>(core)->UnpackWaiting(); }, this) {
  if (!options_.user_agent_prefix.empty()) {
    user_agent_ = options_.user_agent_prefix + " " + user_agent_;
  }
  for (uint32_t i = 0; i < std::max(options_.connections, uint32_t{1}); ++i) {
    subchannels_.push_back(std::make_unique<Subchannel>(this, i));
  }
  if (options_.tls.enabled) tls_ = std::make_unique<wire::TlsCredentials>(options_.tls);
  AddEncodings();
  AddInterceptors();
  std::string why;  // told by the first attempt
  (void)Resolve(&why);
}

ChannelCore::ChannelCore(reactor::Shard* its_shard, CallTarget* stand_in)
    : shard_(*its_shard),
      stand_in_(stand_in),
      is_special_(true),
      workspace_(&its_shard->slabs()),
      tls_workspace_(&its_shard->slabs()),
      decompression_(its_shard, reactor::kReceiveBytesPerTurnMaxDefault),
      messages_{&its_shard->slabs()},
      keepalive_time_ns_(kTimeNever),
      idle_timer_(nullptr, this),
      start_waiting_(nullptr, this),
      unpack_waiting_(nullptr, this) {
  AddEncodings();
}

void ChannelCore::AddEncodings() {
  for (const wire::Compression& compression : {wire::Gzip(), wire::Deflate(), wire::Zstd()}) {
    const char* const why = encodings_.Add(compression);
    PENSTOCK_CHECK(why == nullptr, "the usual encodings have good names");
    all_encodings_.Add(encodings_.Find(compression.name));
  }
}

void ChannelCore::AddInterceptors() {
  for (const rpc::Interceptor& interceptor : options_.interceptors) {
    interceptors_.push_back(&interceptor);
    interceptors_are_plain_ = interceptors_are_plain_ && interceptor.is_plain();
    is_special_ = true;
  }
}

bool ChannelCore::Resolve(std::string* why) {
  if (!target_.addresses.empty()) return true;
  std::optional<Target> target = ResolveTarget(target_text_, why);
  if (!target) return false;
  target_ = *std::move(target);
  if (!options_.authority.empty()) target_.authority = options_.authority;
  return true;
}

bool ChannelCore::PrepareTls(std::string* why) {
  if (tls_ == nullptr || tls_->Current(shard_.now()) != nullptr) return true;
  return tls_->Load(shard_.now(), why);
}

std::unique_ptr<wire::TlsEngine> ChannelCore::StartTls() {
  if (tls_ == nullptr) return nullptr;
  auto engine = std::make_unique<wire::TlsEngine>(&tls_workspace_, tls_->Current(shard_.now()));
  const std::string& name = options_.tls.server_name;
  engine->Start(name.empty() ? HostOf(authority()) : name, &tls_sessions_);
  return engine;
}

// --- State

ChannelState ChannelCore::state() const {
  if (shut_down_) return ChannelState::kShutdown;
  if (stand_in_ != nullptr) return ChannelState::kReady;
  bool is_connecting = false;
  for (const auto& subchannel : subchannels_) {
    if (subchannel->phase() == Subchannel::Phase::kReady) return ChannelState::kReady;
    is_connecting = is_connecting || subchannel->phase() != Subchannel::Phase::kIdle;
  }
  if (failing_) return ChannelState::kTransientFailure;
  return is_connecting ? ChannelState::kConnecting : ChannelState::kIdle;
}

void ChannelCore::Connect() {
  for (auto& subchannel : subchannels_) subchannel->Connect();
}

PENSTOCK_COLD void ChannelCore::OnReady() {
  failing_ = false;
  ++counters_.connections_made;
  OnRoom();
}

PENSTOCK_COLD void ChannelCore::OnAttemptFailed(const std::string& why) {
  latest_failure_ = why;
  if (state() == ChannelState::kReady) return;
  failing_ = true;
  FailWaiting(why, shard_.stopping());
}

// Plain interceptors run at the end of each: they may end others of these calls, begin some that
// wait behind them, and let the Channel go. The core stays: the call that ends is still lent.
void ChannelCore::FailWaiting(const std::string& why, bool all) {
  reactor::List<ClientCall, WaitingTag> waiting;  // counted as before, until they end
  waiting.Splice(waiting_);
  while (ClientCall* call = waiting.PopFront()) {
    if (call->waits_for_ready() && !all && !shut_down_) {
      waiting_.PushBack(*call);
    } else {
      --waiting_count_;
      call->Finish(MakeStatus(StatusCode::kUnavailable, why));
    }
  }
}

PENSTOCK_COLD void ChannelCore::Shutdown() {
  shut_down_ = true;
  idle_timer_.Unlink();
  FailWaiting("the channel to " + target_text_ + " was closed", true);
  while (ClientCall* call = packed_.PopFront()) {
    call->Finish(MakeStatus(StatusCode::kUnavailable,
                            "the channel to " + target_text_ + " was closed"));
  }
  for (auto& subchannel : subchannels_) subchannel->Shutdown();
  sessions_.ForEach([](Session& session) { session.Close(); });
  DeleteIfUnused();
}

// --- Calls

ClientCall& ChannelCore::NewCall(CallScope* parent, std::string_view path,
                                 const CallOptions& options) {
  PENSTOCK_CHECK(&parent->shard() == &shard_, "a channel's calls are made on its shard");
  ++counters_.calls_started;
  ClientCall& call = *calls_.New(this, parent, path, options, options_.message_bytes_max,
                                 &ChannelCore::OnDeadline);
  const std::string& wish =
      options.compression().empty() ? options_.compression : options.compression();
  const rpc::Encoding encoding = encodings_.Find(wish);
  call.compression().Begin(&encodings_, rpc::Encoding::kIdentity, all_encodings_, encoding);
  if (PENSTOCK_UNLIKELY(encoding == rpc::Encoding::kUnknown)) {
    call.Finish(MakeStatus(StatusCode::kInternal, "there is no compression '" + wish +
                                                      "'; there is " + encodings_.accepted()));
  } else if (PENSTOCK_UNLIKELY(!interceptors_.empty())) {
    call.Intercept(&interceptors_, interceptors_are_plain_);
  }
  return call;
}

void ChannelCore::Start(ClientCall& call) {
  if (PENSTOCK_UNLIKELY(call.ended()) || !IsInTime(call)) return;
  PENSTOCK_LIKELY(!is_special_) ? Assign(call) : StartSpecial(call);
}

bool ChannelCore::IsInTime(ClientCall& call) {
  if (PENSTOCK_UNLIKELY(call.cancelled())) {
    call.Finish(call.cancel_status());
    return false;
  }
  if (PENSTOCK_UNLIKELY(call.time_left_ns() <= 0)) {
    call.Finish(MakeStatus(StatusCode::kDeadlineExceeded,
                           "the deadline had passed before the call began"));
    return false;
  }
  return true;
}

void ChannelCore::StartSpecial(ClientCall& call) {
  if (call.interception() != nullptr) return call.interception()->Begin();
  stand_in_->Answer(call);
}

void ChannelCore::Proceed(ClientCall& call) {
  call.RearmDeadline();
  if (PENSTOCK_UNLIKELY(!IsInTime(call))) return;
  PENSTOCK_LIKELY(!shut_down_) ? Assign(call) : Wait(call);
}

void ChannelCore::Assign(ClientCall& call) {
  if (PENSTOCK_LIKELY(waiting_.empty())) {
    Session* session = FindRoom();
    if (PENSTOCK_LIKELY(session != nullptr)) return session->Start(call);
  }
  Wait(call);
}

// The one with the fewest calls.
Session* ChannelCore::FindRoom() {
  Session* best = nullptr;
  for (auto& subchannel : subchannels_) {
    if (PENSTOCK_UNLIKELY(subchannel->phase() != Subchannel::Phase::kReady)) {
      subchannel->Connect();
      continue;
    }
    Session& session = subchannel->session();
    if (!session.has_room()) continue;
    if (best == nullptr || session.calls_count() < best->calls_count()) best = &session;
  }
  return best;
}

PENSTOCK_COLD void ChannelCore::Wait(ClientCall& call, const Status* crowded) {
  if (shut_down_) {
    return call.Finish(MakeStatus(StatusCode::kUnavailable,
                                  "the channel to " + target_text_ + " was closed"));
  }
  if (shard_.stopping()) {
    return call.Finish(MakeStatus(StatusCode::kUnavailable, "the shard stops"));
  }
  if (failing_ && !call.waits_for_ready()) {
    return call.Finish(MakeStatus(StatusCode::kUnavailable, latest_failure_));
  }
  if (waiting_count_ >= options_.waiting_calls_max) {
    if (crowded != nullptr) return call.Finish(*crowded);
    return call.Finish(MakeStatus(
        StatusCode::kResourceExhausted,
        "waiting_calls_max, " + std::to_string(options_.waiting_calls_max) +
            ", calls to " + target_text_ + " wait already; the channel is " + NameOf(state())));
  }
  call.set_phase(ClientCall::Phase::kWaiting);
  waiting_.PushBack(call);
  ++waiting_count_;
  Connect();  // what is idle; the call may have failed when it returns
}

PENSTOCK_COLD void ChannelCore::StartWaiting() {
  while (!waiting_.empty()) {
    Session* session = FindRoom();
    if (session == nullptr) return;
    ClientCall& call = *waiting_.front();
    if (PENSTOCK_UNLIKELY(call.time_left_ns() <= 0)) {  // its timer fires up to a tick later
      OnDeadline(&call, shard_.now());
      continue;
    }
    waiting_.PopFront();
    --waiting_count_;
    session->Start(call);
  }
}

PENSTOCK_COLD void ChannelCore::Repeat(ClientCall& call, const Status& why) {
  ++counters_.calls_repeated;
  Wait(call, &why);
  OnRoom();
}

PENSTOCK_COLD void ChannelCore::Cancel(ClientCall& call, const Status& why) {
  if (call.ended()) return;
  call.interception() != nullptr ? call.interception()->Cancel(why) : GiveUp(call, why);
}

PENSTOCK_COLD void ChannelCore::GiveUp(ClientCall& call, const Status& why) {
  if (call.phase() == ClientCall::Phase::kWaiting) --waiting_count_;
  if (call.phase() == ClientCall::Phase::kOpen) call.session()->Reset(call);
  call.Finish(why);
}

void ChannelCore::SetRequest(ClientCall& call, const rpc::MessageWriter& message) {
  call.CountSent();
  if (PENSTOCK_UNLIKELY(stand_in_ != nullptr)) return call.SetRequest(message);
  compressor_.Compress(call.compression().TakeNext(), message, options_.compressed_bytes_min,
                       [&call](const rpc::MessageWriter& writer) { call.SetRequest(writer); });
}

void ChannelCore::Send(ClientCall& call, const rpc::MessageWriter& message) {
  if (call.ended() || call.request_is_whole()) return;
  call.CountSent();
  compressor_.Compress(call.compression().TakeNext(), message, options_.compressed_bytes_min,
                       [&call](const rpc::MessageWriter& writer) {
                         if (PENSTOCK_LIKELY(call.phase() == ClientCall::Phase::kOpen)) {
                           call.session()->Send(call, writer);
                         } else {
                           call.AppendRequest(writer);
                         }
                       });
}

void ChannelCore::EndRequest(ClientCall& call) {
  if (call.ended() || call.request_is_whole()) return;
  call.set_request_is_whole();
  if (call.phase() == ClientCall::Phase::kOpen) call.session()->EndRequest(call);
}

bool ChannelCore::is_full(const ClientCall& call) const {
  if (PENSTOCK_LIKELY(call.phase() == ClientCall::Phase::kOpen)) {
    return call.session()->is_full(call);
  }
  // One message may wait with its call for the connection, or for interceptors; behind the end of
  // the call on the wire its end is waited for.
  const bool waits = call.phase() == ClientCall::Phase::kWaiting ||
                     call.phase() == ClientCall::Phase::kHeld;
  return waits && (!call.request().empty() || call.request_is_whole());
}

void ChannelCore::WakeWhenNotFull(ClientCall& call, reactor::Wait& wait) {
  call.AddWriter(wait);
  if (call.phase() == ClientCall::Phase::kOpen) call.session()->AddBlocked(call);
}

Status ChannelCore::Decompress(ClientCall& call, wire::Bytes* message) {
  const uint32_t bytes_max = options_.message_bytes_max;
  const wire::DecompressResult result =
      compressor_.Decompress(encodings_.Find(call.encoding()), *message, bytes_max,
                             &decompression_, &call.response_arena(), message);
  return rpc::MessageCompressor::StatusOf(result, call.encoding(), bytes_max);
}

PENSTOCK_COLD void ChannelCore::Unpack(ClientCall& call) {
  call.set_phase(ClientCall::Phase::kPacked);
  call.set_request_is_whole();  // what is sent to a call that is over goes nowhere
  packed_.PushBack(call);
  decompression_.WhenRoom(unpack_waiting_);
}

PENSTOCK_COLD void ChannelCore::UnpackWaiting() {
  ClientCall* const call = packed_.PopFront();
  if (call == nullptr) return;  // it was cancelled
  if (!packed_.empty()) decompression_.WhenRoom(unpack_waiting_);
  wire::Bytes response = call->response();
  Status status = Decompress(*call, &response);
  call->SetUnpackedResponse(response);
  call->Finish(std::move(status));
}

void ChannelCore::OnDeadline(void* context, TimeNs) {
  auto& call = *static_cast<ClientCall*>(context);
  ChannelCore& core = call.core();
  const std::string& target = core.target_text_;
  std::string why = call.has_response_head()
                        ? "the response from " + target + " had not ended at the deadline"
                        : "no answer from " + target + " before the deadline";
  why += core.TextOfDelay(call);
  const Status status = MakeStatus(StatusCode::kDeadlineExceeded, why);
  call.interception() != nullptr ? call.interception()->Expire(status) : core.Cancel(call, status);
}

std::string ChannelCore::TextOfDelay(const ClientCall& call) const {
  if (call.phase() == ClientCall::Phase::kHeld) return ": its interceptors were at work";
  if (call.phase() != ClientCall::Phase::kWaiting) return "";
  if (state() == ChannelState::kReady) {
    return ": the call waited for one of the server's MAX_CONCURRENT_STREAMS";
  }
  std::string text = ": the call waited for a connection";
  if (!latest_failure_.empty()) text += "; the latest failure: " + latest_failure_;
  return text;
}

void ChannelCore::Release(ClientCall& call) {
  if (PENSTOCK_UNLIKELY(!call.ended())) {
    Cancel(call, MakeStatus(StatusCode::kCancelled, "nobody waits for the call"));
  }
  calls_.Delete(&call);
  released_at_ = shard_.now();
  if (PENSTOCK_UNLIKELY(shut_down_)) DeleteIfUnused();
}

// --- Connections that nobody needs, and that the server complains of

void ChannelCore::WatchIdleness() {
  if (idle_timer_.scheduled() || shut_down_) return;
  released_at_ = shard_.now();
  shard_.timers().Schedule(idle_timer_, SaturatingAdd(released_at_, options_.idle_timeout_ns));
}

// It looks once an idle_timeout_ns, or when it may have been idle for so long.
PENSTOCK_COLD void ChannelCore::OnIdleTimer(void* context, TimeNs now) {
  auto& core = *static_cast<ChannelCore*>(context);
  const TimeNs since = core.calls_.lent_count() != 0 ? now : core.released_at_;
  const TimeNs until = SaturatingAdd(since, core.options_.idle_timeout_ns);
  if (now < until) return core.shard_.timers().Schedule(core.idle_timer_, until);
  core.failing_ = false;
  for (auto& subchannel : core.subchannels_) subchannel->Shutdown();
}

PENSTOCK_COLD void ChannelCore::OnTooManyPings(const std::string& address) {
  if (keepalive_time_ns_ == kTimeNever) return;
  keepalive_time_ns_ = SaturatingAdd(keepalive_time_ns_, keepalive_time_ns_);
  std::fprintf(stderr,
               "penstock: %s says too_many_pings: new connections of the channel to %s wait "
               "%lld s before a keepalive PING, twice as long as those so far: raise "
               "ChannelOptions::keepalive_time_ns, or have the server permit more\n",
               address.c_str(), target_text_.c_str(),
               static_cast<long long>(keepalive_time_ns_ / kNsPerSecond));
}

// --- The end

void ChannelCore::OnSocketClosed() {
  --sockets_count_;
  if (PENSTOCK_UNLIKELY(shut_down_)) DeleteIfUnused();
}

void ChannelCore::DeleteIfUnused() {
  if (sockets_count_ == 0 && calls_.lent_count() == 0) delete this;
}

}  // namespace penstock::client
