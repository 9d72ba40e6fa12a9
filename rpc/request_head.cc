#include "penstock/rpc/request_head.h"

#include "penstock/rpc/timeout.h"
#include "penstock/wire/check.h"

namespace penstock::rpc {
namespace {

using http2::FieldName;

// The meanings of fields that are not pointers.
constexpr uint64_t kIsPost = 1;
constexpr uint64_t kIsText = 0;
constexpr uint64_t kIsBinary = 1;
constexpr uint64_t kIsKeptBack = 2;  // gRPC's own
constexpr uint64_t kMalformedTimeout = ~uint64_t{0};

uint64_t MeaningOf(void* context, FieldName token, std::string_view name, std::string_view value) {
  switch (token) {
    case FieldName::kMethod:
      return value == "POST" ? kIsPost : 0;
    case FieldName::kPath: {
      const auto* finder = static_cast<const RouteFinder*>(context);
      return reinterpret_cast<uintptr_t>(finder->find(finder->routes, value));
    }
    case FieldName::kContentType:
      return static_cast<uint64_t>(ParseContentType(value));
    case FieldName::kGrpcTimeout: {
      const auto timeout_ns = ParseTimeout(value);
      return timeout_ns ? static_cast<uint64_t>(*timeout_ns) : kMalformedTimeout;
    }
    case FieldName::kGrpcEncoding: {
      const Encodings* encodings = static_cast<const RouteFinder*>(context)->encodings;
      return static_cast<uint64_t>(encodings == nullptr ? Encodings().Find(value)
                                                        : encodings->Find(value));
    }
    case FieldName::kGrpcAcceptEncoding: {
      const Encodings* encodings = static_cast<const RouteFinder*>(context)->encodings;
      return encodings == nullptr ? 0 : encodings->ReadAccepted(value).bits();
    }
    case FieldName::kOther:
      return MeaningOfMetadata(name);
    default:
      return 0;
  }
}

// Neither HTTP's own nor what gRPC keeps from applications.
constexpr bool IsApplications(FieldName token) {
  return token == FieldName::kOther || token == FieldName::kUserAgent ||
         token == FieldName::kCookie;
}

void ReadTimeout(const http2::HeaderField& field, RequestHead* head) {
  if (field.meaning == kMalformedTimeout) {
    head->timeout_is_malformed = true;
  } else {
    head->timeout_ns = static_cast<TimeNs>(field.meaning);
  }
}

}  // namespace

http2::FieldClassifier MeaningOfRequests(const RouteFinder* finder) {
  return {&MeaningOf, const_cast<RouteFinder*>(finder)};
}

void ReadRequestHead(const http2::FieldList& fields, RequestHead* head) {
  for (uint32_t i = 0; i < fields.size(); ++i) {
    const http2::HeaderField& field = fields[i];
    switch (field.token) {
      case FieldName::kMethod:
        head->is_post = field.meaning == kIsPost;
        break;
      case FieldName::kPath:
        head->path = field.value;
        head->route = reinterpret_cast<const void*>(static_cast<uintptr_t>(field.meaning));
        break;
      case FieldName::kContentType:
        head->content_type = static_cast<ContentType>(field.meaning);
        if (PENSTOCK_UNLIKELY(head->content_type == ContentType::kGrpcOther)) {
          head->subtype = SubtypeOf(field.value);
        }
        break;
      case FieldName::kGrpcTimeout:
        ReadTimeout(field, head);
        break;
      case FieldName::kGrpcEncoding:
        head->encoding_name = field.value;
        head->encoding = static_cast<Encoding>(field.meaning);
        break;
      case FieldName::kGrpcAcceptEncoding:
        head->accepted.Add(EncodingSet(static_cast<uint32_t>(field.meaning)));
        break;
      default:
        if (!IsApplications(field.token)) break;
        if (head->metadata_end == 0) head->metadata_begin = i;
        head->metadata_end = i + 1;
        break;
    }
  }
}

uint64_t MeaningOfMetadata(std::string_view name) {
  if (name == "grpc-message-type" || name == "grpc-status-details-bin") return kIsKeptBack;
  return IsBinaryKey(name) ? kIsBinary : kIsText;
}

bool ReadMetadata(const http2::FieldList& fields, const RequestHead& head, Metadata* metadata) {
  return ReadMetadata(fields, head.metadata_begin, head.metadata_end, metadata);
}

bool ReadMetadata(const http2::FieldList& fields, uint32_t begin, uint32_t end,
                  Metadata* metadata) {
  for (uint32_t i = begin; i < end; ++i) {
    const http2::HeaderField& field = fields[i];
    if (!IsApplications(field.token)) continue;
    switch (field.meaning) {
      case kIsText:
        metadata->AddReceived(field.name, field.value);
        break;
      case kIsBinary:
        if (!metadata->AddReceivedBinary(field.name, field.value)) return false;
        break;
      default:
        break;
    }
  }
  return true;
}

}  // namespace penstock::rpc
