// What a session does with compressed requests: each is decompressed when it is whole, or, where
// the connection has had enough of that in this turn, in one of the next.
#include "penstock/server/session.h"

namespace penstock::server {

bool Session::Decompress(const http2::Event& event, ServerCall& call,
                         wire::AssembledMessage* message) {
  if (call.compression().received() == rpc::Encoding::kIdentity) {
    FailData(event, MakeStatus(StatusCode::kInternal, kNoEncodingText));
    return false;
  }
  if (!decompression_.has_room()) {
    call.KeepPacked(message->in_input ? call.arena().Copy(message->bytes) : message->bytes);
    packed_.PushBack(call);
    decompression_.WhenRoom(decompress_waiting_);
    return true;
  }
  const Status status = DecompressNow(call, &message->bytes);
  message->in_input = false;
  if (!status.ok()) FailData(event, status);
  return status.ok();
}

Status Session::DecompressNow(ServerCall& call, wire::Bytes* message) {
  const uint32_t bytes_max = state_.options.message_bytes_max;
  const rpc::CallCompression& compression = call.compression();
  const wire::DecompressResult result = state_.compressor.Decompress(
      compression.received(), *message, bytes_max, &decompression_, &call.arena(), message);
  if (result == wire::DecompressResult::kTooLarge) {
    link_.connection().CountTrip(http2::Limit::kMessageBytes);
  }
  return rpc::MessageCompressor::StatusOf(result, compression.received_name(), bytes_max);
}

void Session::DecompressWaiting() {
  ServerCall* const call = packed_.PopFront();
  if (call == nullptr) return;  // it has ended meanwhile
  if (!packed_.empty()) decompression_.WhenRoom(decompress_waiting_);
  wire::Bytes request = call->packed();
  const Status status = DecompressNow(*call, &request);
  link_.MarkDirty();
  if (!status.ok()) return FailCall(*call, status);
  call->set_request(request);
  if (call->stream().state.remote_ended()) OnRequestEnd(*call);
  ArmDeadlines();
}

}  // namespace penstock::server
