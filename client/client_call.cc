#include "penstock/client/client_call.h"

#include <algorithm>
#include <cstring>

#include "penstock/wire/check.h"

namespace penstock::client {
namespace {

// Of the body of what is no response of gRPC. Source: gRPC clients keep about as much.
constexpr size_t kBodyBytesMax = 1024;

}  // namespace

ClientCall::ClientCall(ChannelCore* core, CallScope* parent, std::string_view path,
                       const CallOptions& options, uint32_t message_bytes_max,
                       reactor::Timer::Fire on_deadline)
    : Call(&parent->shard().slabs()),
      core_(*core),
      parent_(*parent),
      waits_for_ready_(options.waits_for_ready()),
      assembler_(message_bytes_max),
      deadline_timer_(on_deadline, this) {
  shard_ = &parent->shard();
  method_ = path;
  values_.Within(parent->call_values());
  cancellation_ =
      options.inherits_cancellation() ? &parent->cancellation() : &own_cancellation_;
  if (options.inherits_deadline()) deadline_ = parent->deadline();
  if (options.timeout_ns() != kTimeNever) {
    deadline_ = std::min(deadline_, SaturatingAdd(now(), options.timeout_ns()));
  }
  for (const auto& [key, value] : options.metadata()) metadata_.AddReceived(key, value);
  if (deadline_ != kTimeNever) shard_->timers().Schedule(deadline_timer_, deadline_);
}

PENSTOCK_COLD void ClientCall::Intercept(const rpc::Interceptors* interceptors, bool all_plain) {
  interception_ = new (arena_.Allocate(sizeof(Interception), alignof(Interception)))
      Interception(this, interceptors, all_plain);
  caller_ = &interception_->caller();
  cancellation_ = &interception_->cancellation();
}

void ClientCall::Finish(Status status) {
  ForgetStream();
  ListHook<WaitingTag>::Unlink();
  if (PENSTOCK_UNLIKELY(interception_ != nullptr)) {
    ListHook<BlockedTag>::Unlink();  // writers wait for the end now
    if (!interception_->TakeEnd(&status)) return;
  }
  Conclude(std::move(status));
}

void ClientCall::Conclude(Status status) {
  PENSTOCK_DCHECK(!ended(), "a call has one status");
  phase_ = Phase::kEnded;
  status_ = std::move(status);
  shard_->timers().Cancel(deadline_timer_);
  if (inbox_) inbox_->End(status_);
  while (reactor::Wait* wait = waits_.PopFront()) wait->Wake();
  WakeWriters();
}

void ClientCall::WakeWriters() {
  ListHook<BlockedTag>::Unlink();
  while (reactor::Wait* wait = writers_.PopFront()) wait->Wake();
}

// Rare: most calls write when they are open, and wait with the second message until then.
void ClientCall::AppendRequest(const rpc::MessageWriter& message) {
  const wire::Bytes encoded = Encode(message);
  if (request_.empty()) {
    request_ = encoded;
    return;
  }
  const size_t bytes = request_.size() + encoded.size();
  auto* room = static_cast<uint8_t*>(arena_.Allocate(bytes, 1));
  std::memcpy(room, request_.data(), request_.size());
  std::memcpy(room + request_.size(), encoded.data(), encoded.size());
  request_ = {room, bytes};
}

PENSTOCK_COLD void ClientCall::BeginForeign(uint16_t http_status,
                                            const rpc::ResponseHead& head) {
  const std::string_view content_type = head.content_type_text;
  has_response_head_ = true;
  is_foreign_ = true;
  is_of_another_codec_ = head.content_type == rpc::ContentType::kGrpcOther;
  http_status_ = http_status;
  foreign_text_ = "HTTP status " + std::to_string(http_status);
  foreign_text_ += content_type.empty() ? ", without a content-type"
                                        : ", content-type '" + std::string(content_type) + "'";
  foreign_text_ += ", is no response of gRPC";
  assembler_.Discard();
}

PENSTOCK_COLD void ClientCall::AddToBody(wire::Bytes piece) {
  if (body_bytes_ == 0) foreign_text_ += ": ";
  const wire::Bytes kept = piece.first(std::min(piece.size(), kBodyBytesMax - body_bytes_));
  foreign_text_ += wire::AsString(kept);
  body_bytes_ += kept.size();
}

// The buffer it lies in goes back to the ring in this turn.
void ClientCall::AddResponse(const wire::AssembledMessage& message) {
  CountReceived();
  if (responses_count_++ != 0) return;  // one too many: the status will say so
  response_ = message.in_input ? response_arena().Copy(message.bytes) : message.bytes;
}

}  // namespace penstock::client
