#include "penstock/http2/frame_reader.h"

#include <algorithm>
#include <cstring>

#include "penstock/wire/check.h"

namespace penstock::http2 {
namespace {

bool IsPiecewise(FrameType type) {
  return type == FrameType::kData ||
         (type > FrameType::kContinuation && type != FrameType::kPriorityUpdate);
}

}  // namespace

FrameReader::Result FrameReader::Next() {
  if (PENSTOCK_UNLIKELY(tail_used_)) ReleaseTail();
  if (piece_bytes_left_ > 0) return NextPiece();
  if (PENSTOCK_UNLIKELY(tail_bytes_ > 0 || input_.size() < kFrameHeaderBytes)) {
    return NextFromTail();
  }
  header_ = LoadFrameHeader(input_.data());
  if (PENSTOCK_UNLIKELY(header_.payload_bytes > payload_bytes_max_)) return Result::kTooLarge;
  if (IsPiecewise(header_.type)) {
    input_ = input_.subspan(kFrameHeaderBytes);
    return BeginPieces();
  }
  const size_t frame_bytes = kFrameHeaderBytes + header_.payload_bytes;
  if (PENSTOCK_UNLIKELY(input_.size() < frame_bytes)) return NextFromTail();
  payload_ = input_.subspan(kFrameHeaderBytes, header_.payload_bytes);
  input_ = input_.subspan(frame_bytes);
  begins_frame_ = true;
  return Result::kFrame;
}

FrameReader::Result FrameReader::BeginPieces() {
  const size_t piece = std::min<size_t>(header_.payload_bytes, input_.size());
  payload_ = input_.first(piece);
  input_ = input_.subspan(piece);
  piece_bytes_left_ = header_.payload_bytes - static_cast<uint32_t>(piece);
  begins_frame_ = true;
  return Result::kFrame;
}

FrameReader::Result FrameReader::NextPiece() {
  if (input_.empty()) return Result::kNeedMore;
  const size_t piece = std::min<size_t>(piece_bytes_left_, input_.size());
  payload_ = input_.first(piece);
  input_ = input_.subspan(piece);
  piece_bytes_left_ -= static_cast<uint32_t>(piece);
  begins_frame_ = false;
  return Result::kFrame;
}

FrameReader::Result FrameReader::NextFromTail() {
  if (!FillTail(kFrameHeaderBytes)) return Result::kNeedMore;
  header_ = LoadFrameHeader(tail_->data());
  if (header_.payload_bytes > payload_bytes_max_) return Result::kTooLarge;
  if (IsPiecewise(header_.type)) {
    ReleaseTail();
    return BeginPieces();
  }
  const size_t frame_bytes = kFrameHeaderBytes + header_.payload_bytes;
  if (PENSTOCK_UNLIKELY(frame_bytes > pool_->payload_bytes())) return NextLarge(frame_bytes);
  if (!FillTail(frame_bytes)) return Result::kNeedMore;
  payload_ = {tail_->data() + kFrameHeaderBytes, header_.payload_bytes};
  begins_frame_ = true;
  tail_used_ = true;
  return Result::kFrame;
}

// Limits above a slab are for those who set frame_payload_bytes_max: no care for speed.
PENSTOCK_COLD FrameReader::Result FrameReader::NextLarge(size_t frame_bytes) {
  if (large_.empty()) large_.assign(tail_->data(), tail_->data() + tail_bytes_);
  const wire::Bytes piece = input_.first(std::min(frame_bytes - large_.size(), input_.size()));
  large_.insert(large_.end(), piece.begin(), piece.end());
  input_ = input_.subspan(piece.size());
  if (large_.size() < frame_bytes) return Result::kNeedMore;
  payload_ = wire::Bytes(large_).subspan(kFrameHeaderBytes);
  begins_frame_ = true;
  tail_used_ = true;
  return Result::kFrame;
}

// Moves input into the tail until it holds `wanted_bytes`; false when the input did not suffice.
bool FrameReader::FillTail(size_t wanted_bytes) {
  if (tail_bytes_ >= wanted_bytes) return true;
  if (input_.empty()) return false;
  if (tail_ == nullptr) {
    tail_ = pool_->Take();
    ++cut_frames_count_;
  }
  const size_t piece = std::min<size_t>(wanted_bytes - tail_bytes_, input_.size());
  std::memcpy(tail_->data() + tail_bytes_, input_.data(), piece);
  tail_bytes_ += static_cast<uint32_t>(piece);
  input_ = input_.subspan(piece);
  return tail_bytes_ == wanted_bytes;
}

void FrameReader::ReleaseTail() {
  if (tail_ != nullptr) pool_->Give(tail_);
  tail_ = nullptr;
  tail_bytes_ = 0;
  tail_used_ = false;
  if (!large_.empty()) large_ = {};
}

}  // namespace penstock::http2
