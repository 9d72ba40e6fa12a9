#include "penstock/rpc/inbox.h"

#include "penstock/wire/check.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::rpc {

void Inbox::Decompress(MessageCompressor* compressor, Encoding encoding, std::string_view name) {
  compressor_ = compressor;
  encoding_ = encoding;
  encoding_name_ = name;
  queue_.AllowCompressed();
}

Inbox::Fault Inbox::Receive(wire::Bytes data) {
  connection_->ForgiveSmallData(*stream_);
  const Fault fault = queue_.Append(data);
  if (PENSTOCK_UNLIKELY(fault != Fault::kNone)) return fault;
  CreditUnderWay();
  if (!queue_.empty()) Wake();
  return Fault::kNone;
}

void Inbox::End(Status how) {
  if (ended_) return;
  ended_ = true;
  end_status_ = std::move(how);
  Wake();
}

bool Inbox::Take(wire::Bytes* message) {
  if (queue_.empty()) {
    PENSTOCK_DCHECK(ended_, "nothing is taken before it is ready");
    queue_.LetGo();
    return false;
  }
  *message = queue_.Take();
  ReturnCredit(wire::kMessagePrefixBytes + message->size() - credited_bytes_);
  credited_bytes_ = 0;
  CreditUnderWay();
  return PENSTOCK_LIKELY(!queue_.taken_is_compressed()) || Unpack(message);
}

PENSTOCK_COLD bool Inbox::Unpack(wire::Bytes* message) {
  plain_.Reset();
  const wire::DecompressResult result =
      compressor_->Decompress(encoding_, *message, message_bytes_max_, &plain_, message);
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
  queue_.Drop();
  credited_bytes_ = 0;
  if (stream_ != nullptr) ReturnCredit(stream_->unread_bytes);  // with what a fault left over
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
