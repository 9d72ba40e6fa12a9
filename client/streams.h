// Download, Upload, Duplex: what a client's streaming methods return: calls that have begun.
//
//     Download<Feature> features = guide.ListFeatures(call, area);
//     while (const Feature* feature = co_await Try(co_await features.Next())) ...
//
//     Upload<Point, RouteSummary> upload = guide.RecordRoute(call);
//     for (const Point& point : points) co_await Try(co_await upload.Write(point));
//     StatusOr<RouteSummary> summary = co_await upload.Finish();
//
//     Duplex<Note, Note> chat = guide.RouteChat(call);
//     co_await Try(co_await chat.Write(note));
//     chat.CloseWrites();
//     while (const Note* note = co_await Try(co_await chat.Next())) ...
//
// Next() is that of rpc/reader.h: a message, null at the clean end, or the status that the call
// ended with, once all that came before it was read. Write() has encoded the message when it
// returns; the await suspends while the connection is not there yet, or the server is behind. It
// answers OK, the status of the call where that has ended, or CANCELLED where the server has
// answered with OK and will read no more: the answer is Finish()'s or Next()'s to tell.
//
// Ownership: they live where they are made, in a coroutine's frame; the parent outlives them. One
//            that goes before the call has ended cancels it: RST_STREAM(CANCEL).
// Limits:    ChannelOptions::stream_unsent_bytes_max, and one message that waits with its call.
#ifndef PENSTOCK_CLIENT_STREAMS_H_
#define PENSTOCK_CLIENT_STREAMS_H_

#include <coroutine>
#include <string_view>
#include <utility>

#include "penstock/client/call_options.h"
#include "penstock/client/channel_core.h"
#include "penstock/client/client_call.h"
#include "penstock/client/unary.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/metadata.h"
#include "penstock/rpc/notation.h"
#include "penstock/rpc/reader.h"
#include "penstock/rpc/status.h"

namespace penstock::client {

// What they have in common: the call.
class StreamingCall {
 public:
  StreamingCall(const StreamingCall&) = delete;
  StreamingCall& operator=(const StreamingCall&) = delete;

  // Of the response: the first once a message has come, the second once the call has ended.
  const Metadata& initial_metadata() const { return call_.initial_metadata(); }
  const Metadata& trailing_metadata() const { return call_.trailing_metadata(); }

  // Ends the call: RST_STREAM(CANCEL). Reads and writes that wait answer `why`.
  void Cancel(const Status& why = MakeStatus(StatusCode::kCancelled, "the call was cancelled")) {
    call_.core().Cancel(call_, why);
  }

 protected:
  StreamingCall(ChannelCore* core, CallScope* parent, std::string_view path,
                const CallOptions& options)
      : parent_(*parent), call_(core->NewCall(parent, path, options)) {}
  ~StreamingCall() { call_.core().Release(call_); }

  CallScope& parent_;
  ClientCall& call_;
};

// What Write() returns: awaits room for the next message. `written` is an error where this one
// could not be encoded.
class [[nodiscard]] WriteOperation final : public rpc::CallWait {
 public:
  WriteOperation(ClientCall* call, Status written)
      : CallWait(&call->caller()), call_(*call), written_(std::move(written)) {}

  bool await_ready() const {
    return cancelled() || call_.ended() || !written_.ok() || !call_.core().is_full(call_);
  }
  void await_suspend(std::coroutine_handle<> handle) {
    Suspend(handle);
    call_.core().WakeWhenNotFull(call_, *this);
  }
  [[nodiscard]] Status await_resume() {
    if (PENSTOCK_UNLIKELY(call_.ended())) return StatusAfterTheEnd();
    if (PENSTOCK_UNLIKELY(cancelled())) return call().cancel_status();
    return std::move(written_);
  }

 private:
  Status StatusAfterTheEnd() const {
    if (!call_.status().ok()) return call_.status();
    return MakeStatus(StatusCode::kCancelled, "the server has answered and reads no more");
  }

  ClientCall& call_;
  Status written_;
};

template <typename Request>
WriteOperation WriteRequest(ClientCall& call, const Request& request) {
  Status written = rpc::WriteMessage(call, request, [&call](const rpc::MessageWriter& writer) {
    call.core().Send(call, writer);
  });
  return WriteOperation(&call, std::move(written));
}

// One request, a stream of responses.
template <typename Response>
class [[nodiscard]] Download final : public StreamingCall {
 public:
  template <typename Request>
  Download(ChannelCore* core, CallScope* parent, std::string_view path, const Request& request,
           const CallOptions& options)
      : StreamingCall(core, parent, path, options),
        reader_(&call_, &StreamResponses(), &call_.caller()) {
    core->SetRequest(call_, rpc::MessageWriter(request));
    core->Start(call_);
  }

  // A StatusOr<const Response*>, or with a time a StatusOr<Arrival<Response>>: see Reader.
  auto Next() { return reader_.Next(); }
  auto Next(TimeNs timeout_ns) { return reader_.Next(timeout_ns); }
  // Messages that have come and were not read yet, and their octets.
  size_t queued_count() const { return reader_.queued_count(); }
  size_t queued_bytes() const { return reader_.queued_bytes(); }

 private:
  rpc::Inbox& StreamResponses() {
    call_.StreamResponses(&call_.core().messages(), call_.core().options().message_bytes_max);
    return call_.inbox();
  }

  Reader<Response> reader_;
};

// A stream of requests, one response.
template <typename Request, typename Response>
class [[nodiscard]] Upload final : public StreamingCall {
 public:
  Upload(ChannelCore* core, CallScope* parent, std::string_view path, const CallOptions& options)
      : StreamingCall(core, parent, path, options) {
    core->Start(call_);
  }

  WriteOperation Write(const Request& request) { return WriteRequest(call_, request); }
  // No more is written. Awaited it gives a StatusOr<Response>.
  ResponseOperation<Response> Finish() {
    call_.core().EndRequest(call_);
    return ResponseOperation<Response>(&parent_, &call_);
  }
};

// Streams both ways.
template <typename Request, typename Response>
class [[nodiscard]] Duplex final : public StreamingCall {
 public:
  Duplex(ChannelCore* core, CallScope* parent, std::string_view path, const CallOptions& options)
      : StreamingCall(core, parent, path, options),
        reader_(&call_, &StreamResponses(), &call_.caller()) {
    core->Start(call_);
  }

  WriteOperation Write(const Request& request) { return WriteRequest(call_, request); }
  // No more is written; the server hears of it. Idempotent.
  void CloseWrites() { call_.core().EndRequest(call_); }
  // As Download's.
  auto Next() { return reader_.Next(); }
  auto Next(TimeNs timeout_ns) { return reader_.Next(timeout_ns); }
  size_t queued_count() const { return reader_.queued_count(); }
  size_t queued_bytes() const { return reader_.queued_bytes(); }

 private:
  rpc::Inbox& StreamResponses() {
    call_.StreamResponses(&call_.core().messages(), call_.core().options().message_bytes_max);
    return call_.inbox();
  }

  Reader<Response> reader_;
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_STREAMS_H_
