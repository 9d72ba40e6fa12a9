// RequestHead: what the fields of a request mean to gRPC.
//
// Most of it is worked out once per dynamic-table entry and remembered there (the route of a
// `:path`, the duration of a grpc-timeout): MeaningOfRequests() is the classifier that HPACK asks,
// ReadRequestHead() collects its answers, and ReadMetadata() takes what belongs to the application.
//
// Spec: gRPC PROTOCOL-HTTP2, "Requests"
#ifndef PENSTOCK_RPC_REQUEST_HEAD_H_
#define PENSTOCK_RPC_REQUEST_HEAD_H_

#include <cstdint>
#include <string_view>

#include "penstock/http2/hpack_field.h"
#include "penstock/http2/hpack_field_list.h"
#include "penstock/rpc/content_type.h"
#include "penstock/rpc/encodings.h"
#include "penstock/rpc/metadata.h"
#include "penstock/wire/time.h"

namespace penstock::rpc {

// Who knows the routes, and the encodings. `find` returns null for an unknown path; without
// `encodings` every encoding is unknown.
struct RouteFinder {
  const void* (*find)(const void* routes, std::string_view path);
  const void* routes;
  const Encodings* encodings = nullptr;
};

// For http2::Connection. Ownership: `finder` outlives the connection.
http2::FieldClassifier MeaningOfRequests(const RouteFinder* finder);

struct RequestHead {
  const void* route = nullptr;  // what RouteFinder::find said of the path
  std::string_view path;        // valid as long as the fields
  std::string_view encoding_name;  // grpc-encoding; empty where there is none
  TimeNs timeout_ns = kTimeNever;
  std::string_view subtype;     // of kGrpcOther alone; empty for one that nobody can have
  EncodingSet accepted;         // grpc-accept-encoding, as far as it is known here
  Encoding encoding = Encoding::kIdentity;
  ContentType content_type = ContentType::kNotGrpc;
  bool is_post = false;
  bool timeout_is_malformed = false;
  // Where custom metadata stands among the fields: [begin, end), other fields between.
  uint32_t metadata_begin = 0;
  uint32_t metadata_end = 0;
};

// `head` is fresh. Its views live as long as the fields.
void ReadRequestHead(const http2::FieldList& fields, RequestHead* head);

// Copies the custom metadata, user-agent among it, into `metadata`; `head` is what was read of
// these fields. False when a "-bin" value is not base64, or has too many values.
[[nodiscard]] bool ReadMetadata(const http2::FieldList& fields, const RequestHead& head,
                                Metadata* metadata);

// The same for whoever knows otherwise where metadata stands, and what the field classifier answers
// of a field whose token is kOther.
[[nodiscard]] bool ReadMetadata(const http2::FieldList& fields, uint32_t begin, uint32_t end,
                                Metadata* metadata);
uint64_t MeaningOfMetadata(std::string_view name);

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_REQUEST_HEAD_H_
