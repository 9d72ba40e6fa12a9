// MessageSource: where the messages of a Reader come from: the whole ones that a stream has
// received and that nobody has read yet.
//
// Threading: the call's shard. One Reader takes from it.
#ifndef PENSTOCK_RPC_MESSAGE_SOURCE_H_
#define PENSTOCK_RPC_MESSAGE_SOURCE_H_

#include <cstddef>
#include <cstdint>

#include "penstock/reactor/wait.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::rpc {

class MessageSource {
 public:
  // A message lies here, or no more will come.
  virtual bool is_ready() const = 0;
  // When it is ready: true and the oldest message, serialised, whose octets stay until the next
  // Take() or WakeWhenReady(). False behind the last one, from then on: end_status() says how it
  // ended.
  [[nodiscard]] virtual bool Take(wire::Bytes* message) = 0;
  // OK: the peer has sent all it wanted to.
  virtual Status end_status() const = 0;
  // Woken once is_ready() holds. What was taken last is let go.
  virtual void WakeWhenReady(reactor::Wait& wait) = 0;

  // Whole messages that were not taken yet, and their octets with their prefixes of five.
  virtual size_t queued_count() const = 0;
  virtual size_t queued_bytes() const = 0;

  // Take() without its virtual call, for a message that the source has laid out. False: is_ready()
  // and Take() know of the next one.
  // Bench: Stream/small in server/handler_bench.cc, from 923 to 847 instructions a message.
  bool has_laid_out() const { return next_ < laid_out_end_ && laid_out_left_count_ != 0; }
  [[nodiscard]] bool TakeLaidOut(wire::Bytes* message) {
    if (!has_laid_out()) return false;
    const size_t length_bytes = wire::LoadMessagePrefix(next_).length_bytes;
    *message = {next_ + wire::kMessagePrefixBytes, length_bytes};
    next_ += wire::kMessagePrefixBytes + length_bytes;
    --laid_out_left_count_;
    return true;
  }

 protected:
  ~MessageSource() = default;

  // Plain messages behind each other, each behind its prefix: those that begin before `end`, and
  // not more than `count` of them. What was laid out before is no more.
  void LayOut(const uint8_t* messages, const uint8_t* end, size_t count) {
    laid_out_ = next_ = messages;
    laid_out_end_ = end;
    laid_out_count_ = laid_out_left_count_ = count;
  }
  bool lays_out() const { return laid_out_count_ != 0; }
  // Of what is laid out: messages that were taken, and their octets with their prefixes.
  size_t laid_out_taken_count() const { return laid_out_count_ - laid_out_left_count_; }
  size_t laid_out_taken_bytes() const { return static_cast<size_t>(next_ - laid_out_); }

 private:
  const uint8_t* laid_out_ = nullptr;
  const uint8_t* next_ = nullptr;
  const uint8_t* laid_out_end_ = nullptr;
  size_t laid_out_count_ = 0;
  size_t laid_out_left_count_ = 0;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_MESSAGE_SOURCE_H_
