// Responder: answers of gRPC, as HTTP/2 carries them.
//
//     HEADERS (:status, content-type, server)   DATA (prefix, message)   HEADERS (grpc-status, END)
//     HEADERS (:status, content-type, grpc-status, grpc-message, END)           "Trailers-Only"
//
// One per connection: it keeps the encoded form of the blocks that do not vary.
//
// Spec: gRPC PROTOCOL-HTTP2, "Responses"; for details of a status see status_details.h
#ifndef PENSTOCK_RPC_RESPONDER_H_
#define PENSTOCK_RPC_RESPONDER_H_

#include <string_view>

#include "penstock/http2/connection.h"
#include "penstock/rpc/content_type.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/metadata.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/slab_pool.h"
#include "penstock/wire/version.h"

namespace penstock::rpc {

// The `server` field of every response.
inline constexpr std::string_view kServerName = "penstock/" PENSTOCK_VERSION;

class Responder {
 public:
  explicit Responder(http2::Connection* connection) : connection_(*connection) {}

  // What varies from one answer to the next.
  struct Answer {
    ContentType content_type = ContentType::kGrpc;
    const Metadata* initial = nullptr;  // null or empty: none
    const Metadata* trailing = nullptr;
    std::string_view accepted = {};  // grpc-accept-encoding; empty: the peer need not know
    std::string_view subtype = {};   // of kGrpcOther: "json"; empty: the bare "application/grpc"
    std::string_view encoding = {};  // of messages that are compressed; empty: none is
  };

  // The whole response of a unary call that went well. The stream may be gone afterwards.
  // `arena` serves messages that have to wait.
  void SendUnary(http2::Stream& stream, const Answer& answer, const MessageWriter& message,
                 wire::Arena* arena);

  // A response in steps: the head, messages, and the trailers, after which the stream may be gone.
  // `scratch` serves messages that have to wait, and has all of it back when SendMessage() returns.
  void SendHead(http2::Stream& stream, const Answer& answer);
  void SendMessage(http2::Stream& stream, const MessageWriter& message, wire::SlabPool* scratch);
  void SendTrailers(http2::Stream& stream, const Answer& answer, const Status& status);

  // A response that is a status alone. The stream may be gone afterwards.
  // Limits: what the peer does not take as headers is left out, for a status shall arrive: its
  //         details first, then the metadata, then its message; the message says so.
  void SendStatus(http2::Stream& stream, const Answer& answer, const Status& status);

  // Not gRPC: an HTTP status and nothing else but what says that it is gRPC's answer.
  // Spec: gRPC PROTOCOL-HTTP2: 415 for foreign content-types
  void SendHttpStatus(http2::Stream& stream, std::string_view http_status, const Status& status);

 private:
  http2::PreparedBlock& HeadBlock(const Answer& answer) {
    return answer.content_type == ContentType::kGrpcProto ? head_proto_ : head_;
  }
  // Heads that are alike from one call to the next.
  static bool HeadIsUsual(const Answer& answer) {
    // One branch for three rarities.
    const size_t rarities = answer.encoding.size() + answer.accepted.size() +
                            (answer.content_type == ContentType::kGrpcOther ? 1 : 0);
    return rarities == 0 && (answer.initial == nullptr || answer.initial->empty());
  }
  void SendHeadWithEncoding(http2::Stream& stream, const Answer& answer);
  bool WriteNow(http2::Stream& stream, const MessageWriter& message);
  void SendWaitingMessage(http2::Stream& stream, const MessageWriter& message,
                          wire::Arena* scratch);
  void SendOkTrailers(http2::Stream& stream, const Answer& answer);
  void SendFittingTrailers(http2::Stream& stream, const Answer& answer, const Status& status);

  http2::Connection& connection_;
  http2::PreparedBlock head_;        // application/grpc
  http2::PreparedBlock head_proto_;  // application/grpc+proto
  http2::PreparedBlock ok_trailers_;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_RESPONDER_H_
