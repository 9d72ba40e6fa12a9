// What the peer does to streams: heads, DATA, resets, credit.
#include <algorithm>

#include "penstock/http2/connection.h"
#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::http2 {
namespace {

// Takes the pad length and the padding off a whole payload. False when the padding does not fit.
bool StripPadding(const FrameHeader& frame, wire::Bytes* payload) {
  if (!frame.has(flags::kPadded)) return true;
  if (payload->empty()) return false;
  const size_t pad_bytes = payload->front();
  if (payload->size() - 1 < pad_bytes) return false;
  *payload = payload->subspan(1, payload->size() - 1 - pad_bytes);
  return true;
}

}  // namespace

bool Connection::IsIdle(uint32_t id) const {
  const bool opened_by_client = (id & 1) != 0;
  if (opened_by_client == (role_ == Role::kClient)) return id >= local_next_id_;
  return id > peer_last_id_;
}

// --- Heads and trailers

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
    return ConnectionError(ErrorCode::kEnhanceYourCalm, "header_block_bytes_max");
  }
  block_stream_id_ = frame.stream_id;
  block_ends_stream_ = frame.has(flags::kEndStream);
  block_depends_on_itself_ = depends_on_itself;
  if (PENSTOCK_LIKELY(frame.has(flags::kEndHeaders))) return ReceiveHeaderBlock(payload, event);
  continuations_count_ = 0;
  block_.assign(payload.begin(), payload.end());
  return kNoFault;
}

Error Connection::ReceiveContinuation(Event* event) {
  const FrameHeader& frame = reader_.header();
  if (block_stream_id_ == 0 || frame.stream_id != block_stream_id_) {
    return ConnectionError(ErrorCode::kProtocolError, "CONTINUATION without its HEADERS");
  }
  const wire::Bytes payload = reader_.payload();
  if (++continuations_count_ > limits_.continuations_max) {
    return ConnectionError(ErrorCode::kEnhanceYourCalm, "continuations_max");
  }
  if (block_.size() + payload.size() > limits_.header_block_bytes_max) {
    return ConnectionError(ErrorCode::kEnhanceYourCalm, "header_block_bytes_max");
  }
  block_.insert(block_.end(), payload.begin(), payload.end());
  if (!frame.has(flags::kEndHeaders)) return kNoFault;
  // The decoded fields may view the block: it lives until the next one begins.
  return ReceiveHeaderBlock(block_, event);
}

// Leaves the block's fields in the workspace, where they may still stand from the time before.
HpackError Connection::DecodeBlock(wire::Bytes block) {
  BlockMemo& latest = workspace_->latest_block;
  if (latest.Holds(this, block)) return HpackError::kOk;
  const uint64_t version_before = decoder_.table_version();
  const HpackError error =
      decoder_.Decode(latest.Hold(this, block), workspace_->fields,
                      {limits_.header_list_bytes_max, limits_.header_fields_max});
  if (error != HpackError::kOk || decoder_.table_version() != version_before) latest.Forget();
  return error;
}

// Decodes every block to its end, whatever becomes of its stream: the tables must stay in step.
Error Connection::ReceiveHeaderBlock(wire::Bytes block, Event* event) {
  const uint32_t id = block_stream_id_;
  block_stream_id_ = 0;
  const HpackError decoded = DecodeBlock(block);
  if (PENSTOCK_UNLIKELY(IsConnectionError(decoded))) {
    return ConnectionError(ErrorCode::kCompressionError, TextOf(decoded).data());
  }
  const bool too_large = decoded == HpackError::kHeaderListTooLarge;
  Stream* stream = streams_.Find(id);
  if (stream == nullptr) {
    if (role_ == Role::kServer && id > peer_last_id_) {
      return ReceiveRequestHead(id, too_large, event);
    }
    return ReceiveOnMissingStream(id, "HEADERS");
  }
  if (stream->state.remote_ended()) {
    return StreamError(ErrorCode::kStreamClosed, "HEADERS after END_STREAM");
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

const char* Connection::JudgeLatestRequest() {
  BlockMemo& latest = workspace_->latest_block;
  if (latest.judged()) return nullptr;  // head_ stands as well
  const char* fault = JudgeRequestHead(workspace_->fields, &head_);
  if (fault == nullptr) latest.set_judged();
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
  if (streams_.size() >= limits_.concurrent_streams_max) {
    return StreamError(ErrorCode::kRefusedStream, "concurrent_streams_max");
  }
  if (PENSTOCK_UNLIKELY(too_large)) {
    head_ = {};
  } else {
    const char* fault = JudgeLatestRequest();
    if (PENSTOCK_UNLIKELY(fault != nullptr)) return StreamError(ErrorCode::kProtocolError, fault);
    if (block_ends_stream_ && head_.content_bytes > 0) {
      return StreamError(ErrorCode::kProtocolError, "content-length without content");
    }
  }
  Stream* stream = workspace_->streams.New(id, peer_settings_.initial_window_bytes,
                                           StreamWindowBytes(), workspace_->slabs);
  streams_.Insert(stream);
  stream->head_received = true;
  stream->content_bytes_left = head_.content_bytes;
  event->kind = too_large ? Event::Kind::kHeadTooLarge : Event::Kind::kHead;
  event->stream = stream;
  if (block_ends_stream_) {
    stream->state.EndRemote();
    event->end_stream = true;
  }
  return kNoFault;
}

Error Connection::ReceiveResponseHead(Stream& stream, bool too_large, Event* event) {
  head_ = {};
  event->kind = too_large ? Event::Kind::kHeadTooLarge : Event::Kind::kHead;
  if (!too_large) {
    const char* fault = JudgeResponseHead(workspace_->fields, &head_);
    if (fault != nullptr) return StreamError(ErrorCode::kProtocolError, fault);
    if (head_.status_code < 200) {
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
      stream.is_head_request || head_.status_code == 204 || head_.status_code == 304;
  stream.content_bytes_left = has_no_content ? 0 : head_.content_bytes;
  return block_ends_stream_ ? EndRemote(stream, event) : TellUser(stream, event);
}

Error Connection::ReceiveTrailers(Stream& stream, Event* event) {
  if (!block_ends_stream_) {
    return StreamError(ErrorCode::kProtocolError, "a second head without END_STREAM");
  }
  if (const char* fault = JudgeTrailers(workspace_->fields)) {
    return StreamError(ErrorCode::kProtocolError, fault);
  }
  event->kind = Event::Kind::kTrailers;
  event->stream = &stream;
  return EndRemote(stream, event);
}

// HEADERS or DATA for a stream that has no object: closed, or never opened.
Error Connection::ReceiveOnMissingStream(uint32_t id, const char* what) const {
  if (IsIdle(id)) return ConnectionError(ErrorCode::kProtocolError, "a frame on an idle stream");
  if (IsIgnored(id)) return kNoFault;
  return ConnectionError(ErrorCode::kStreamClosed, what);
}

// What the peer sent before it knew that we reset the stream, or that our GOAWAY leaves it out.
// Spec: RFC 9113 §5.1, §6.8
bool Connection::IsIgnored(uint32_t id) const {
  const bool opened_by_peer = ((id & 1) != 0) == (role_ == Role::kServer);
  return MayBeResetByUs(id) || (opened_by_peer && id > goaway_id_);
}

// Fills the event's stream, or drops the event when the stream has no user.
Error Connection::TellUser(Stream& stream, Event* event) {
  event->stream = &stream;
  if (stream.user == nullptr) *event = {};
  return kNoFault;
}

// The peer's half of `stream` is over.
Error Connection::EndRemote(Stream& stream, Event* event) {
  if (stream.content_bytes_left > 0) {
    return StreamError(ErrorCode::kProtocolError, "less DATA than content-length");
  }
  stream.state.EndRemote();
  event->end_stream = true;
  const Error no_fault = TellUser(stream, event);
  if (stream.state.closed()) ReleaseAfterEvent(stream);
  return no_fault;
}

// --- DATA

Error Connection::ReceiveData(Event* event) {
  wire::Bytes piece = reader_.payload();
  if (reader_.begins_frame()) {
    if (const Error error = BeginDataFrame()) return error;
  }
  if (PENSTOCK_UNLIKELY(pad_length_pending_) && !piece.empty()) {
    pad_length_pending_ = false;
    const uint32_t pad_bytes = piece.front();
    piece = piece.subspan(1);
    if (pad_bytes >= reader_.header().payload_bytes) {
      return ConnectionError(ErrorCode::kProtocolError, "DATA padding exceeds the frame");
    }
    data_bytes_left_ -= 1 + pad_bytes;
    if (data_stream_ != nullptr) CreditStream(*data_stream_, 1 + pad_bytes);
  }
  // What follows the data is padding.
  if (!pad_length_pending_) piece = piece.first(std::min<size_t>(piece.size(), data_bytes_left_));
  data_bytes_left_ -= static_cast<uint32_t>(piece.size());
  if (data_stream_ == nullptr) return kNoFault;
  return DeliverData(*data_stream_, piece, reader_.ends_frame(), event);
}

// The whole payload counts against both windows as soon as the frame begins, padding included.
// Spec: RFC 9113 §6.1, §6.9
Error Connection::BeginDataFrame() {
  const FrameHeader& frame = reader_.header();
  if (frame.stream_id == 0) return ConnectionError(ErrorCode::kProtocolError, "DATA on stream 0");
  if (frame.has(flags::kPadded) && frame.payload_bytes == 0) {
    return ConnectionError(ErrorCode::kFrameSizeError, "padded DATA without a pad length");
  }
  receive_window_.Spend(frame.payload_bytes);
  if (receive_window_.available() < 0) {
    return ConnectionError(ErrorCode::kFlowControlError, "DATA beyond the connection's window");
  }
  credit_bytes_ += frame.payload_bytes;
  data_bytes_left_ = frame.payload_bytes;
  pad_length_pending_ = frame.has(flags::kPadded);
  data_stream_ = nullptr;
  Stream* stream = streams_.Find(frame.stream_id);
  if (PENSTOCK_UNLIKELY(stream == nullptr)) {
    CreditConnection();
    if (IsIdle(frame.stream_id)) {
      return ConnectionError(ErrorCode::kProtocolError, "DATA on an idle stream");
    }
    if (IsIgnored(frame.stream_id)) return kNoFault;
    return StreamError(ErrorCode::kStreamClosed, "DATA on a closed stream");
  }
  if (stream->state.remote_ended()) {
    return StreamError(ErrorCode::kStreamClosed, "DATA after END_STREAM");
  }
  if (!stream->head_received) {
    return StreamError(ErrorCode::kProtocolError, "DATA before the response's head");
  }
  // Our own SETTINGS may have made the window negative; an empty frame passes even then.
  if (frame.payload_bytes > 0 && frame.payload_bytes > stream->receive_window.available()) {
    return StreamError(ErrorCode::kFlowControlError, "DATA beyond the stream's window");
  }
  stream->receive_window.Spend(frame.payload_bytes);
  data_stream_ = stream;
  return kNoFault;
}

Error Connection::DeliverData(Stream& stream, wire::Bytes piece, bool ends_frame, Event* event) {
  const auto piece_bytes = static_cast<uint32_t>(piece.size());
  if (stream.content_bytes_left >= 0) {
    stream.content_bytes_left -= piece_bytes;
    if (stream.content_bytes_left < 0) {
      return StreamError(ErrorCode::kProtocolError, "more DATA than content-length");
    }
  }
  if (stream.user == nullptr) {
    CreditStream(stream, piece_bytes);
  } else {
    stream.unread_bytes += piece_bytes;
    unread_bytes_ += piece_bytes;
    event->data = piece;
    event->stream = &stream;
    if (piece_bytes > 0) event->kind = Event::Kind::kData;
  }
  CreditConnection();
  if (!ends_frame) return kNoFault;
  data_stream_ = nullptr;
  if (!reader_.header().has(flags::kEndStream)) return kNoFault;
  event->kind = Event::Kind::kData;
  return EndRemote(stream, event);
}

void Connection::ReturnCredit(Stream& stream, uint32_t bytes) {
  PENSTOCK_DCHECK(bytes <= stream.unread_bytes, "returns what was delivered");
  stream.unread_bytes -= bytes;
  unread_bytes_ -= bytes;
  CreditStream(stream, bytes);
  CreditConnection();
}

// Credit is told at half a window, so that it costs a frame per megabyte and not one per call.
void Connection::CreditStream(Stream& stream, uint32_t bytes) {
  stream.credit_bytes += bytes;
  const uint32_t worth_a_frame = std::max(limits_.stream_window_bytes / 2, 1u);
  if (stream.credit_bytes < worth_a_frame || stream.state.remote_ended()) return;
  WriteWindowUpdate(stream.id, stream.credit_bytes);
  (void)stream.receive_window.Grant(stream.credit_bytes);  // back to what it was at most
  stream.credit_bytes = 0;
}

void Connection::CreditConnection() {
  if (PENSTOCK_LIKELY(credit_bytes_ < ConnectionWindowBytes(limits_) / 2)) return;
  const uint32_t withheld = unread_bytes_ > limits_.connection_unread_bytes_max
                                ? unread_bytes_ - limits_.connection_unread_bytes_max
                                : 0;
  if (credit_bytes_ < withheld + ConnectionWindowBytes(limits_) / 2) return;
  const uint32_t bytes = credit_bytes_ - withheld;
  WriteWindowUpdate(0, bytes);
  (void)receive_window_.Grant(bytes);
  credit_bytes_ -= bytes;
}

// --- RST_STREAM, WINDOW_UPDATE, PRIORITY

Error Connection::ReceiveRstStream(Event* event) {
  const FrameHeader& frame = reader_.header();
  if (frame.stream_id == 0) {
    return ConnectionError(ErrorCode::kProtocolError, "RST_STREAM on stream 0");
  }
  if (frame.payload_bytes != 4) {
    return ConnectionError(ErrorCode::kFrameSizeError, "RST_STREAM is not 4 octets");
  }
  Stream* stream = streams_.Find(frame.stream_id);
  if (stream == nullptr) {
    if (!IsIdle(frame.stream_id)) return kNoFault;
    return ConnectionError(ErrorCode::kProtocolError, "RST_STREAM on an idle stream");
  }
  TellReset(*stream,
            {ErrorScope::kStream, Initiator::kPeer,
             static_cast<ErrorCode>(wire::LoadBig32(reader_.payload().data())), "RST_STREAM"},
            event);
  return kNoFault;
}

Error Connection::ReceiveWindowUpdate() {
  const FrameHeader& frame = reader_.header();
  if (frame.payload_bytes != 4) {
    return ConnectionError(ErrorCode::kFrameSizeError, "WINDOW_UPDATE is not 4 octets");
  }
  const uint32_t bytes = wire::LoadBig32(reader_.payload().data()) & kStreamIdMax;
  if (frame.stream_id == 0) {
    if (bytes == 0) {
      return ConnectionError(ErrorCode::kProtocolError, "WINDOW_UPDATE of 0");
    }
    if (send_window_.Grant(bytes)) return kNoFault;
    return ConnectionError(ErrorCode::kFlowControlError, "WINDOW_UPDATE beyond 2^31-1");
  }
  Stream* stream = streams_.Find(frame.stream_id);
  if (stream == nullptr) {
    if (!IsIdle(frame.stream_id)) return kNoFault;
    return ConnectionError(ErrorCode::kProtocolError, "WINDOW_UPDATE on an idle stream");
  }
  if (bytes == 0) return StreamError(ErrorCode::kProtocolError, "WINDOW_UPDATE of 0");
  if (!stream->send_window.Grant(bytes)) {
    return StreamError(ErrorCode::kFlowControlError, "WINDOW_UPDATE beyond 2^31-1");
  }
  if (!stream->queued.empty() && stream->send_window.available() > 0) scheduler_.Add(stream);
  return kNoFault;
}

// Checked, then ignored: RFC 9113 §5.3.2
Error Connection::ReceivePriority() {
  const FrameHeader& frame = reader_.header();
  if (frame.stream_id == 0) {
    return ConnectionError(ErrorCode::kProtocolError, "PRIORITY on stream 0");
  }
  Error error = kNoFault;
  if (frame.payload_bytes != kPriorityBytes) {
    error = StreamError(ErrorCode::kFrameSizeError, "PRIORITY is not 5 octets");
  } else if ((wire::LoadBig32(reader_.payload().data()) & kStreamIdMax) == frame.stream_id) {
    error = StreamError(ErrorCode::kProtocolError, "a stream that depends on itself");
  }
  // RST_STREAM must not be sent for an idle stream: RFC 9113 §5.1
  if (error && IsIdle(frame.stream_id)) error.scope = ErrorScope::kConnection;
  return error;
}

// --- The end of streams

// The peer broke a rule on the stream of the present frame: RST_STREAM, and the user is told.
PENSTOCK_COLD Event Connection::ResetForFault(const Error& error) {
  const uint32_t id = reader_.header().stream_id;
  WriteReset(id, error.code);
  data_stream_ = nullptr;
  Event event;
  if (Stream* stream = streams_.Find(id)) TellReset(*stream, error, &event);
  return event;
}

void Connection::TellReset(Stream& stream, const Error& error, Event* event) {
  stream.state.Reset();
  stream.queued.Clear();
  if (stream.user != nullptr) {
    event->kind = Event::Kind::kStreamReset;
    event->stream = &stream;
    event->error = error;
  }
  ReleaseAfterEvent(stream);
}

void Connection::ReleaseAfterEvent(Stream& stream) {
  if (stream.user == nullptr) return ReleaseStream(stream);
  release_next_ = &stream;
}

void Connection::ReleaseStream(Stream& stream) {
  if (data_stream_ == &stream) data_stream_ = nullptr;
  if (role_ == Role::kClient) --local_streams_count_;
  scheduler_.Remove(&stream);
  streams_.Remove(&stream);
  unread_bytes_ -= stream.unread_bytes;
  workspace_->streams.Delete(&stream);
  CreditConnection();  // what the stream left unread may have been withheld
}

// True as well for ids as low as those whose reset is forgotten: many resets in flight must not
// make an honest peer's frames a fault.
bool Connection::MayBeResetByUs(uint32_t id) const {
  return id <= reset_forgotten_id_ ||
         std::find(reset_ids_.begin(), reset_ids_.end(), id) != reset_ids_.end();
}

void Connection::RememberReset(uint32_t id) {
  uint32_t& slot = reset_ids_[resets_count_++ % kResetsRemembered];
  reset_forgotten_id_ = std::max(reset_forgotten_id_, slot);
  slot = id;
}

}  // namespace penstock::http2
