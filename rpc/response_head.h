// ResponseHead: what the fields of a response's head, or of its trailers, mean to gRPC.
//
//     rpc::ResponseHead head;
//     rpc::ReadResponseHead(connection.fields(), &head);
//     if (head.has_status) ... head.status_code ... head.message ...
//
// MeaningOfResponses() is the classifier that HPACK asks, once per entry of its dynamic table.
//
// Spec: gRPC PROTOCOL-HTTP2, "Responses"
#ifndef PENSTOCK_RPC_RESPONSE_HEAD_H_
#define PENSTOCK_RPC_RESPONSE_HEAD_H_

#include <cstdint>
#include <string_view>

#include "penstock/http2/hpack_field.h"
#include "penstock/http2/hpack_field_list.h"
#include "penstock/rpc/content_type.h"
#include "penstock/rpc/metadata.h"
#include "penstock/rpc/status.h"

namespace penstock::rpc {

// For http2::Connection of a client.
http2::FieldClassifier MeaningOfResponses();

struct ResponseHead {
  // As it is spelt, and what it says to gRPC. Like `encoding` and `message` a view of the fields.
  std::string_view content_type_text;
  ContentType content_type = ContentType::kNotGrpc;
  std::string_view encoding;  // grpc-encoding; empty or "identity" for none
  std::string_view message;   // grpc-message, still percent-encoded
  std::string_view status_text;
  std::string_view details;  // grpc-status-details-bin, still in base64; empty without it
  // A grpc-status is there. What is no number from 0 to 16 counts as UNKNOWN.
  bool has_status = false;
  StatusCode status_code = StatusCode::kUnknown;
  bool status_is_malformed = false;
  // Where custom metadata stands among the fields: [begin, end), other fields between.
  uint32_t metadata_begin = 0;
  uint32_t metadata_end = 0;
};

// The status that the head says, its details with it where they are to be had: what is broken, or
// of another code, is left out. Spec: gRPC PROTOCOL-HTTP2, "Status-Message", "Status-Details"
Status StatusOf(const ResponseHead& head);

// `head` is fresh.
void ReadResponseHead(const http2::FieldList& fields, ResponseHead* head);

// Copies the custom metadata; `head` is what was read of these fields. False when a "-bin" value is
// not base64, or has too many values.
[[nodiscard]] bool ReadMetadata(const http2::FieldList& fields, const ResponseHead& head,
                                Metadata* metadata);

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_RESPONSE_HEAD_H_
