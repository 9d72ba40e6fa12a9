// Writer: the messages that a handler streams out.
//
//     Task<Status> ListFeatures(Call& call, const Rectangle& area, Writer<Feature>& out) {
//       for (const Feature& feature : features_) {
//         co_await Try(co_await out.Write(feature));
//       }
//       co_return OkStatus();
//     }
//
// Write() has encoded the message when it returns: the message may change before the await. The
// await suspends while the peer, or the socket, is behind, so that a handler writes as fast as its
// peer reads and no more lies unsent than ServerOptions::stream_unsent_bytes_max and one message.
// It answers OK, or why the call is over; what is written afterwards is dropped.
//
// Ownership: lives as long as the handler's task.
#ifndef PENSTOCK_RPC_WRITER_H_
#define PENSTOCK_RPC_WRITER_H_

#include <coroutine>
#include <utility>

#include "penstock/rpc/call.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/notation.h"
#include "penstock/rpc/status.h"

namespace penstock {
namespace rpc {

// Where a Writer's messages go.
class MessageSink {
 public:
  // Encodes it behind those before it. Dropped when the call is over. Returns is_full(), as it is
  // then.
  virtual bool Send(const MessageWriter& message) = 0;
  // Sends what stands before the first message, if it has not gone yet. The side that calls sent
  // it when the call began.
  virtual void SendHead() {}
  // More lies unsent than may, and the call is not over.
  virtual bool is_full() const = 0;
  // Woken once is_full() no longer holds.
  virtual void WakeWhenNotFull(reactor::Wait& wait) = 0;

 protected:
  ~MessageSink() = default;
};

// What Write() returns: awaits room for the next message. `written` is an error where this one
// could not be written in what the caller reads; `was_full`: there was none behind it.
class [[nodiscard]] WriteOperation final : public CallWait {
 public:
  WriteOperation(Call* call, MessageSink* sink, Status written, bool was_full)
      : CallWait(call), sink_(*sink), was_full_(was_full), written_(std::move(written)) {}

  // Who was full may have drained since Write(), and then nothing would wake this.
  bool await_ready() const {
    return !was_full_ || cancelled() || !written_.ok() || !sink_.is_full();
  }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    sink_.WakeWhenNotFull(*this);
  }
  [[nodiscard]] Status await_resume() {
    return cancelled() ? call().cancel_status() : std::move(written_);
  }

 private:
  MessageSink& sink_;
  const bool was_full_;
  Status written_;
};

}  // namespace rpc

template <typename Message>
class Writer {
 public:
  Writer(Call* call, rpc::MessageSink* sink) : call_(*call), sink_(*sink) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  rpc::WriteOperation Write(const Message& message) {
    bool is_full = false;
    Status written = rpc::WriteMessage(
        call_, message,
        [this, &is_full](const rpc::MessageWriter& writer) { is_full = sink_.Send(writer); });
    return rpc::WriteOperation(&call_, &sink_, std::move(written), is_full);
  }

  // The caller sees call.initial_metadata() now, and not with the first message, which may be long
  // in coming. Idempotent.
  void SendHead() { sink_.SendHead(); }

 private:
  Call& call_;
  rpc::MessageSink& sink_;
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_WRITER_H_
