// DATA as it arrives, and credit in both directions.
#include <algorithm>

#include "penstock/http2/connection.h"
#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::http2 {

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
    if (data_bytes_left_ == 0 && !reader_.header().has(flags::kEndStream) &&
        !meter_.TakeEmptyFrame(limits_)) {
      return Trip(Limit::kEmptyFrames);
    }
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
  if (PENSTOCK_UNLIKELY(stream->state.remote_ended())) return ReceiveOnShutHalf(*stream, "DATA");
  if (!stream->head_received) {
    return StreamError(ErrorCode::kProtocolError, "DATA before the response's head");
  }
  // Our own SETTINGS may have made the window negative; an empty frame passes even then.
  if (frame.payload_bytes > 0 && frame.payload_bytes > stream->receive_window.available()) {
    return StreamError(ErrorCode::kFlowControlError, "DATA beyond the stream's window");
  }
  stream->receive_window.Spend(frame.payload_bytes);
  data_stream_ = stream;
  if (PENSTOCK_UNLIKELY(frame.payload_bytes < limits_.small_data_bytes) &&
      !frame.has(flags::kEndStream)) {
    return MeterSmallData(*stream);
  }
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
  const bool is_told = stream.user != nullptr;
  if (PENSTOCK_UNLIKELY(!is_told || limits_.automatic_credit)) {
    CreditStream(stream, piece_bytes);
  } else {
    stream.unread_bytes += piece_bytes;
    unread_bytes_ += piece_bytes;
  }
  if (PENSTOCK_LIKELY(is_told)) {
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

// What ReceiveData() does with a frame that has nothing unusual about it. What has, or exceeds a
// window, is left to that.
wire::Bytes Connection::TakePlainData(Stream& stream) {
  PENSTOCK_DCHECK(stream.user != nullptr && !stream.state.remote_ended(), "DATA may follow");
  if (PENSTOCK_UNLIKELY(stream.content_bytes_left >= 0 || limits_.automatic_credit || detour_)) {
    return {};
  }
  const wire::Bytes data = reader_.TakePlainData(
      std::min(stream.receive_window.available(), receive_window_.available()));
  const auto data_bytes = static_cast<uint32_t>(data.size());
  if (data_bytes == 0) return data;
  receive_window_.Spend(data_bytes);
  stream.receive_window.Spend(data_bytes);
  credit_bytes_ += data_bytes;
  stream.unread_bytes += data_bytes;
  unread_bytes_ += data_bytes;
  CreditConnection();
  return data;
}

void Connection::ReturnCredit(Stream& stream, uint32_t bytes) {
  PENSTOCK_DCHECK(bytes <= stream.unread_bytes, "returns what was delivered");
  stream.unread_bytes -= bytes;
  unread_bytes_ -= bytes;
  if (PENSTOCK_UNLIKELY(stream.small_data_debt != 0) && stream.unread_bytes == 0) {
    meter_.ReturnSmallData(&stream.small_data_debt);
  }
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

Error Connection::ReceiveWindowUpdate() {
  const FrameHeader& frame = reader_.header();
  if (frame.payload_bytes != 4) {
    return ConnectionError(ErrorCode::kFrameSizeError, "WINDOW_UPDATE is not 4 octets");
  }
  if (PENSTOCK_UNLIKELY(!meter_.TakeWindowUpdate(limits_))) return Trip(Limit::kWindowUpdates);
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
  if (PENSTOCK_UNLIKELY(stream->state.reserved_remote())) {
    return ReceiveOnShutHalf(*stream, "WINDOW_UPDATE");
  }
  if (bytes == 0) return StreamError(ErrorCode::kProtocolError, "WINDOW_UPDATE of 0");
  if (!stream->send_window.Grant(bytes)) {
    return StreamError(ErrorCode::kFlowControlError, "WINDOW_UPDATE beyond 2^31-1");
  }
  if (!stream->queued.empty() && stream->send_window.available() > 0) scheduler_.Add(stream);
  return kNoFault;
}

}  // namespace penstock::http2
