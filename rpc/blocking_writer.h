// BlockingWriter: the messages that a handler on a worker thread (RunOn::kWorkers) streams out.
//
//     Status ListFeatures(Call& call, const Rectangle& area, BlockingWriter<Feature>& out) {
//       for (const Feature& feature : features_) {
//         if (Status status = out.Write(feature); !status.ok()) return status;
//       }
//       return OkStatus();
//     }
//
// Write() has encoded the message when it returns: the same one serves for the next. It waits while
// the peer, or the socket, is behind. It answers OK, or why the call is over, CANCELLED or
// DEADLINE_EXCEEDED, while it waits, too; what is written afterwards is dropped.
//
// Ownership: lives until the handler returns.
// Threading: the worker's that runs the handler.
// Limits:    what lies unsent: ServerOptions::stream_unsent_bytes_max and one message, and what
//            server/worker_queue.h says.
#ifndef PENSTOCK_RPC_BLOCKING_WRITER_H_
#define PENSTOCK_RPC_BLOCKING_WRITER_H_

#include "penstock/rpc/call.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/notation.h"
#include "penstock/rpc/status.h"

namespace penstock {
namespace rpc {

// Where a BlockingWriter's messages go.
class BlockingSink {
 public:
  // Waits for room, and encodes it behind those before it; or why the call is over.
  [[nodiscard]] virtual Status Send(const MessageWriter& message) = 0;
  // Sends what stands before the first message, if it has not gone yet.
  virtual void SendHead() = 0;

 protected:
  ~BlockingSink() = default;
};

}  // namespace rpc

template <typename Message>
class BlockingWriter {
 public:
  BlockingWriter(Call* call, rpc::BlockingSink* sink) : call_(*call), sink_(*sink) {}
  BlockingWriter(const BlockingWriter&) = delete;
  BlockingWriter& operator=(const BlockingWriter&) = delete;

  [[nodiscard]] Status Write(const Message& message) {
    Status sent;
    Status written = rpc::WriteMessage(
        call_, message, [&](const rpc::MessageWriter& writer) { sent = sink_.Send(writer); });
    return written.ok() ? sent : written;
  }

  // The caller sees call.initial_metadata() now, and not with the first message, which may be long
  // in coming. Idempotent.
  void SendHead() { sink_.SendHead(); }

 private:
  Call& call_;
  rpc::BlockingSink& sink_;
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_BLOCKING_WRITER_H_
