// Inbox: what a stream has received and its Reader has not read: a MessageQueue, whoever waits for
// it, and the credit of its octets. For both ends.
//
//     stream's DATA -> Receive() -> MessageQueue -> Take() -> Reader::Next()
//
// Credit follows the reader: the octets of a message are asked for anew when it has been taken; of
// small ones that lie here together, when kCreditBatchBytes of them have, or the last one. But
// nobody can take a message that is not whole: the one under way, while none waits before it, is
// credited as it arrives. So it may be larger than the stream's window, and many of them cannot
// use up the connection's window and all stand still.
//
// Small messages are laid out for the reader (message_source.h) as they lie in the queue, all but
// the last, with which all credit is returned. What was taken of them is settled with the queue
// before that changes at its front.
//
// Limits:    octets of a stream: http2::Limits::stream_window_bytes, and one message; of a
//            connection: connection_unread_bytes_max and connection_window_bytes, and one message
//            for each stream; of a shard: MessageMemory says. What they cost: message_queue.h.
// Ownership: the call's. The stream outlives Attach() until ForgetStream().
#ifndef PENSTOCK_RPC_INBOX_H_
#define PENSTOCK_RPC_INBOX_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "penstock/http2/connection.h"
#include "penstock/reactor/run_queue.h"
#include "penstock/reactor/socket.h"
#include "penstock/reactor/wait.h"
#include "penstock/rpc/decompression_budget.h"
#include "penstock/rpc/encodings.h"
#include "penstock/rpc/message_compressor.h"
#include "penstock/rpc/message_queue.h"
#include "penstock/rpc/message_source.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"
#include "penstock/wire/histogram.h"

namespace penstock::rpc {

class Inbox final : public MessageSource {
 public:
  using Fault = MessageQueue::Fault;

  // A reader that rests in the middle holds back less than this, and one message.
  static constexpr uint32_t kCreditBatchBytes = 4096;

  Inbox(MessageMemory* memory, uint32_t message_bytes_max)
      : queue_(memory, message_bytes_max),
        message_bytes_max_(message_bytes_max),
        plain_(memory->slabs),
        unpack_next_([](void* inbox) { static_cast<Inbox*>(inbox)->UnpackNext(); }, this) {}

  // --- Of the stream
  // Where its credit goes; `socket` is flushed for it.
  void Attach(http2::Connection* connection, http2::Stream* stream, reactor::Socket* socket) {
    connection_ = connection;
    stream_ = stream;
    socket_ = socket;
  }
  // Its head names an encoding. What is compressed waits so, and is decompressed when it is taken:
  // of what a window of octets may become, one message is held at a time, and a turn takes as many
  // as `budget` has room for. One that cannot be decompressed ends the stream for its reader.
  // Ownership: `compressor`, the shard's, `budget`, the connection's, and `name` outlive this.
  void Decompress(MessageCompressor* compressor, DecompressionBudget* budget, Encoding encoding,
                  std::string_view name);
  // Counts the messages that are taken, as long as they are then, in `sizes`, which outlives this;
  // laid-out ones behind that, in batches.
  void CountIn(wire::SizeHistogram* sizes) { sizes_ = sizes; }
  // DATA. A fault is answered by whoever calls: the reader learns nothing of it here.
  [[nodiscard]] Fault Receive(wire::Bytes data);
  // No more will come, and how it ended, behind the messages that lie here. The first one counts.
  void End(Status how);
  // The stream is gone, or about to go. What lies here can still be read.
  void ForgetStream() { stream_ = nullptr; }
  // Nobody will read: what lies here is dropped, and its credit goes back to the stream.
  void Drop();

  // An end of the stream would be clean.
  bool at_boundary() const { return queue_.at_boundary(); }
  // Of the message that was refused with kTooLarge.
  uint32_t length_bytes() const { return queue_.length_bytes(); }

  // --- MessageSource
  bool is_ready() const override {
    if (queue_.empty()) return ended_ || unpacked_bytes_ != 0;
    return PENSTOCK_LIKELY(compressor_ == nullptr) || unpacked_bytes_ != 0 || budget_->has_room();
  }
  bool Take(wire::Bytes* message) override;
  Status end_status() const override { return end_status_; }
  void WakeWhenReady(reactor::Wait& wait) override {
    Settle();
    queue_.LetGo();
    plain_.Reset();
    waits_.PushBack(wait);
    if (PENSTOCK_UNLIKELY(!queue_.empty())) budget_->WhenRoom(unpack_next_);
  }
  size_t queued_count() const override {
    return queue_.count() - laid_out_taken_count() + (unpacked_bytes_ != 0 ? 1 : 0);
  }
  size_t queued_bytes() const override {
    return queue_.bytes() - laid_out_taken_bytes() + unpacked_bytes_;
  }

 private:
  bool Count(const wire::Bytes& message) {
    if (PENSTOCK_LIKELY(sizes_ != nullptr)) sizes_->Count(message.size());
    return true;
  }
  void Wake() {
    while (reactor::Wait* wait = waits_.PopFront()) wait->Wake();
  }
  void WakeForMessage();
  void Settle() {
    if (lays_out()) SettleLaidOut();
  }
  void SettleLaidOut();
  void CountLaidOut(wire::Bytes taken);
  void LayOutNext();
  wire::Bytes TakePacked();
  bool Unpack(wire::Bytes* message);
  void UnpackNext();
  void CreditUnderWay();
  void ReturnCredit(size_t bytes);

  MessageQueue queue_;
  const uint32_t message_bytes_max_;
  Encoding encoding_ = Encoding::kIdentity;
  wire::SizeHistogram* sizes_ = nullptr;
  MessageCompressor* compressor_ = nullptr;
  DecompressionBudget* budget_ = nullptr;
  std::string_view encoding_name_;
  wire::Arena plain_;      // what was taken last, or will be next, if it was compressed
  wire::Bytes unpacked_;   // what will be taken next, out of the queue already, for whoever waits
  size_t unpacked_bytes_ = 0;  // of it, as it came, with its prefix; 0: there is none
  reactor::Runnable unpack_next_;
  http2::Connection* connection_ = nullptr;
  http2::Stream* stream_ = nullptr;
  reactor::Socket* socket_ = nullptr;
  // Of the message under way, or of the oldest whole one, which was under way then: returned.
  uint32_t credited_bytes_ = 0;
  uint32_t uncredited_bytes_ = 0;  // of messages that were taken: to be returned together
  bool ended_ = false;
  Status end_status_;
  reactor::WaitList waits_;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_INBOX_H_
