#include "penstock/tests/sim/work_server.h"

#include <algorithm>

#include "penstock/rpc/request_head.h"
#include "penstock/server/session.h"
#include "penstock/wire/check.h"

namespace penstock::test::sim {

using server::Session;
using server::ShardState;

WorkServer::WorkServer(const Plan* plan, reactor::SimNet* net,
                       std::vector<reactor::Shard*> shards, Findings* findings)
    : plan_(*plan),
      findings_(*findings),
      handlers_(findings),
      shards_(shards),
      placement_(std::move(shards)) {
  handlers_.Register(registry_, plan->interceptors_count);
  for (reactor::Shard* shard : shards_) {
    states_.push_back(std::make_unique<ShardState>(shard, &plan->server, &registry_));
  }
  listener_ = std::make_unique<reactor::Listener>(*shards_.front(), net->Listen(kWorkPort),
                                                  placement_, *this);
}

WorkServer::~WorkServer() = default;

reactor::SocketHandler* WorkServer::OnAccepted(reactor::Shard& shard, reactor::Socket& socket) {
  const auto found = std::find(shards_.begin(), shards_.end(), &shard);
  ShardState& state = *states_[static_cast<size_t>(found - shards_.begin())];
  auto* link = new Session::Link(shard, http2::Role::kServer, plan_.server.http2,
                                 &state.workspace, rpc::MeaningOfRequests(&state.routes), &state);
  link->Attach(socket);
  return link;
}

void WorkServer::CloseConnections() {
  PostToShards([](void* context, uint64_t) {
    static_cast<ShardState*>(context)->sessions.ForEach([](Session& session) {
      session.link().Close(http2::ErrorCode::kNoError, "the plan says so");
    });
  });
}

void WorkServer::DrainConnections() {
  PostToShards([](void* context, uint64_t) {
    static_cast<ShardState*>(context)->sessions.ForEach(
        [](Session& session) { session.Drain("the plan says so"); });
  });
}

void WorkServer::PostToShards(void (*run)(void* state, uint64_t)) {
  for (auto& state : states_) {
    findings_.Expect(state->shard.Post(run, state.get()), "the mailbox has room");
  }
}

void WorkServer::CheckCalls() {
  findings_.Expect(handlers_.at_work_count() == 0, "a handler has not ended");
  findings_.Expect(handlers_.intercepting_count() == 0, "an interceptor has not seen the end");
  for (auto& state : states_) {
    const server::ServerCounters& counters = state->counters;
    findings_.Expect(counters.calls_started == counters.calls_ok + counters.calls_failed +
                                                   counters.calls_cancelled,
                     "a call that started has not ended once");
    findings_.Expect(state->calls.lent_count() == 0, "a call outlives its stream");
    findings_.Expect(state->runs.lent_count() == 0, "a handler's run is not given back");
    findings_.Expect(state->inboxes.lent_count() == 0, "an inbox outlives its call");
    findings_.Expect(state->message_memory.large_bytes == 0, "a message outlives its inbox");
    findings_.Expect(state->workspace.streams.lent_count() == 0, "a stream is left at the server");
    findings_.Expect(state->leaving.empty(), "a session waits for handlers that have ended");
  }
}

void WorkServer::CheckEmpty() {
  CheckCalls();
  for (auto& state : states_) {
    findings_.Expect(state->sessions.empty(), "a session outlives its connection");
  }
}

}  // namespace penstock::test::sim
