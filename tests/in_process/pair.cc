#include "penstock/tests/in_process/pair.h"

#include <algorithm>

#include "penstock/rpc/request_head.h"
#include "penstock/rpc/task.h"
#include "penstock/server/session.h"
#include "penstock/wire/check.h"
#include "penstock/wire/time.h"

#include "tests/client/echo.server.h"

namespace penstock::in_process {
namespace {

using test::client::Echo;
using test::client::Text;

constexpr Shape kShapes[] = {
    {.name = "small"},
    {.name = "metadata", .has_metadata = true},
    {.name = "deadline", .has_deadline = true},
    {.name = "coroutine", .is_coroutine = true},
    {.name = "1KiB", .text_bytes = 1024},
    {.name = "1KiB_gzip", .text_bytes = 1024, .calls_at_once = 4, .is_compressed = true},
    {.name = "64KiB", .text_bytes = 64 * 1024, .calls_at_once = 4},
};

// Time of a round: what waits for time to pass is looked at, and hardly ever comes.
constexpr TimeNs kRoundNs = 100 * kNsPerUs;
constexpr TimeNs kTimeoutNs = 10 * kNsPerSecond;
constexpr int kRoundsAtMost = 1000;

// Neither all the same nor noise.
std::string Words(size_t bytes) {
  constexpr std::string_view kWords[] = {"world", "penstock", "turbine", "pressure", "water"};
  std::string words;
  for (size_t i = 0; words.size() < bytes; ++i) {
    words.append(kWords[i * i % 5]).append(std::to_string(i % 97));
  }
  words.resize(bytes);
  return words;
}

Status Say(Call&, const Text& request, Text& reply) {
  reply.set_text(request.text());
  return OkStatus();
}

Task<StatusOr<Text>> SayLater(Call& call, const Text& request) {
  Text reply(&call.arena());
  reply.set_text(request.text());
  co_return reply;
}

void Open(reactor::Shard& shard) {
  std::string why;
  PENSTOCK_CHECK(shard.Open(&why), "a simulated shard opens");
  shard.Turn(0);
}

void AddMetadata(client::CallOptions& options) {
  const bool is_added =
      options.AddMetadata("traceparent",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") &&
      options.AddMetadata("x-request-id", "0123456789abcdef") &&
      options.AddMetadata("x-tenant", "one") &&
      options.AddMetadata("authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.");
  PENSTOCK_CHECK(is_added, "the metadata may be sent");
}

}  // namespace

std::span<const Shape> Shapes() { return kShapes; }

const Shape* FindShape(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kShapes), std::end(kShapes),
                                         [&](const Shape& shape) { return shape.name == name; });
  return found == std::end(kShapes) ? nullptr : found;
}

Pair::Pair(const Shape& shape)
    : shape_(shape),
      text_(Words(shape.text_bytes)),
      client_shard_({.simulation = &client_net_}),
      server_shard_({.simulation = &server_net_}) {
  Open(client_shard_);
  Open(server_shard_);
  Serve();
  if (shape.has_metadata) AddMetadata(call_options_);
  client::ChannelOptions options;
  if (shape.is_compressed) options.compression = "gzip";
  channel_.emplace(&client_shard_, "127.0.0.1:50051", options);
  echo_.emplace(&*channel_);
  channel_->Connect();
  for (int i = 0; i < shape.calls_at_once; ++i) CallOnAndOn();
}

void Pair::Serve() {
  if (shape_.is_coroutine) {
    registry_.Handle(Echo::Say, &SayLater);
  } else {
    registry_.Handle(Echo::Say, &Say);
  }
  if (shape_.is_compressed) server_options_.compression = "gzip";
  server::ShardState& state =
      server_state_.emplace(&server_shard_, &server_options_, &registry_);
  auto* link = new server::Session::Link(server_shard_, http2::Role::kServer,
                                         server_options_.http2, &state.workspace,
                                         rpc::MeaningOfRequests(&state.routes), &state);
  link->Attach(server_shard_.Adopt(-1, link));
}

Pair::~Pair() {
  is_over_ = true;
  for (int i = 0; callers_count_ > 0; ++i) {
    PENSTOCK_CHECK(i < kRoundsAtMost, "the calls under way end");
    Round();
  }
  echo_.reset();
  channel_.reset();
  for (reactor::Shard* shard : {&client_shard_, &server_shard_}) {
    shard->Stop();
    shard->Run();
  }
}

void Pair::CarryToServer() {
  client_net_.Advance(kRoundNs);
  server_net_.Advance(kRoundNs);
  const std::string octets = client_net_.newest().TakeRead();
  if (!octets.empty()) server_net_.newest().Write(octets);
}

void Pair::CarryToClient() {
  const std::string octets = server_net_.newest().TakeRead();
  if (!octets.empty()) client_net_.newest().Write(octets);
}

client::testing::RootCoroutine Pair::CallOnAndOn() {
  ++callers_count_;
  while (!is_over_) {
    client::Scope scope(&client_shard_);
    Text request(&scope.arena());
    request.set_text(text_);
    if (shape_.has_deadline) {
      call_options_.SetTimeout(kTimeoutNs + static_cast<TimeNs>(calls_count_) * kNsPerUs);
    }
    const StatusOr<Text> reply = co_await echo_->Say(scope, request, call_options_);
    PENSTOCK_CHECK(reply.ok() && reply->text().size() == text_.size(), "the call went well");
    ++calls_count_;
  }
  --callers_count_;
}

}  // namespace penstock::in_process
