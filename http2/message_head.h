// MessageHead: a header list judged by the rules of HTTP/2, with what HTTP itself needs from it.
//
// Spec: RFC 9113 §8.1.1 (malformed messages), §8.2, §8.3
#ifndef PENSTOCK_HTTP2_MESSAGE_HEAD_H_
#define PENSTOCK_HTTP2_MESSAGE_HEAD_H_

#include <cstdint>

#include "penstock/http2/hpack_field.h"
#include "penstock/http2/hpack_field_list.h"

namespace penstock::http2 {

// Ownership: points into the FieldList it was made from.
struct MessageHead {
  const HeaderField* method = nullptr;
  const HeaderField* scheme = nullptr;
  const HeaderField* path = nullptr;
  const HeaderField* authority = nullptr;
  const HeaderField* status = nullptr;
  int64_t content_bytes = -1;  // content-length; -1 without one
  uint16_t status_code = 0;    // responses: 100..999
  bool is_connect = false;     // requests: CONNECT
  bool has_priority = false;   // a `priority` field, one or several
};

// Each returns nullptr when the list is well-formed, else what is malformed: a stream error of type
// PROTOCOL_ERROR.
[[nodiscard]] const char* JudgeRequestHead(const FieldList& fields, MessageHead* head);
[[nodiscard]] const char* JudgeResponseHead(const FieldList& fields, MessageHead* head);
[[nodiscard]] const char* JudgeTrailers(const FieldList& fields);

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_MESSAGE_HEAD_H_
