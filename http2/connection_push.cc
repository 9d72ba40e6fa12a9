// Pushed streams: PUSH_PROMISE, sent by a server and received by a client.
//
// Spec: RFC 9113 §6.6, §8.4
#include <algorithm>

#include "penstock/http2/connection.h"
#include "penstock/http2/padding.h"
#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::http2 {
namespace {

// What a request that nobody made must be: safe, cacheable and without content. RFC 9113 §8.4
const char* JudgePromisedRequest(const MessageHead& head) {
  if (head.method->value != "GET" && head.method->value != "HEAD") {
    return "a promised request with another method than GET or HEAD";
  }
  if (head.authority == nullptr) return "a promised request without :authority";
  return head.content_bytes > 0 ? "a promised request with content" : nullptr;
}

}  // namespace

// --- Server

PENSTOCK_COLD Stream* Connection::SendPushPromise(Stream& parent,
                                                  std::span<const OutgoingField> request) {
  const bool may_push = role_ == Role::kServer && !failed_ && peer_settings_.push_enabled &&
                        !goaway_received_ && local_next_id_ <= kStreamIdMax &&
                        local_streams_count_ < peer_settings_.concurrent_streams_max;
  // Our half is shut as well while `parent` is a promised stream itself.
  if (!may_push || IsLocal(parent.id) || parent.state.local_ended()) return nullptr;
  if (!PeerTakes(request)) return nullptr;
  const uint32_t id = local_next_id_;
  WriteBlockInFrames({0, FrameType::kPushPromise, 0, parent.id}, id, request);
  Stream* stream = workspace_->streams.New(id, peer_settings_.initial_window_bytes,
                                           StreamWindowBytes(), workspace_->slabs);
  local_next_id_ += 2;
  ++local_streams_count_;
  stream->state.ReserveLocal();
  stream->head_received = true;
  stream->head_sent = true;
  streams_.Insert(stream);
  meter_.OnStreamOpened();
  return stream;
}

// --- Client

PENSTOCK_COLD Error Connection::ReceivePushPromise(Event* event) {
  const FrameHeader& frame = reader_.header();
  if (role_ == Role::kServer || !limits_.push_enabled) {
    return ConnectionError(ErrorCode::kProtocolError, "PUSH_PROMISE, which was not allowed");
  }
  wire::Bytes payload = reader_.payload();
  if (!StripPadding(frame, &payload)) {
    return ConnectionError(ErrorCode::kProtocolError, "PUSH_PROMISE padding exceeds the frame");
  }
  if (payload.size() < kStreamIdBytes) {
    return ConnectionError(ErrorCode::kFrameSizeError, "PUSH_PROMISE without a stream id");
  }
  const uint32_t promised_id = wire::LoadBig32(payload.data()) & kStreamIdMax;
  payload = payload.subspan(kStreamIdBytes);
  if (const Error error = JudgePromise(frame.stream_id, promised_id)) return error;
  if (payload.size() > limits_.header_block_bytes_max) {
    return ConnectionError(ErrorCode::kEnhanceYourCalm, "header_block_bytes_max");
  }
  peer_last_id_ = promised_id;
  block_stream_id_ = frame.stream_id;
  block_promised_id_ = promised_id;
  if (frame.has(flags::kEndHeaders)) return ReceivePromiseBlock(payload, event);
  BeginLongBlock(payload);
  return kNoFault;
}

// Whether this promise may be made at all.
Error Connection::JudgePromise(uint32_t parent_id, uint32_t promised_id) const {
  if (parent_id == 0 || !IsLocal(parent_id) || IsIdle(parent_id)) {
    return ConnectionError(ErrorCode::kProtocolError, "PUSH_PROMISE on a stream without request");
  }
  if (promised_id == 0 || IsLocal(promised_id) || promised_id <= peer_last_id_) {
    return ConnectionError(ErrorCode::kProtocolError, "PUSH_PROMISE of an id that is not the next");
  }
  const Stream* parent = streams_.Find(parent_id);
  const bool shut = parent == nullptr ? !MayBeResetByUs(parent_id) : parent->state.remote_ended();
  if (!shut) return kNoFault;
  return ConnectionError(ErrorCode::kProtocolError, "PUSH_PROMISE on a stream that has ended");
}

PENSTOCK_COLD Error Connection::ReceivePromiseBlock(wire::Bytes block, Event* event) {
  const uint32_t parent_id = block_stream_id_;
  const uint32_t id = block_promised_id_;
  block_stream_id_ = block_promised_id_ = 0;
  bool too_large;
  if (const Error error = DecodeBlock(block, &too_large)) return error;
  if (id > goaway_id_) return kNoFault;  // the peer has been told that we will not look at it
  const auto refuse = [&](ErrorCode code, const char* why) {
    *event = ResetForFault(id, StreamError(code, why));
    return kNoFault;
  };
  if (streams_.Find(parent_id) == nullptr) {
    return refuse(ErrorCode::kCancel, "the request was given up");
  }
  if (remote_streams_count() >= limits_.concurrent_streams_max) {
    return refuse(ErrorCode::kRefusedStream, "concurrent_streams_max");
  }
  if (too_large) {
    return refuse(ErrorCode::kRefusedStream, "a promised request above header_list_bytes_max");
  }
  const char* fault = JudgeRequest();
  if (fault == nullptr) fault = JudgePromisedRequest(head());
  if (fault != nullptr) return refuse(ErrorCode::kProtocolError, fault);

  Stream* stream = workspace_->streams.New(id, peer_settings_.initial_window_bytes,
                                           StreamWindowBytes(), workspace_->slabs);
  stream->state.ReserveRemote();
  stream->head_sent = true;  // to the peer the stream is not idle
  stream->is_head_request = head().method->value == "HEAD";
  streams_.Insert(stream);
  meter_.OnStreamOpened();
  promise_parent_id_ = parent_id;
  event->kind = Event::Kind::kPushPromise;
  event->stream = stream;
  return kNoFault;
}

}  // namespace penstock::http2
