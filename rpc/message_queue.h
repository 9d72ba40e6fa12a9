// MessageQueue: the messages of one stream that have arrived and that nobody has taken yet. It
// finds them in DATA, however that was cut, and copies each octet once: receive buffers go back.
//
//     if (queue.Append(data) != MessageQueue::Fault::kNone) ...   // answer with a status
//     while (!queue.empty()) Use(queue.Take());
//
// Messages lie behind each other in slabs, each behind its prefix as it travelled; one that does
// not fit a slab has a large block of its own, which grows with what has arrived.
//
// Limits:    a length above `message_bytes_max` is refused when its prefix is read. What is held of
//            whole messages is at most kMemoryFactor times their octets, whatever their sizes, and
//            kMemorySlabs slabs. A message under way that is larger than a slab has room for 16 KiB
//            or four times its octets, or, in a block that lay idle in the shard's stock, sixteen
//            times; an idle block may be twice as long as that. While it moves into a longer one it
//            has both. How many octets those are is flow control's matter: see inbox.h.
// Ownership: what Take() gave lives until the next Take() or LetGo().
// Spec:      gRPC PROTOCOL-HTTP2, "Length-Prefixed-Message"
#ifndef PENSTOCK_RPC_MESSAGE_QUEUE_H_
#define PENSTOCK_RPC_MESSAGE_QUEUE_H_

#include <cstddef>
#include <cstdint>

#include "penstock/wire/bytes.h"
#include "penstock/wire/message_prefix.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::rpc {

// Where the queues of a shard have their memory from.
struct MessageMemory {
  wire::SlabPool* slabs;
  uint64_t large_bytes = 0;  // of all queues, of the slabs' large(): for messages that fit no slab
};

class MessageQueue {
 public:
  static constexpr size_t kMemoryFactor = 2;
  static constexpr size_t kMemorySlabs = 4;

  // Why the stream is beyond repair. Every later Append() answers the same.
  enum class Fault : uint8_t {
    kNone,
    kBadFlag,     // neither 0 nor 1
    kCompressed,  // and AllowCompressed() was not called
    kTooLarge,    // length_bytes() exceeds the limit
  };

  MessageQueue(MessageMemory* memory, uint32_t message_bytes_max)
      : memory_(*memory), message_bytes_max_(message_bytes_max) {}
  ~MessageQueue();
  MessageQueue(const MessageQueue&) = delete;
  MessageQueue& operator=(const MessageQueue&) = delete;

  // Messages that are compressed are kept as they are, and count as long as they are.
  void AllowCompressed() { allows_compressed_ = true; }
  [[nodiscard]] Fault Append(wire::Bytes data);

  // Whole messages, and their octets with their prefixes.
  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }
  size_t bytes() const { return bytes_; }
  // The oldest, which leaves the queue. Not when it is empty.
  [[nodiscard]] wire::Bytes Take();
  // Behind what was taken last, in the same memory: whole messages, each behind its prefix. And
  // that `count` of them were taken there, of `bytes` octets.
  wire::Bytes next_in_memory() const {
    return {first_->data() + read_bytes_, first_->filled_bytes - read_bytes_};
  }
  void Skip(size_t count, size_t bytes) {
    read_bytes_ += static_cast<uint32_t>(bytes);
    count_ -= count;
    bytes_ -= bytes;
  }
  // What was taken last.
  bool taken_is_compressed() const { return taken_is_compressed_; }
  // What was taken last is not needed any more. With an empty queue no memory is held then, but for
  // a message under way.
  void LetGo();
  // Nobody will take the rest: all goes but what was taken last.
  void Drop();

  // Between messages: an end of the stream is clean.
  bool at_boundary() const { return prefix_filled_ == 0; }
  // What has arrived of the message under way, its prefix included.
  uint32_t under_way_bytes() const {
    return prefix_filled_ + (is_under_way() ? length_bytes_ - missing_bytes_ : 0);
  }
  // Of the message under way, or of the one that was refused.
  uint32_t length_bytes() const { return length_bytes_; }

  // All that it holds.
  size_t memory_bytes() const { return memory_bytes_; }

 private:
  // At the front of a slab's payload, or of a large block.
  struct Block {
    Block* next;
    uint32_t filled_bytes;  // with whole messages, and their prefixes
    uint32_t room_bytes;
    bool is_large;  // for one message

    uint8_t* data() { return reinterpret_cast<uint8_t*>(this + 1); }
  };

  bool is_under_way() const { return block_under_way_ != nullptr; }
  size_t AppendWhole(wire::Bytes data);
  Fault JudgePrefix();
  void BeginMessage(size_t next_bytes);
  void TakePiece(wire::Bytes* data);
  void FinishMessage();
  Block* NewSlabBlock();
  void GrowLarge(uint32_t needed_bytes);
  void Link(Block* block);
  void Free(Block* block);

  MessageMemory& memory_;
  const uint32_t message_bytes_max_;
  Fault fault_ = Fault::kNone;
  bool allows_compressed_ = false;
  bool taken_is_compressed_ = false;
  uint8_t prefix_filled_ = 0;
  uint8_t prefix_[wire::kMessagePrefixBytes];
  uint32_t length_bytes_ = 0;
  uint32_t missing_bytes_ = 0;  // of the message under way, once its prefix is whole
  uint32_t read_bytes_ = 0;     // of the first block, with what was taken last
  Block* first_ = nullptr;
  Block* last_ = nullptr;
  // The last, behind what fills it; or a large one, which is not linked yet.
  Block* block_under_way_ = nullptr;
  size_t count_ = 0;
  size_t bytes_ = 0;
  size_t memory_bytes_ = 0;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_MESSAGE_QUEUE_H_
