#include "penstock/rpc/inbox.h"

#include <algorithm>

#include "penstock/wire/check.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::rpc {

void Inbox::Decompress(MessageCompressor* compressor, DecompressionBudget* budget,
                       Encoding encoding, std::string_view name) {
  compressor_ = compressor;
  budget_ = budget;
  encoding_ = encoding;
  encoding_name_ = name;
  queue_.AllowCompressed();
}

Inbox::Fault Inbox::Receive(wire::Bytes data) {
  connection_->ForgiveSmallData(*stream_);
  if (PENSTOCK_UNLIKELY(ended_)) {  // a message before it could not be decompressed
    ReturnCredit(stream_->unread_bytes);
    return Fault::kNone;
  }
  const Fault fault = queue_.Append(data);
  if (PENSTOCK_UNLIKELY(fault != Fault::kNone)) return fault;
  if (!at_boundary()) CreditUnderWay();
  if (!waits_.empty() && !queue_.empty()) WakeForMessage();
  return Fault::kNone;
}

// Who is woken takes a message, so it is decompressed first.
void Inbox::WakeForMessage() {
  if (PENSTOCK_LIKELY(compressor_ == nullptr)) return Wake();
  if (budget_->has_room()) return UnpackNext();
  budget_->WhenRoom(unpack_next_);
}

void Inbox::End(Status how) {
  if (ended_) return;
  ended_ = true;
  end_status_ = std::move(how);
  if (queue_.empty()) Wake();  // else whoever waits does so for a message
}

// One by one: nobody counts while they are taken.
void Inbox::CountLaidOut(wire::Bytes taken) {
  while (!taken.empty()) {
    const size_t length_bytes = wire::LoadMessagePrefix(taken.data()).length_bytes;
    sizes_->Count(length_bytes);
    taken = taken.subspan(wire::kMessagePrefixBytes + length_bytes);
  }
}

// What was taken of what is laid out is taken from the queue, and nothing is laid out.
void Inbox::SettleLaidOut() {
  const size_t bytes = laid_out_taken_bytes();
  if (PENSTOCK_LIKELY(sizes_ != nullptr)) CountLaidOut(queue_.next_in_memory().first(bytes));
  queue_.Skip(laid_out_taken_count(), bytes);
  uncredited_bytes_ += static_cast<uint32_t>(bytes);
  LayOut(nullptr, nullptr, 0);
}

// No more than is credited together, and not the last message, which returns all credit.
void Inbox::LayOutNext() {
  const wire::Bytes next = queue_.next_in_memory();
  LayOut(next.data(), next.data() + std::min<size_t>(next.size(), kCreditBatchBytes),
         queue_.count() - 1);
}

bool Inbox::Take(wire::Bytes* message) {
  Settle();
  if (PENSTOCK_UNLIKELY(unpacked_bytes_ != 0)) {
    unpacked_bytes_ = 0;
    *message = unpacked_;
    return Count(*message);
  }
  if (queue_.empty()) {
    PENSTOCK_DCHECK(ended_, "nothing is taken before it is ready");
    queue_.LetGo();
    return false;
  }
  *message = TakePacked();
  if (PENSTOCK_UNLIKELY(compressor_ != nullptr)) {
    if (queue_.taken_is_compressed() && !Unpack(message)) return false;
  } else if (queue_.count() > 1) {
    LayOutNext();
  }
  return Count(*message);
}

wire::Bytes Inbox::TakePacked() {
  const wire::Bytes message = queue_.Take();
  uncredited_bytes_ += static_cast<uint32_t>(wire::kMessagePrefixBytes + message.size()) -
                       credited_bytes_;
  credited_bytes_ = 0;
  if (queue_.empty() || uncredited_bytes_ >= kCreditBatchBytes) {
    ReturnCredit(std::exchange(uncredited_bytes_, 0));
    CreditUnderWay();
  }
  return message;
}

PENSTOCK_COLD void Inbox::UnpackNext() {
  if (queue_.empty() || unpacked_bytes_ != 0) return;  // it was dropped, or taken meanwhile
  unpacked_ = TakePacked();
  const size_t bytes = wire::kMessagePrefixBytes + unpacked_.size();
  if (!queue_.taken_is_compressed() || Unpack(&unpacked_)) unpacked_bytes_ = bytes;
  Wake();
}

PENSTOCK_COLD bool Inbox::Unpack(wire::Bytes* message) {
  plain_.Reset();
  const wire::DecompressResult result = compressor_->Decompress(
      encoding_, *message, message_bytes_max_, budget_, &plain_, message);
  if (PENSTOCK_LIKELY(result == wire::DecompressResult::kOk)) return true;
  if (result == wire::DecompressResult::kTooLarge && stream_ != nullptr) {
    connection_->CountTrip(http2::Limit::kMessageBytes);
  }
  // Whatever the end was to be.
  ended_ = true;
  end_status_ = MessageCompressor::StatusOf(result, encoding_name_, message_bytes_max_);
  Drop();
  return false;
}

void Inbox::Drop() {
  Settle();
  queue_.Drop();
  if (PENSTOCK_UNLIKELY(unpacked_bytes_ != 0)) {
    unpacked_bytes_ = 0;
    queue_.LetGo();
    plain_.Reset();
  }
  credited_bytes_ = uncredited_bytes_ = 0;
  if (stream_ != nullptr) ReturnCredit(stream_->unread_bytes);  // with what a fault left over
  if (ended_) Wake();
}

void Inbox::CreditUnderWay() {
  if (!queue_.empty()) return;
  ReturnCredit(queue_.under_way_bytes() - credited_bytes_);
  credited_bytes_ = queue_.under_way_bytes();
}

void Inbox::ReturnCredit(size_t bytes) {
  if (stream_ == nullptr || bytes == 0) return;
  connection_->ReturnCredit(*stream_, static_cast<uint32_t>(bytes));
  if (connection_->has_output()) socket_->MarkDirty();
}

}  // namespace penstock::rpc
