#include "penstock/loadtest/request.h"

#include "penstock/loadtest/version.h"
#include "penstock/rpc/timeout.h"
#include "penstock/wire/check.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::loadtest {

// Spec: gRPC PROTOCOL-HTTP2, "Requests": the order of the reserved headers, then the user's.
Request::Request(const Options& options, const MethodOptions& method, std::string_view authority)
    : method_(method) {
  AddField(":method", "POST");
  AddField(":scheme", options.tls.enabled ? "https" : "http");
  AddField(":path", "/" + method.method);
  AddField(":authority", std::string(authority));
  AddField("te", "trailers");
  if (method.deadline_ns > 0) {
    char timeout[rpc::kTimeoutBytesMax];
    const size_t length = rpc::FormatTimeout(method.deadline_ns, timeout);
    AddField("grpc-timeout", std::string(timeout, length));
  }
  AddField("content-type", "application/grpc");
  AddField("user-agent", std::string(kUserAgent));
  for (const auto& [name, value] : method.metadata) {
    texts_.push_back(name);
    AddField(texts_.back(), value);
  }

  data_.resize(wire::kMessagePrefixBytes + method.message.size());
  uint8_t* message =
      wire::StoreMessagePrefix(data_.data(), {0, static_cast<uint32_t>(method.message.size())});
  const wire::Bytes bytes = wire::AsBytes(method.message);
  std::copy(bytes.begin(), bytes.end(), message);
}

void Request::AddField(std::string_view name, std::string value) {
  texts_.push_back(std::move(value));
  fields_.push_back({name, texts_.back()});
}

RequestList MakeRequests(const Options& options, std::string_view authority) {
  RequestList requests;
  for (size_t i = 0; i < options.methods_count(); ++i) {
    requests.emplace_back(options, options.method_at(i), authority);
  }
  return requests;
}

std::string MakePayload(size_t bytes) {
  PENSTOCK_CHECK(bytes != 1, "a message of one byte cannot be");
  if (bytes == 0) return "";
  // The tag, then the length in as many bytes as it takes; a length may be spelled longer than it
  // need be (129 bytes in all: two for a length of 126).
  size_t length_bytes = 1;
  while ((bytes - 1 - length_bytes) >> (7 * length_bytes) != 0) ++length_bytes;
  size_t length = bytes - 1 - length_bytes;
  std::string message = "\x0a";
  for (size_t i = 1; i <= length_bytes; ++i, length >>= 7) {
    message += static_cast<char>((length & 0x7f) | (i < length_bytes ? 0x80 : 0));
  }
  message.resize(bytes, 'x');
  return message;
}

}  // namespace penstock::loadtest
