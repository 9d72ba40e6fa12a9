// WorkerQueue: one direction of a stream between its shard and a worker: messages, serialised, each
// in memory of its own, which goes back to be used again.
//
//     producer  if (queue.has_room()) {
//                 WorkerMessage message = queue.NewMessage(bytes);   // fill message.octets
//                 if (queue.Push(&message)) Wake(consumer);
//               } else if (queue.AwaitRoom()) ... until the consumer wakes us
//     consumer  Popped<WorkerMessage> popped = queue.Pop();
//               if (popped.wake_producer) Wake(producer);
//               ... queue.GiveBack(&*popped.value);
//
// See reactor/stream_queue.h for how its ends wait for each other.
//
// Ownership: a message's octets are those of whoever holds it; those in the queue die with it.
// Threading: the producer's methods are one thread's, the consumer's too.
// Limits:    kMessagesMax messages, and kBytesMax octets and one message: at the bound the next one
//            still goes in. Of memory that comes back kMessagesMax pieces of at most kKeptBytesMax
//            are kept; with those a stream of small messages allocates nothing.
#ifndef PENSTOCK_SERVER_WORKER_QUEUE_H_
#define PENSTOCK_SERVER_WORKER_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "penstock/reactor/stream_queue.h"
#include "penstock/rpc/call_compression.h"
#include "penstock/wire/bytes.h"

namespace penstock::server {

struct WorkerMessage {
  enum class Kind : uint8_t {
    kMessage,
    kHead,  // what stands before the first message, ahead of it
    kEnd,   // behind the last one
  };

  wire::Bytes bytes() const { return {octets.get(), bytes_count}; }

  Kind kind = Kind::kMessage;
  std::unique_ptr<uint8_t[]> octets;
  size_t bytes_count = 0;
  size_t room_bytes = 0;
  rpc::CallCompression compression;  // of a response: as it was when the message was written
};

class WorkerQueue {
 public:
  static constexpr size_t kMessagesMax = 16;
  static constexpr size_t kBytesMax = 64 * 1024;
  static constexpr size_t kKeptBytesMax = 4096;

  // --- producer
  [[nodiscard]] bool has_room() {
    if (pending_count_ < kMessagesMax && pending_bytes_ < kBytesMax) return true;
    Recount();
    return pending_count_ < kMessagesMax && pending_bytes_ < kBytesMax;
  }
  // There was none. True: the consumer wakes us when it has taken something. False: it has.
  [[nodiscard]] bool AwaitRoom() { return filled_.AwaitRoom(pending_count_); }
  // With memory for `bytes`, which are to be written.
  WorkerMessage NewMessage(size_t bytes) {
    WorkerMessage message;
    if (auto emptied = emptied_.Pop().value) message = std::move(*emptied);
    message.kind = WorkerMessage::Kind::kMessage;
    message.bytes_count = bytes;
    if (message.room_bytes < bytes) {
      message.room_bytes = bytes;
      message.octets.reset(new uint8_t[bytes]);
    }
    return message;
  }
  // When there is room. True: the consumer waits, and is the caller's to wake.
  [[nodiscard]] bool Push(WorkerMessage* message) {
    bytes_of_[pushed_count_++ % kMessagesMax] = message->bytes_count;
    ++pending_count_;
    pending_bytes_ += message->bytes_count;
    return filled_.Push(message).wake_consumer;
  }

  // --- consumer
  [[nodiscard]] reactor::Popped<WorkerMessage> Pop() { return filled_.Pop(); }
  // There was nothing. True: the producer wakes us with the next message. False: it has come.
  [[nodiscard]] bool AwaitMessage() { return filled_.AwaitValue(); }
  // Its memory is not needed any more.
  void GiveBack(WorkerMessage* message) {
    const bool is_kept = message->room_bytes <= kKeptBytesMax && emptied_.Push(message).taken;
    if (!is_kept) message->octets.reset();
  }

 private:
  // Leaves out what the consumer has taken since it was counted last.
  void Recount() {
    for (const size_t count = filled_.CountPending(); pending_count_ > count; --pending_count_) {
      pending_bytes_ -= bytes_of_[(pushed_count_ - pending_count_) % kMessagesMax];
    }
  }

  reactor::StreamQueue<WorkerMessage, kMessagesMax> filled_;
  reactor::StreamQueue<WorkerMessage, kMessagesMax> emptied_;  // back to the producer
  // The producer's: what lies in `filled_`, or did when it was counted last.
  std::array<size_t, kMessagesMax> bytes_of_{};
  size_t pushed_count_ = 0;
  size_t pending_count_ = 0;
  size_t pending_bytes_ = 0;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_WORKER_QUEUE_H_
