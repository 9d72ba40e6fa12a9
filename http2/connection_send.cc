// What the application sends: heads, DATA, trailers, resets, and the queues before closed windows.
#include <algorithm>
#include <array>
#include <cstring>

#include "penstock/http2/connection.h"
#include "penstock/wire/check.h"
#include "penstock/wire/endian.h"

namespace penstock::http2 {
namespace {

std::string_view MethodOf(std::span<const OutgoingField> fields) {
  for (const OutgoingField& field : fields) {
    if (field.name == ":method") return field.value;
  }
  return {};
}

constexpr size_t kPreparedFrameBytesMax = kFrameHeaderBytes + sizeof(PreparedBlock::bytes);
// So that a whole response fits one slab.
constexpr size_t kWholeDataBytesMax = 8 * 1024;

// A HEADERS frame; `target` has room for the largest. Returns its end.
uint8_t* StorePrepared(uint8_t* target, const PreparedBlock& block, uint8_t frame_flags,
                       uint32_t stream_id) {
  uint8_t* const payload =
      StoreFrameHeader(target, {block.size, FrameType::kHeaders,
                                static_cast<uint8_t>(frame_flags | flags::kEndHeaders), stream_id});
  std::memcpy(payload, block.bytes.data(), sizeof block.bytes);
  return payload + block.size;
}

constexpr uint8_t EndFlag(EndStream end) {
  return end == EndStream::kYes ? flags::kEndStream : uint8_t{0};
}

}  // namespace

// --- Heads and trailers

bool Connection::can_open_stream() const {
  return role_ == Role::kClient && !failed_ && !goaway_received_ &&
         local_next_id_ <= kStreamIdMax &&
         local_streams_count_ < peer_settings_.concurrent_streams_max;
}

Stream* Connection::OpenStream() {
  if (!can_open_stream()) return nullptr;
  Stream* stream = workspace_->streams.New(local_next_id_, peer_settings_.initial_window_bytes,
                                           StreamWindowBytes(), workspace_->slabs);
  local_next_id_ += 2;
  ++local_streams_count_;
  streams_.Insert(stream);
  meter_.OnStreamOpened();
  return stream;
}

void Connection::SendHead(Stream& stream, std::span<const OutgoingField> fields, EndStream end) {
  if (PENSTOCK_UNLIKELY(stream.state.local_ended()) && !OpenReserved(stream)) return;
  if (PENSTOCK_UNLIKELY(!WriteHeaderBlock(stream, EndFlag(end), fields, nullptr))) return;
  NoteHead(stream, fields);
  if (end == EndStream::kNo) return;
  if (role_ == Role::kServer) NoteControlFrame();
  EndLocal(stream);
}

void Connection::SendPreparedHead(Stream& stream, PreparedBlock& block,
                                  std::span<const OutgoingField> fields, EndStream end) {
  if (PENSTOCK_UNLIKELY(stream.state.local_ended()) && !OpenReserved(stream)) return;
  if (PENSTOCK_LIKELY(WritePrepared(stream, block, EndFlag(end)))) {
    NoteHead(stream, block);
  } else {
    if (!WriteHeaderBlock(stream, EndFlag(end), fields, &block)) return;
    NoteHead(stream, fields);
    block.is_head_request = stream.is_head_request;
    block.is_connect = stream.is_connect;
  }
  if (end == EndStream::kYes) EndLocal(stream);
}

// The head that a promised stream waits for; false when our half has ended.
PENSTOCK_COLD bool Connection::OpenReserved(Stream& stream) {
  if (!stream.state.reserved_local()) return false;
  stream.state.OpenLocal();
  return true;
}

void Connection::NoteHead(Stream& stream, std::span<const OutgoingField> fields) {
  if (role_ == Role::kServer) return;
  stream.head_sent = true;
  const std::string_view method = MethodOf(fields);
  stream.is_head_request = method == "HEAD";
  stream.is_connect = method == "CONNECT";
}

void Connection::NoteHead(Stream& stream, const PreparedBlock& head) {
  if (role_ == Role::kServer) return;
  stream.head_sent = true;
  stream.is_head_request = head.is_head_request;
  stream.is_connect = head.is_connect;
}

void Connection::SendTrailers(Stream& stream, std::span<const OutgoingField> fields) {
  if (stream.state.local_ended() || stream.end_queued) return;
  if (!stream.queued.empty()) {
    stream.queued_trailers = std::make_unique<QueuedTrailers>();
    for (const OutgoingField& field : fields) {
      stream.queued_trailers->push_back({std::string(field.name), std::string(field.value),
                                         field.indexing == IndexingPolicy::kNever});
    }
    stream.end_queued = true;
    return;
  }
  if (WriteHeaderBlock(stream, flags::kEndStream, fields, nullptr)) EndLocal(stream);
}

void Connection::SendPreparedTrailers(Stream& stream, PreparedBlock& block,
                                      std::span<const OutgoingField> fields) {
  if (PENSTOCK_UNLIKELY(!stream.queued.empty() || stream.state.local_ended())) {
    return SendTrailers(stream, fields);
  }
  if (PENSTOCK_UNLIKELY(!WritePrepared(stream, block, flags::kEndStream))) {
    if (!WriteHeaderBlock(stream, flags::kEndStream, fields, &block)) return;
  }
  EndLocal(stream);
}

bool Connection::WritePrepared(Stream& stream, const PreparedBlock& block, uint8_t frame_flags) {
  if (block.generation != encoder_.generation()) return false;
  uint8_t* frame = output_.Reserve(kPreparedFrameBytesMax);
  output_.Commit(static_cast<size_t>(StorePrepared(frame, block, frame_flags, stream.id) - frame));
  meter_.OnHeadSent();
  return true;
}

// False when the peer does not take so much: the stream is reset then.
bool Connection::WriteHeaderBlock(Stream& stream, uint8_t frame_flags,
                                  std::span<const OutgoingField> fields, PreparedBlock* keep) {
  meter_.OnHeadSent();
  size_t bound = HpackEncoder::kBlockBytesMax;
  for (const OutgoingField& field : fields) {
    bound += HpackEncoder::EncodedBytesMax(field.name.size(), field.value.size());
  }
  if (PENSTOCK_UNLIKELY(bound > head_bound_bytes_max_)) {
    return WriteLongHeaderBlock(stream, frame_flags, fields);
  }
  uint8_t* frame = output_.Reserve(kFrameHeaderBytes + bound);
  uint8_t* const block = frame + kFrameHeaderBytes;
  const uint64_t generation_before = encoder_.generation();
  uint8_t* end = encoder_.BeginBlock(block);
  for (const OutgoingField& field : fields) {
    end = encoder_.Encode(end, field.name, field.value, field.indexing);
  }
  const auto block_bytes = static_cast<uint32_t>(end - block);
  StoreFrameHeader(frame, {block_bytes, FrameType::kHeaders,
                           static_cast<uint8_t>(frame_flags | flags::kEndHeaders), stream.id});
  output_.Commit(kFrameHeaderBytes + block_bytes);
  if (keep != nullptr && generation_before == encoder_.generation() &&
      block_bytes <= sizeof keep->bytes) {
    keep->generation = generation_before;
    keep->size = static_cast<uint8_t>(block_bytes);
    std::memcpy(keep->bytes.data(), block, block_bytes);
  }
  return true;
}

// --- DATA

// What one DATA frame of `stream` may carry now. Every peer takes kFramePayloadBytesDefault.
size_t Connection::SendableBytes(const Stream& stream) const {
  const int64_t window = std::min(stream.send_window.available(), send_window_.available());
  if (window <= 0) return 0;
  return std::min<size_t>(static_cast<size_t>(window), kFramePayloadBytesDefault);
}

// Whether a DATA frame of `bytes` is not to wait for a window, for older DATA of the stream, or for
// other streams.
bool Connection::MaySendNow(const Stream& stream, size_t bytes) const {
  const auto window_bytes = static_cast<int64_t>(bytes);
  return bytes <= kFramePayloadBytesDefault && window_bytes <= stream.send_window.available() &&
         window_bytes <= send_window_.available() && stream.queued.empty() && scheduler_.empty() &&
         !stream.state.local_ended() && !output_is_full();
}

uint8_t* Connection::SendWhole(Stream& stream, const PreparedBlock& head, size_t bytes,
                               const PreparedBlock& trailers) {
  const uint64_t generation = encoder_.generation();
  if (PENSTOCK_UNLIKELY(head.generation != generation || trailers.generation != generation ||
                        bytes > kWholeDataBytesMax || !MaySendNow(stream, bytes))) {
    return nullptr;
  }
  uint8_t* const frames = output_.Reserve(2 * kPreparedFrameBytesMax + kFrameHeaderBytes + bytes);
  uint8_t* const data_frame = StorePrepared(frames, head, 0, stream.id);
  uint8_t* const data =
      StoreFrameHeader(data_frame, {static_cast<uint32_t>(bytes), FrameType::kData, 0, stream.id});
  uint8_t* const end = StorePrepared(data + bytes, trailers, flags::kEndStream, stream.id);
  output_.Commit(static_cast<size_t>(end - frames));
  stream.send_window.Spend(static_cast<int64_t>(bytes));
  send_window_.Spend(static_cast<int64_t>(bytes));
  meter_.OnDataSent();
  EndLocal(stream);
  return data;
}

uint8_t* Connection::SendWhole(Stream& stream, const PreparedBlock& head, size_t bytes) {
  if (PENSTOCK_UNLIKELY(head.generation != encoder_.generation() || bytes > kWholeDataBytesMax ||
                        !MaySendNow(stream, bytes))) {
    return nullptr;
  }
  uint8_t* const frames = output_.Reserve(kPreparedFrameBytesMax + kFrameHeaderBytes + bytes);
  uint8_t* const data_frame = StorePrepared(frames, head, 0, stream.id);
  uint8_t* const data = StoreFrameHeader(
      data_frame, {static_cast<uint32_t>(bytes), FrameType::kData, flags::kEndStream, stream.id});
  output_.Commit(static_cast<size_t>(data - frames) + bytes);
  meter_.OnHeadSent();
  NoteHead(stream, head);
  stream.send_window.Spend(static_cast<int64_t>(bytes));
  send_window_.Spend(static_cast<int64_t>(bytes));
  meter_.OnDataSent();
  EndLocal(stream);
  return data;
}

uint8_t* Connection::WriteData(Stream& stream, size_t bytes) {
  if (PENSTOCK_UNLIKELY(!MaySendNow(stream, bytes))) return nullptr;
  uint8_t* const frame = output_.Reserve(kFrameHeaderBytes + bytes);
  output_.Commit(kFrameHeaderBytes + bytes);
  stream.send_window.Spend(static_cast<int64_t>(bytes));
  send_window_.Spend(static_cast<int64_t>(bytes));
  meter_.OnDataSent();
  return StoreFrameHeader(frame, {static_cast<uint32_t>(bytes), FrameType::kData, 0, stream.id});
}

uint8_t* Connection::BeginData(Stream& stream, size_t bytes) {
  if (PENSTOCK_UNLIKELY(!MaySendNow(stream, bytes))) return nullptr;
  return output_.Reserve(kFrameHeaderBytes + bytes) + kFrameHeaderBytes;
}

void Connection::CommitData(Stream& stream, size_t bytes, EndStream end) {
  uint8_t* frame = output_.Reserve(kFrameHeaderBytes + bytes);  // the same room again
  StoreFrameHeader(frame,
                   {static_cast<uint32_t>(bytes), FrameType::kData, EndFlag(end), stream.id});
  output_.Commit(kFrameHeaderBytes + bytes);
  stream.send_window.Spend(static_cast<int64_t>(bytes));
  send_window_.Spend(static_cast<int64_t>(bytes));
  meter_.OnDataSent();
  if (end == EndStream::kYes) EndLocal(stream);
}

void Connection::WriteDataFrame(Stream& stream, wire::Bytes data, wire::LargeBlock* block,
                                EndStream end) {
  std::array<uint8_t, kFrameHeaderBytes> header;
  StoreFrameHeader(header.data(), {static_cast<uint32_t>(data.size()), FrameType::kData,
                                   EndFlag(end), stream.id});
  output_.AppendShared(header, data, block);
  stream.send_window.Spend(static_cast<int64_t>(data.size()));
  send_window_.Spend(static_cast<int64_t>(data.size()));
  meter_.OnDataSent();
}

void Connection::SendData(Stream& stream, wire::Bytes data, EndStream end) {
  SendShared(stream, data, nullptr, end);
}

void Connection::SendShared(Stream& stream, wire::Bytes data, wire::LargeBlock* block,
                            EndStream end) {
  if (stream.state.local_ended() || stream.end_queued) return;
  if (!stream.queued.empty()) return QueueData(stream, data, block, end);
  // Those who wait for the connection's window go first.
  while (!data.empty() && scheduler_.empty() && !output_is_full()) {
    const size_t piece = std::min(data.size(), SendableBytes(stream));
    if (piece == 0) break;
    const bool last = piece == data.size();
    WriteDataFrame(stream, data.first(piece), block, last ? end : EndStream::kNo);
    data = data.subspan(piece);
    if (!last) continue;
    if (end == EndStream::kYes) EndLocal(stream);
    return;
  }
  if (!data.empty()) return QueueData(stream, data, block, end);
  if (end == EndStream::kNo) return;
  WriteDataFrame(stream, {}, nullptr, end);  // an empty frame needs no window
  EndLocal(stream);
}

void Connection::QueueData(Stream& stream, wire::Bytes data, wire::LargeBlock* block,
                           EndStream end) {
  if (stream.stalled_since == kTimeNever) {
    stream.stalled_since = now_;
    stream.stalled_bytes_left = limits_.stalled_stream_bytes_min;
  }
  stream.queued.AppendShared({}, data, block);
  queued_bytes_ += data.size();
  stream.end_queued = end == EndStream::kYes;
  queued_expiry_ = std::min(queued_expiry_, stream.expires_at);
  if (stream.send_window.available() > 0) scheduler_.Add(&stream);
}

wire::OutputChain& Connection::NextOutput() {
  while (!scheduler_.empty() && !output_is_full() && send_window_.available() > 0) {
    SendQueued(*scheduler_.Next());
  }
  return output_;
}

// One frame of what the stream has queued, and its end if that was all.
void Connection::SendQueued(Stream& stream) {
  const size_t piece = std::min(stream.queued.size(), SendableBytes(stream));
  if (piece == 0) return scheduler_.Remove(&stream);  // SETTINGS have shrunk its window
  const bool last = piece == stream.queued.size();
  const bool ends = last && stream.end_queued && stream.queued_trailers == nullptr;
  std::array<uint8_t, kFrameHeaderBytes> header;
  StoreFrameHeader(header.data(), {static_cast<uint32_t>(piece), FrameType::kData,
                                   EndFlag(ends ? EndStream::kYes : EndStream::kNo), stream.id});
  output_.MoveFrom(stream.queued, piece, header);
  queued_bytes_ -= piece;
  stream.send_window.Spend(static_cast<int64_t>(piece));
  send_window_.Spend(static_cast<int64_t>(piece));
  meter_.OnDataSent();
  stream.stalled_bytes_left -=
      std::min<uint32_t>(stream.stalled_bytes_left, static_cast<uint32_t>(piece));
  if (last || stream.send_window.available() <= 0) scheduler_.Remove(&stream);
  if (!last) return;
  stream.stalled_since = kTimeNever;
  if (stream.queued_trailers != nullptr) return SendQueuedTrailers(stream);
  if (ends) EndLocal(stream);
}

void Connection::SendQueuedTrailers(Stream& stream) {
  std::vector<OutgoingField> fields;
  for (const QueuedField& field : *stream.queued_trailers) {
    fields.push_back({field.name, field.value,
                      field.is_secret ? IndexingPolicy::kNever : IndexingPolicy::kNoIndex});
  }
  if (WriteHeaderBlock(stream, flags::kEndStream, fields, nullptr)) EndLocal(stream);
}

// --- The end of our half

void Connection::EndLocal(Stream& stream) {
  stream.state.EndLocal();
  if (stream.reset_after_end && !stream.state.remote_ended()) {
    WriteReset(stream.id, ErrorCode::kNoError);
    stream.state.Reset();
  }
  if (stream.state.closed() && &stream != release_next_) ReleaseStream(stream);
}

void Connection::ResetAfterEnd(Stream& stream) {
  if (!stream.state.remote_ended()) stream.reset_after_end = true;
}

void Connection::SendReset(Stream& stream, ErrorCode code) {
  if (stream.state.closed()) return;
  // To the peer, a stream whose head was not sent is idle: it must not hear of it.
  if (role_ == Role::kServer || stream.head_sent) WriteReset(stream.id, code);
  stream.state.Reset();
  DropQueued(stream);
  ReleaseStream(stream);
}

}  // namespace penstock::http2
