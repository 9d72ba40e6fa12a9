// Request: what every call of one method sends, made once: the header fields and the message with
// its prefix.
//
// Threading: immutable; the shards share one.
// Ownership: the options outlive it.
#ifndef PENSTOCK_LOADTEST_REQUEST_H_
#define PENSTOCK_LOADTEST_REQUEST_H_

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/http2/connection.h"
#include "penstock/loadtest/options.h"
#include "penstock/wire/bytes.h"

namespace penstock::loadtest {

class Request {
 public:
  // Of `method`, one of those of `options`.
  Request(const Options& options, const MethodOptions& method, std::string_view authority);
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  const MethodOptions& method() const { return method_; }
  std::span<const http2::OutgoingField> fields() const { return fields_; }
  wire::Bytes data() const { return data_; }

 private:
  void AddField(std::string_view name, std::string value);

  const MethodOptions& method_;
  std::deque<std::string> texts_;  // what the fields view; never moved
  std::vector<http2::OutgoingField> fields_;
  std::vector<uint8_t> data_;
};

// One of each method that the options have.
using RequestList = std::deque<Request>;
RequestList MakeRequests(const Options& options, std::string_view authority);

// The message of HelloRequest{name: "world"}, for helloworld.Greeter/SayHello.
inline constexpr std::string_view kHelloMessage = "\x0a\x05world";

// A message of exactly `bytes` that any schema accepts whose field 1 is a string, bytes, or not
// there: field 1, filled with 'x'. `bytes` is not 1: no message has that size.
std::string MakePayload(size_t bytes);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_REQUEST_H_
