// The server of gRPC's interoperability tests: grpc.testing.TestService.
//
// Spec: gRPC's interop-test-descriptions.md, "Server"
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/server/server_main.h"

#include "grpc/testing/test.server.h"

namespace {

using grpc::testing::Empty;
using grpc::testing::Payload;
using grpc::testing::ResponseParameters;
using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;
using grpc::testing::StreamingInputCallRequest;
using grpc::testing::StreamingInputCallResponse;
using grpc::testing::StreamingOutputCallRequest;
using grpc::testing::StreamingOutputCallResponse;
using penstock::Call;
using penstock::MakeStatus;
using penstock::Metadata;
using penstock::OkStatus;
using penstock::Reader;
using penstock::Sleep;
using penstock::Status;
using penstock::StatusCode;
using penstock::StatusOr;
using penstock::Task;
using penstock::Try;
using penstock::Writer;

constexpr std::string_view kEchoInitial = "x-grpc-test-echo-initial";
constexpr std::string_view kEchoTrailing = "x-grpc-test-echo-trailing-bin";
constexpr std::string_view kServerId = "penstock";
constexpr int32_t kPayloadBytesMax = 64 * 1024 * 1024;

// What the test "custom_metadata" sends comes back.
void EchoMetadata(Call& call) {
  for (const Metadata::Entry& entry : call.metadata()) {
    if (entry.key == kEchoInitial) (void)call.initial_metadata().Add(entry.key, entry.value);
    if (entry.key == kEchoTrailing) (void)call.trailing_metadata().Add(entry.key, entry.value);
  }
}

template <typename Request>
Status StatusAskedFor(const Request& request) {
  if (!request.has_response_status() || request.response_status().code() == 0) return OkStatus();
  const int32_t code = request.response_status().code();
  if (code < 0 || code > 16) {
    return MakeStatus(StatusCode::kInvalidArgument, "response_status.code is none of 0..16");
  }
  return MakeStatus(static_cast<StatusCode>(code), request.response_status().message());
}

Status Fill(int32_t size, Payload* payload) {
  if (size < 0 || size > kPayloadBytesMax) {
    return MakeStatus(StatusCode::kInvalidArgument, "a payload has 0 to 64 MiB");
  }
  payload->set_body(std::string(static_cast<size_t>(size), '\0'));
  return OkStatus();
}

// The responses that one request asks for, each after its interval.
Task<Status> Answer(Call& call, const StreamingOutputCallRequest& request,
                    Writer<StreamingOutputCallResponse>& out) {
  for (const ResponseParameters& wanted : request.response_parameters()) {
    if (wanted.interval_us() > 0) {
      co_await Try(co_await Sleep(call, wanted.interval_us() * penstock::kNsPerUs));
    }
    StreamingOutputCallResponse response;
    co_await Try(Fill(wanted.size(), response.mutable_payload()));
    co_await Try(co_await out.Write(response));
  }
  co_return OkStatus();
}

class TestService final : public grpc::testing::TestServiceHandlers<TestService> {
 public:
  Status EmptyCall(Call&, const Empty&, Empty&) { return OkStatus(); }

  Status UnaryCall(Call& call, const SimpleRequest& request, SimpleResponse& response) {
    EchoMetadata(call);
    if (Status status = StatusAskedFor(request); !status.ok()) return status;
    if (request.fill_server_id()) response.set_server_id(kServerId);
    return Fill(request.response_size(), response.mutable_payload());
  }

  Status CacheableUnaryCall(Call& call, const SimpleRequest& request,
                            SimpleResponse& response) {
    return UnaryCall(call, request, response);
  }

  Task<Status> StreamingOutputCall(Call& call, const StreamingOutputCallRequest& request,
                                   Writer<StreamingOutputCallResponse>& out) {
    EchoMetadata(call);
    co_await Try(StatusAskedFor(request));
    co_return co_await Answer(call, request, out);
  }

  Task<StatusOr<StreamingInputCallResponse>> StreamingInputCall(
      Call&, Reader<StreamingInputCallRequest>& in) {
    int32_t total_bytes = 0;
    while (const StreamingInputCallRequest* request = co_await Try(co_await in.Next())) {
      total_bytes += static_cast<int32_t>(request->payload().body().size());
    }
    StreamingInputCallResponse response;
    response.set_aggregated_payload_size(total_bytes);
    co_return response;
  }

  Task<Status> FullDuplexCall(Call& call, Reader<StreamingOutputCallRequest>& in,
                              Writer<StreamingOutputCallResponse>& out) {
    EchoMetadata(call);
    while (const StreamingOutputCallRequest* request = co_await Try(co_await in.Next())) {
      co_await Try(StatusAskedFor(*request));
      co_await Try(co_await Answer(call, *request, out));
    }
    co_return OkStatus();
  }

  // All requests first, then what they ask for.
  Task<Status> HalfDuplexCall(Call& call, Reader<StreamingOutputCallRequest>& in,
                              Writer<StreamingOutputCallResponse>& out) {
    std::vector<StreamingOutputCallRequest> requests;
    while (const StreamingOutputCallRequest* request = co_await Try(co_await in.Next())) {
      requests.push_back(*request);
    }
    for (const StreamingOutputCallRequest& request : requests) {
      co_await Try(co_await Answer(call, request, out));
    }
    co_return OkStatus();
  }

  Status UnimplementedCall(Call&, const Empty&, Empty&) {
    return MakeStatus(StatusCode::kUnimplemented, "not here, as its description wants it");
  }
};

}  // namespace

int main(int argc, char** argv) {
  return penstock::ServerMain(argc, argv, [](penstock::Server& server) {
    server.Add<TestService>();
  });
}
