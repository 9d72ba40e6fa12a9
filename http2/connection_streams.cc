// What the peer does to streams: heads and trailers.
#include <algorithm>
#include <utility>

#include "penstock/http2/connection.h"
#include "penstock/http2/padding.h"
#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::http2 {

Error Connection::ReceiveHeaders(Event* event) {
  const FrameHeader& frame = reader_.header();
  wire::Bytes payload = reader_.payload();
  if (frame.stream_id == 0) {
    return ConnectionError(ErrorCode::kProtocolError, "HEADERS on stream 0");
  }
  if (!StripPadding(frame, &payload)) {
    return ConnectionError(ErrorCode::kProtocolError, "HEADERS padding exceeds the frame");
  }
  bool depends_on_itself = false;
  if (frame.has(flags::kPriority)) {
    if (payload.size() < kPriorityBytes) {
      return ConnectionError(ErrorCode::kFrameSizeError, "HEADERS is too short for its priority");
    }
    depends_on_itself = (wire::LoadBig32(payload.data()) & kStreamIdMax) == frame.stream_id;
    payload = payload.subspan(kPriorityBytes);
  }
  if (payload.size() > limits_.header_block_bytes_max) {
    return Trip(Limit::kHeaderBlockBytes);
  }
  block_stream_id_ = frame.stream_id;
  block_ends_stream_ = frame.has(flags::kEndStream);
  block_depends_on_itself_ = depends_on_itself;
  if (PENSTOCK_LIKELY(frame.has(flags::kEndHeaders))) return ReceiveHeaderBlock(payload, event);
  BeginLongBlock(payload);
  return kNoFault;
}

// CONTINUATION follows.
void Connection::BeginLongBlock(wire::Bytes fragment) {
  continuations_count_ = 0;
  block_began_at_ = now_;
  block_.assign(fragment.begin(), fragment.end());
}

Error Connection::ReceiveContinuation(Event* event) {
  const FrameHeader& frame = reader_.header();
  if (block_stream_id_ == 0 || frame.stream_id != block_stream_id_) {
    return ConnectionError(ErrorCode::kProtocolError, "CONTINUATION that continues nothing");
  }
  const wire::Bytes payload = reader_.payload();
  if (++continuations_count_ > limits_.continuations_max) {
    return Trip(Limit::kContinuations);
  }
  if (block_.size() + payload.size() > limits_.header_block_bytes_max) {
    return Trip(Limit::kHeaderBlockBytes);
  }
  block_.insert(block_.end(), payload.begin(), payload.end());
  if (!frame.has(flags::kEndHeaders)) {
    const bool passes = !payload.empty() || meter_.TakeEmptyFrame(limits_);
    return passes ? kNoFault : Trip(Limit::kEmptyFrames);
  }
  // The decoded fields may view the block. It is not for the connection to hold: most never see
  // another one.
  workspace_->long_block = std::exchange(block_, {});
  if (block_promised_id_ != 0) return ReceivePromiseBlock(workspace_->long_block, event);
  return ReceiveHeaderBlock(workspace_->long_block, event);
}

// Leaves the block's fields in the workspace, where they may still stand from the time before.
// Every block is decoded, whatever becomes of its stream: the tables must stay in step.
Error Connection::DecodeBlock(wire::Bytes block, bool* too_large) {
  *too_large = false;
  BlockMemo& blocks = workspace_->blocks;
  if (PENSTOCK_LIKELY(blocks.Find(this, block))) return kNoFault;
  const uint64_t table_before = decoder_.table_version();
  const uint64_t literals_before = decoder_.literals_version();
  const wire::Bytes held = blocks.Hold(this, block);
  const HpackError error =
      decoder_.Decode(held, blocks.latest().fields,
                      {limits_.header_list_bytes_max, limits_.header_fields_max,
                       limits_.HeaderListCloseBytes()});
  if (error != HpackError::kOk || decoder_.table_version() != table_before) {
    blocks.ForgetOf(this);
  } else if (decoder_.literals_version() != literals_before) {
    blocks.ForgetOthersOf(this);
  }
  if (PENSTOCK_UNLIKELY(IsConnectionError(error))) {
    return ConnectionError(ErrorCode::kCompressionError, TextOf(error).data());
  }
  *too_large = error == HpackError::kHeaderListTooLarge;
  return PENSTOCK_UNLIKELY(*too_large) ? MeterHeaderList() : kNoFault;
}

Error Connection::ReceiveHeaderBlock(wire::Bytes block, Event* event) {
  const uint32_t id = block_stream_id_;
  block_stream_id_ = 0;
  bool too_large;
  if (const Error error = DecodeBlock(block, &too_large)) return error;
  Stream* stream = streams_.Find(id);
  if (stream == nullptr) {
    if (role_ == Role::kServer && id > peer_last_id_) {
      return ReceiveRequestHead(id, too_large, event);
    }
    return ReceiveOnMissingStream(id, "HEADERS");
  }
  if (PENSTOCK_UNLIKELY(stream->state.remote_ended())) {
    if (!stream->state.reserved_remote()) return ReceiveOnShutHalf(*stream, "HEADERS");
    stream->state.OpenRemote();
  }
  if (block_depends_on_itself_) {
    return StreamError(ErrorCode::kProtocolError, "a stream that depends on itself");
  }
  if (!stream->head_received) return ReceiveResponseHead(*stream, too_large, event);
  if (too_large) {
    return StreamError(ErrorCode::kProtocolError, "trailers above header_list_bytes_max");
  }
  return ReceiveTrailers(*stream, event);
}

// What is wrong with the latest block; null if nothing is. One that is held is judged once.
const char* Connection::JudgeRequest() {
  BlockMemo::Entry& block = workspace_->blocks.latest();
  if (block.judged_as == BlockMemo::JudgedAs::kRequest) return nullptr;
  block.judged_as = BlockMemo::JudgedAs::kNothing;  // its head becomes another
  const char* const fault = JudgeRequestHead(block.fields, &block.head);
  if (fault == nullptr) block.judged_as = BlockMemo::JudgedAs::kRequest;
  return fault;
}

const char* Connection::JudgeResponse() {
  BlockMemo::Entry& block = workspace_->blocks.latest();
  if (block.judged_as == BlockMemo::JudgedAs::kResponse) return nullptr;
  block.judged_as = BlockMemo::JudgedAs::kNothing;
  block.head = {};
  const char* const fault = JudgeResponseHead(block.fields, &block.head);
  if (fault == nullptr) block.judged_as = BlockMemo::JudgedAs::kResponse;
  return fault;
}

const char* Connection::JudgeTrailers() {
  BlockMemo::Entry& block = workspace_->blocks.latest();
  if (block.judged_as == BlockMemo::JudgedAs::kTrailers) return nullptr;
  const char* const fault = http2::JudgeTrailers(block.fields);
  if (fault == nullptr) block.judged_as = BlockMemo::JudgedAs::kTrailers;
  return fault;
}

Error Connection::ReceiveRequestHead(uint32_t id, bool too_large, Event* event) {
  if ((id & 1) == 0) {
    return ConnectionError(ErrorCode::kProtocolError, "a client opens an even stream id");
  }
  peer_last_id_ = id;
  if (id > goaway_id_) return kNoFault;  // the peer has been told that it will not be served
  if (block_depends_on_itself_) {
    return StreamError(ErrorCode::kProtocolError, "a stream that depends on itself");
  }
  if (PENSTOCK_UNLIKELY(remote_streams_count() >= limits_.concurrent_streams_max ||
                        workspace_->refuses_streams)) {
    const Limit limit =
        workspace_->refuses_streams ? Limit::kMemoryStreams : Limit::kConcurrentStreams;
    CountTrip(limit);
    return StreamError(ErrorCode::kRefusedStream, NameOf(limit));
  }
  const MessageHead& head = workspace_->blocks.latest().head;
  if (PENSTOCK_UNLIKELY(too_large)) {
    workspace_->blocks.latest().head = {};
  } else {
    const char* fault = JudgeRequest();
    if (PENSTOCK_UNLIKELY(fault != nullptr)) return StreamError(ErrorCode::kProtocolError, fault);
    if (block_ends_stream_ && head.content_bytes > 0) {
      return StreamError(ErrorCode::kProtocolError, "content-length without content");
    }
  }
  Stream* stream = workspace_->streams.New(id, peer_settings_.initial_window_bytes,
                                           StreamWindowBytes(), workspace_->slabs);
  streams_.Insert(stream);
  meter_.OnStreamOpened();
  stream->head_received = true;
  stream->content_bytes_left = head.content_bytes;
  if (PENSTOCK_UNLIKELY(head.has_priority || head.is_connect || !idle_priorities_.empty())) {
    NoteUnusualRequest(*stream);
  }
  event->kind = too_large ? Event::Kind::kHeadTooLarge : Event::Kind::kHead;
  event->stream = stream;
  if (block_ends_stream_) {
    stream->state.EndRemote();
    event->end_stream = true;
  }
  return kNoFault;
}

PENSTOCK_COLD void Connection::NoteUnusualRequest(Stream& stream) {
  TakePriority(stream);
  stream.is_connect = head().is_connect;
  if (stream.is_connect) stream.content_bytes_left = -1;  // a tunnel's DATA is no content
}

Error Connection::ReceiveResponseHead(Stream& stream, bool too_large, Event* event) {
  if (!stream.head_sent) {
    return ConnectionError(ErrorCode::kProtocolError, "a response to a request that was not sent");
  }
  const MessageHead& head = workspace_->blocks.latest().head;
  event->kind = Event::Kind::kHead;
  if (PENSTOCK_UNLIKELY(too_large)) {
    event->kind = Event::Kind::kHeadTooLarge;
    workspace_->blocks.latest().head = {};
  } else {
    const char* fault = JudgeResponse();
    if (fault != nullptr) return StreamError(ErrorCode::kProtocolError, fault);
    if (head.status_code < 200) {
      if (block_ends_stream_) {
        return StreamError(ErrorCode::kProtocolError, "END_STREAM on a 1xx response");
      }
      event->kind = Event::Kind::kInformational;
      return TellUser(stream, event);
    }
  }
  stream.head_received = true;
  // A response without content may announce the length it would have had: RFC 9113 §8.1.1
  const bool has_no_content =
      stream.is_head_request || head.status_code == 204 || head.status_code == 304;
  stream.content_bytes_left = has_no_content ? 0 : head.content_bytes;
  if (PENSTOCK_UNLIKELY(stream.is_connect)) {
    // Only a successful response makes a tunnel of the stream: RFC 9113 §8.5
    stream.is_connect = head.status_code / 100 == 2;
    if (stream.is_connect) stream.content_bytes_left = -1;
  }
  return block_ends_stream_ ? EndRemote(stream, event) : TellUser(stream, event);
}

Error Connection::ReceiveTrailers(Stream& stream, Event* event) {
  if (!block_ends_stream_) {
    return StreamError(ErrorCode::kProtocolError, "a second head without END_STREAM");
  }
  if (stream.is_connect) {
    return StreamError(ErrorCode::kProtocolError, "HEADERS in a tunnel");  // RFC 9113 §8.5
  }
  if (const char* fault = JudgeTrailers()) {
    return StreamError(ErrorCode::kProtocolError, fault);
  }
  event->kind = Event::Kind::kTrailers;
  event->stream = &stream;
  return EndRemote(stream, event);
}

// HEADERS or DATA for a stream that has no object: closed, or never opened.
Error Connection::ReceiveOnMissingStream(uint32_t id, const char* what) {
  if (IsIdle(id)) return ConnectionError(ErrorCode::kProtocolError, "a frame on an idle stream");
  if (IsIgnored(id)) return MeterGlitch();
  return ConnectionError(ErrorCode::kStreamClosed, what);
}

// HEADERS or DATA behind END_STREAM, or what a reserved stream does not take.
PENSTOCK_COLD Error Connection::ReceiveOnShutHalf(const Stream& stream, const char* what) const {
  if (stream.state.reserved()) return ConnectionError(ErrorCode::kProtocolError, what);
  return StreamError(ErrorCode::kStreamClosed, what);
}

}  // namespace penstock::http2
