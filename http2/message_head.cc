#include "penstock/http2/message_head.h"

#include "penstock/wire/check.h"

namespace penstock::http2 {
namespace {

// Decimal digits only, without overflow; false otherwise.
bool ParseContentLength(std::string_view text, int64_t* value) {
  if (text.empty() || text.size() > 18) return false;
  int64_t result = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    result = result * 10 + (c - '0');
  }
  *value = result;
  return true;
}

const char* TakeContentLength(const HeaderField& field, MessageHead* head) {
  int64_t value = 0;
  if (!ParseContentLength(field.value, &value)) return "content-length is not a number";
  if (head->content_bytes >= 0 && head->content_bytes != value) {
    return "two content-length fields that differ";
  }
  head->content_bytes = value;
  return nullptr;
}

// Fields that are not pseudo-header fields.
const char* TakeRegular(const HeaderField& field, MessageHead* head) {
  switch (field.token) {
    case FieldName::kInvalid:
      return "a field name or value with forbidden characters";
    case FieldName::kConnectionSpecific:
      return "a connection-specific field";
    case FieldName::kTe:
      return field.value == "trailers" ? nullptr : "te with another value than trailers";
    case FieldName::kContentLength:
      return TakeContentLength(field, head);
    case FieldName::kPriority:
      head->has_priority = true;
      return nullptr;
    default:
      return nullptr;
  }
}

const char* SetOnce(const HeaderField** slot, const HeaderField& field) {
  if (*slot != nullptr) return "a pseudo-header field twice";
  *slot = &field;
  return nullptr;
}

const char* TakeRequestPseudo(const HeaderField& field, MessageHead* head) {
  switch (field.token) {
    case FieldName::kMethod:
      return SetOnce(&head->method, field);
    case FieldName::kScheme:
      return SetOnce(&head->scheme, field);
    case FieldName::kPath:
      return SetOnce(&head->path, field);
    case FieldName::kAuthority:
      return SetOnce(&head->authority, field);
    default:
      return "a pseudo-header field that requests do not have";
  }
}

const char* TakeResponsePseudo(const HeaderField& field, MessageHead* head) {
  if (field.token != FieldName::kStatus) {
    return "a pseudo-header field that responses do not have";
  }
  return SetOnce(&head->status, field);
}

template <typename TakePseudo>
const char* Take(const FieldList& fields, TakePseudo take_pseudo, MessageHead* head) {
  bool regular_seen = false;
  for (const HeaderField& field : fields) {
    const char* fault = nullptr;
    if (IsPseudo(field.token)) {
      fault = regular_seen ? "a pseudo-header field after a regular one" : take_pseudo(field, head);
    } else {
      regular_seen = true;
      fault = TakeRegular(field, head);
    }
    if (PENSTOCK_UNLIKELY(fault != nullptr)) return fault;
  }
  return nullptr;
}

}  // namespace

const char* JudgeRequestHead(const FieldList& fields, MessageHead* head) {
  *head = {};
  const char* fault = Take(fields, TakeRequestPseudo, head);
  if (PENSTOCK_UNLIKELY(fault != nullptr)) return fault;
  if (head->method == nullptr || head->method->value.empty()) return ":method is missing";
  if (PENSTOCK_UNLIKELY(head->method->value == "CONNECT")) {
    // Spec: RFC 9113 §8.5
    head->is_connect = true;
    if (head->scheme != nullptr || head->path != nullptr) return "CONNECT with :scheme or :path";
    return head->authority == nullptr ? "CONNECT without :authority" : nullptr;
  }
  if (head->scheme == nullptr) return ":scheme is missing";
  if (head->path == nullptr) return ":path is missing";
  return head->path->value.empty() ? ":path is empty" : nullptr;
}

const char* JudgeResponseHead(const FieldList& fields, MessageHead* head) {
  *head = {};
  const char* fault = Take(fields, TakeResponsePseudo, head);
  if (fault != nullptr) return fault;
  if (head->status == nullptr) return ":status is missing";
  const std::string_view code = head->status->value;
  if (code.size() != 3) return ":status is not three digits";
  for (const char c : code) {
    if (c < '0' || c > '9') return ":status is not three digits";
  }
  head->status_code =
      static_cast<uint16_t>((code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0'));
  if (head->status_code == 101) return ":status 101, which HTTP/2 does not have";  // RFC 9113 §8.6
  return head->status_code < 100 ? ":status below 100" : nullptr;
}

const char* JudgeTrailers(const FieldList& fields) {
  MessageHead head;
  const auto refuse = [](const HeaderField&, MessageHead*) {
    return "a pseudo-header field in trailers";
  };
  return Take(fields, refuse, &head);
}

}  // namespace penstock::http2
