// MessageSource: where the messages of a Reader come from: the whole ones that a stream has
// received and that nobody has read yet.
//
// Threading: the call's shard. One Reader takes from it.
#ifndef PENSTOCK_RPC_MESSAGE_SOURCE_H_
#define PENSTOCK_RPC_MESSAGE_SOURCE_H_

#include <cstddef>

#include "penstock/reactor/wait.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/bytes.h"

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

 protected:
  ~MessageSource() = default;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_MESSAGE_SOURCE_H_
