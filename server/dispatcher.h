// Dispatcher: from a request's head to its route, from a whole request to its handler, and from
// there to the answer. One per connection.
#ifndef PENSTOCK_SERVER_DISPATCHER_H_
#define PENSTOCK_SERVER_DISPATCHER_H_

#include "penstock/http2/connection.h"
#include "penstock/rpc/request_head.h"
#include "penstock/rpc/responder.h"
#include "penstock/server/connection_activity.h"
#include "penstock/server/server_call.h"
#include "penstock/server/shard_state.h"

namespace penstock::server {

class Dispatcher {
 public:
  Dispatcher(http2::Connection* connection, ShardState* state)
      : responder_(connection), state_(*state) {}

  enum class Verdict : uint8_t {
    kCall,      // it can go on
    kPlain,     // it is no RPC: the PlainDispatcher's
    kAnswered,  // refused, and the stream has its answer
  };

  // Spec: gRPC PROTOCOL-HTTP2 "Requests"; statuscodes.md
  [[nodiscard]] Verdict Judge(http2::Stream& stream, const rpc::RequestHead& head);

  // For a call of another content-subtype, which Judge() has let pass.
  void ChooseCodec(ServerCall& call, const rpc::RequestHead& head);

  // The request is whole and its handler a plain function: runs it and answers. The stream may be
  // gone afterwards.
  void Run(ServerCall& call);

  // Answers with a status alone. The stream may be gone afterwards.
  void Fail(ServerCall& call, const Status& status);

  // For coroutines, which answer when they please. After Reply() and Finish() the stream may be
  // gone.
  void Reply(ServerCall& call, const rpc::MessageWriter& reply);
  void SendHead(ServerCall& call);
  void SendMessage(ServerCall& call, const rpc::MessageWriter& message);
  // Behind the head and the messages.
  void Finish(ServerCall& call, const Status& status);

  // Metadata of which rpc::ReadMetadata() said that it is not good.
  void RefuseMetadata(http2::Stream& stream, const rpc::RequestHead& head);

  // A head past the limits of http2/limits.h.
  void RefuseHead(http2::Stream& stream);

  ConnectionActivity& activity() { return activity_; }

 private:
  class Exchange;

  bool CanRead(const rpc::RequestHead& head) const;
  Verdict RefuseSubtype(http2::Stream& stream, const rpc::RequestHead& head);
  Verdict JudgePlain(http2::Stream& stream, const rpc::RequestHead& head);
  Verdict Refuse(http2::Stream& stream, const rpc::RequestHead& head, StatusCode code,
                 std::string_view message);
  Verdict RefuseHttp(http2::Stream& stream, const rpc::RequestHead& head,
                     std::string_view http_status, StatusCode code, std::string_view message);
  static rpc::Responder::Answer AnswerOf(const ServerCall& call);
  // With what tells of encodings.
  static rpc::Responder::Answer EncodedAnswerOf(const ServerCall& call);
  void CountEnd(const ServerCall& call, const Status& status);
  void CountRefused(const rpc::RequestHead& head, StatusCode code);
  void ReplyEncoded(ServerCall& call, const rpc::MessageWriter& reply);

  rpc::Responder responder_;
  ShardState& state_;
  ConnectionActivity activity_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_DISPATCHER_H_
