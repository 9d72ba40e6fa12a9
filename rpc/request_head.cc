#include "penstock/rpc/request_head.h"

#include "penstock/rpc/timeout.h"

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
    case FieldName::kOther:
      if (name == "grpc-message-type" || name == "grpc-status-details-bin") return kIsKeptBack;
      return IsBinaryKey(name) ? kIsBinary : kIsText;
    default:
      return 0;
  }
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

void ReadRequestHead(const http2::FieldList& fields, RequestHead* head, Metadata* metadata) {
  for (const http2::HeaderField& field : fields) {
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
        break;
      case FieldName::kGrpcTimeout:
        ReadTimeout(field, head);
        break;
      case FieldName::kGrpcEncoding:
        head->encoding = field.value;
        break;
      case FieldName::kOther:
        if (field.meaning == kIsText) {
          metadata->AddReceived(field.name, field.value);
        } else if (field.meaning == kIsBinary &&
                   !metadata->AddReceivedBinary(field.name, field.value)) {
          head->binary_is_malformed = true;
        }
        break;
      case FieldName::kUserAgent:
      case FieldName::kCookie:
        metadata->AddReceived(field.name, field.value);
        break;
      default:  // HTTP's own, and what gRPC keeps from applications
        break;
    }
  }
}

}  // namespace penstock::rpc
