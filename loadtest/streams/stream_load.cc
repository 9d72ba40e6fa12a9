#include "penstock/loadtest/streams/stream_load.h"

#include <cstddef>
#include <optional>
#include <string>

#include "penstock/client/stub.h"
#include "penstock/loadtest/process_cpu.h"
#include "penstock/rpc/channel.h"
#include "penstock/rpc/task_group.h"

#include "loadtest/streams/benchmark_service.client.h"

namespace penstock::loadtest {
namespace {

using grpc::testing::BenchmarkServiceClient;
using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;

using Stream = client::Duplex<SimpleRequest, SimpleResponse>;

// A request may be sent.
class Permit {};

// What the two ends of the load share.
struct Progress {
  explicit Progress(uint32_t in_flight) : permits(in_flight) {
    for (uint32_t i = 0; i < in_flight; ++i) (void)permits.TrySend(Permit());  // has the room
  }

  Channel<Permit> permits;
  uint64_t requests = 0;
  uint64_t responses = 0;
};

// The two ends of the measured time.
struct Sample {
  TimeNs at = 0;
  uint64_t responses = 0;
  ProcessSample server;
  ThreadSample client;
};

Status Take(CallScope& scope, const StreamLoad& load, uint64_t responses, Sample* sample) {
  sample->at = scope.now();
  sample->responses = responses;
  sample->client = SampleThisThread();
  std::string why;
  if (load.server_pid != 0 && !SampleProcess(load.server_pid, &sample->server, &why)) {
    return MakeStatus(StatusCode::kNotFound, why);
  }
  return OkStatus();
}

Status CheckSize(const SimpleResponse& response, const StreamLoad& load) {
  const size_t bytes = response.payload().body().size();
  if (bytes == load.payload_bytes) return OkStatus();
  return MakeStatus(StatusCode::kInternal, "a response has " + std::to_string(bytes) +
                                               " octets of payload, not " +
                                               std::to_string(load.payload_bytes));
}

// Ends when the permits do. Lives as long as the group; the others live longer.
Task<Status> SendRequests(CallScope& group, Stream& stream, const StreamLoad& load,
                          Progress& progress) {
  SimpleRequest request;
  request.set_response_size(static_cast<int32_t>(load.payload_bytes));
  request.mutable_payload()->set_body(std::string(load.payload_bytes, '\0'));
  // Named, here and below: GCC 12 crashed with unnamed temporaries in such conditions.
  while (const std::optional<Permit> permit =
             co_await Try(co_await progress.permits.Receive(group))) {
    co_await Try(co_await stream.Write(request));
    ++progress.requests;
  }
  stream.CloseWrites();
  co_return OkStatus();
}

// Takes responses until the time is over. That the stream ends is an error. The others live longer.
Task<Status> TakeResponses(CallScope& scope, Stream& stream, const StreamLoad& load, TimeNs until,
                           Progress& progress) {
  while (scope.now() < until) {
    const SimpleResponse* response = co_await Try(co_await stream.Next());
    if (response == nullptr) {
      co_return MakeStatus(StatusCode::kInternal, "the server ended the stream by itself");
    }
    if (Status status = CheckSize(*response, load); !status.ok()) co_return status;
    ++progress.responses;
    (void)progress.permits.TrySend(Permit());  // its own room, or nobody sends any more
  }
  co_return OkStatus();
}

// What is under way when the time is over. The others live longer.
Task<Status> DrainResponses(Stream& stream, const StreamLoad& load, Progress& progress) {
  progress.permits.Close();
  while (const SimpleResponse* response = co_await Try(co_await stream.Next())) {
    if (Status status = CheckSize(*response, load); !status.ok()) co_return status;
    ++progress.responses;
  }
  if (progress.responses != progress.requests) {
    co_return MakeStatus(StatusCode::kInternal,
                         std::to_string(progress.requests) + " requests were answered with " +
                             std::to_string(progress.responses) + " responses");
  }
  co_return OkStatus();
}

}  // namespace

Task<Status> LoadStream(CallScope& scope, client::Channel* channel, const StreamLoad& load,
                        StreamLoadResult* result) {
  const BenchmarkServiceClient service(channel);
  Stream stream = service.StreamingCall(scope);
  Progress progress(load.in_flight);
  // How the call ends is what Next() answers; whoever sends when it has ended is stopped.
  TaskGroup sending(scope);
  co_await Try(co_await sending.Start(SendRequests(sending, stream, load, progress)));
  const TimeNs begin_at = scope.now() + load.warmup_ns;
  co_await Try(co_await TakeResponses(scope, stream, load, begin_at, progress));
  Sample before;
  co_await Try(Take(scope, load, progress.responses, &before));
  const TimeNs end_at = before.at + load.duration_ns;
  co_await Try(co_await TakeResponses(scope, stream, load, end_at, progress));
  Sample after;
  co_await Try(Take(scope, load, progress.responses, &after));
  co_await Try(co_await DrainResponses(stream, load, progress));
  co_await Try(co_await sending.Join());
  result->messages = after.responses - before.responses;
  result->elapsed_ns = after.at - before.at;
  result->server_cpu_ns = UsageBetween(before.server, after.server).cpu_ns;
  result->client_cpu_ns = after.client.cpu_ns - before.client.cpu_ns;
  co_return OkStatus();
}

}  // namespace penstock::loadtest
