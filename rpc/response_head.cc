#include "penstock/rpc/response_head.h"

#include <string>

#include "penstock/rpc/base64.h"
#include "penstock/rpc/percent.h"
#include "penstock/rpc/request_head.h"
#include "penstock/rpc/status_details.h"
#include "penstock/wire/check.h"

namespace penstock::rpc {
namespace {

using http2::FieldName;

constexpr uint64_t kMalformedStatus = 1'000;

// "0" to "16", without a leading zero. Spec: gRPC PROTOCOL-HTTP2, "Status"
uint64_t MeaningOfStatus(std::string_view text) {
  const bool is_short = text.size() == 1 || (text.size() == 2 && text[0] == '1');
  if (!is_short) return kMalformedStatus;
  uint64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return kMalformedStatus;
    number = number * 10 + static_cast<uint64_t>(c - '0');
  }
  return number <= static_cast<uint64_t>(StatusCode::kUnauthenticated) ? number : kMalformedStatus;
}

// Of a field whose token is kOther: none of MeaningOfMetadata()'s.
constexpr uint64_t kIsDetails = 1'001;

uint64_t MeaningOf(void*, FieldName token, std::string_view name, std::string_view value) {
  switch (token) {
    case FieldName::kContentType:
      return static_cast<uint64_t>(ParseContentType(value));
    case FieldName::kGrpcStatus:
      return MeaningOfStatus(value);
    case FieldName::kOther:
      return name == "grpc-status-details-bin" ? kIsDetails : MeaningOfMetadata(name);
    default:
      return 0;
  }
}

void ReadStatus(const http2::HeaderField& field, ResponseHead* head) {
  head->has_status = true;
  head->status_text = field.value;
  head->status_is_malformed = field.meaning == kMalformedStatus;
  head->status_code = head->status_is_malformed ? StatusCode::kUnknown
                                                : static_cast<StatusCode>(field.meaning);
}

}  // namespace

http2::FieldClassifier MeaningOfResponses() { return {&MeaningOf, nullptr}; }

void ReadResponseHead(const http2::FieldList& fields, ResponseHead* head) {
  for (uint32_t i = 0; i < fields.size(); ++i) {
    const http2::HeaderField& field = fields[i];
    switch (field.token) {
      case FieldName::kContentType:
        head->content_type = static_cast<ContentType>(field.meaning);
        head->content_type_text = field.value;
        break;
      case FieldName::kGrpcStatus:
        ReadStatus(field, head);
        break;
      case FieldName::kGrpcMessage:
        head->message = field.value;
        break;
      case FieldName::kGrpcEncoding:
        head->encoding = field.value;
        break;
      case FieldName::kOther:
        if (PENSTOCK_UNLIKELY(field.meaning == kIsDetails)) head->details = field.value;
        if (head->metadata_end == 0) head->metadata_begin = i;
        head->metadata_end = i + 1;
        break;
      default:
        break;
    }
  }
}

Status StatusOf(const ResponseHead& head) {
  Status status = MakeStatus(head.status_code, PercentDecode(head.message));
  if (head.details.empty() || status.ok()) return status;
  std::string octets(Base64DecodedBytesMax(head.details.size()), '\0');
  const char* const end = Base64Decode(head.details, octets.data());
  if (end == nullptr) return status;
  octets.resize(static_cast<size_t>(end - octets.data()));
  (void)TakeStatusDetails(octets, status);  // the status counts, with them or without
  return status;
}

bool ReadMetadata(const http2::FieldList& fields, const ResponseHead& head, Metadata* metadata) {
  return ReadMetadata(fields, head.metadata_begin, head.metadata_end, metadata);
}

}  // namespace penstock::rpc
