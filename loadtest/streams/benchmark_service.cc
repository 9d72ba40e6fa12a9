#include "penstock/loadtest/streams/benchmark_service.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace penstock::loadtest {
namespace {

using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;

constexpr int32_t kPayloadBytesMax = 4 * 1024 * 1024;

// The payload is made anew for each response, as the servers of other implementations do it: what
// is measured includes the filling. `body` is room that may be used again.
Status Answer(const SimpleRequest& request, std::string* body, SimpleResponse* response) {
  const int32_t body_bytes = request.response_size();
  if (body_bytes < 0 || body_bytes > kPayloadBytesMax) {
    return MakeStatus(StatusCode::kInvalidArgument, "response_size is " +
                                                        std::to_string(body_bytes) +
                                                        ", which is not between 0 and 4 MiB");
  }
  body->assign(static_cast<size_t>(body_bytes), '\0');
  response->mutable_payload()->set_body(*body);
  return OkStatus();
}

}  // namespace

Status BenchmarkService::UnaryCall(Call&, const SimpleRequest& request, SimpleResponse& response) {
  std::string body;
  return Answer(request, &body, &response);
}

Task<Status> BenchmarkService::StreamingCall(Call&, Reader<SimpleRequest>& in,
                                             Writer<SimpleResponse>& out) {
  SimpleResponse response;
  std::string body;
  while (const SimpleRequest* request = co_await Try(co_await in.Next())) {
    if (Status status = Answer(*request, &body, &response); !status.ok()) co_return status;
    co_await Try(co_await out.Write(response));
  }
  co_return OkStatus();
}

}  // namespace penstock::loadtest
