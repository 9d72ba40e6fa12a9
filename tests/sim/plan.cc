#include "penstock/tests/sim/plan.h"

#include <algorithm>
#include <utility>

namespace penstock::test::sim {
namespace {

using reactor::IoMode;
using reactor::SimFaults;
using reactor::SimRandom;

constexpr TimeNs kCallsWithinNs = 3 * kNsPerSecond;
constexpr TimeNs kFaultsEndNsMax = 5 * kNsPerSecond;

// The net has a sequence of its own.
constexpr uint64_t kPlanSalt = 0x706c616e;

constexpr std::array<uint32_t, 6> kWindows = {1, 100, 5'000, 65'535, 200'000, 1024 * 1024};
constexpr std::array<uint32_t, 7> kPieceBytes = {0, 10, 100, 1'000, 1'000, 20'000, 100'000};
constexpr uint32_t kPieceWindowsMax = 50;
constexpr uint32_t kPiecesMaxOfTight = 20;
constexpr std::array<const char*, 3> kEncodings = {"gzip", "deflate", "zstd"};

uint32_t Below(SimRandom& random, uint64_t bound) {
  return static_cast<uint32_t>(random.Below(bound));
}

// Half of the runs have none of one kind, so that the others are seen alone.
uint32_t Often(SimRandom& random, uint32_t per_mille_max) {
  return random.Chance(500) ? 0 : 1 + Below(random, per_mille_max);
}

SimFaults MakeFaults(SimRandom& random) {
  SimFaults faults;
  faults.short_send = Often(random, 900);
  faults.short_receive = Often(random, 900);
  faults.no_buffer = Often(random, 500);
  faults.late_send = Often(random, 500);
  faults.refused_connect = Often(random, 300);
  faults.lost_connect = Often(random, 100);
  faults.accept_error = Often(random, 300);
  faults.reset = Often(random, 20);
  faults.end_half = Often(random, 5);
  faults.stall = Often(random, 20);
  const bool stalls_long = random.Chance(200);
  faults.stall_ns_max = stalls_long ? 100 * kNsPerSecond : random.Between(1, 2 * kNsPerSecond);
  faults.delay_ns_max = random.Chance(300) ? 0 : random.Between(0, 20 * kNsPerMs);
  constexpr std::array<size_t, 4> kRooms = {20, 500, 10'000, 256 * 1024};
  faults.room_bytes = random.OneOf(kRooms);
  return faults;
}

void TightenHttp2(SimRandom& random, http2::Limits* limits) {
  if (random.Chance(600)) limits->stream_window_bytes = random.OneOf(kWindows);
  if (random.Chance(500)) limits->connection_window_bytes = 65'535;
  if (random.Chance(300)) limits->connection_unread_bytes_max = Below(random, 100'000);
  if (random.Chance(300)) limits->output_bytes_max = 1'000 + Below(random, 50'000);
  if (random.Chance(300)) limits->decoder_table_bytes = Below(random, 4'096);
}

void TightenServer(SimRandom& random, ServerOptions* server) {
  TightenHttp2(random, &server->http2);
  if (random.Chance(300)) server->http2.concurrent_streams_max = 1 + Below(random, 10);
  if (random.Chance(300)) {
    server->running_handlers_max = 1 + Below(random, 10);
    server->waiting_handlers_factor = 100;  // who waits is the subject, not who is thrown out
  }
  if (random.Chance(300)) server->stream_unsent_bytes_max = Below(random, 50'000);
  if (random.Chance(300)) server->receive_bytes_per_turn_max = 1 + Below(random, 10'000);
  if (random.Chance(200)) server->compression = random.OneOf(kEncodings);
}

void TightenChannel(SimRandom& random, client::ChannelOptions* channel) {
  TightenHttp2(random, &channel->http2);
  channel->connections = random.Chance(300) ? 2 : 1;
  if (random.Chance(200)) channel->waiting_calls_max = 1 + Below(random, 10);
  if (random.Chance(300)) channel->stream_unsent_bytes_max = Below(random, 50'000);
  if (random.Chance(300)) channel->http2.streams_before_settings_max = 1 + Below(random, 10);
  if (random.Chance(200)) {
    channel->connect_timeout_ns = random.Between(100 * kNsPerMs, kNsPerSecond);
  }
  channel->backoff_initial_ns = random.Between(kNsPerMs, kNsPerSecond);
  channel->backoff_max_ns = 2 * kNsPerSecond;
}

void AddWhim(SimRandom& random, CallPlan* call) {
  constexpr std::array kWhims = {Whim::kRest, Whim::kRest, Whim::kCancel, Whim::kDrop};
  call->whim = random.OneOf(kWhims);
  call->whim_at = Below(random, call->count + 1);
}

void AddAct(SimRandom& random, CallPlan* call) {
  constexpr std::array kActs = {Act::kFail, Act::kThrow, Act::kRest, Act::kRest,
                                Act::kLeave, Act::kHang};
  constexpr std::array kPlainActs = {Act::kFail, Act::kThrow};
  call->act = call->kind == Kind::kAsk ? random.OneOf(kPlainActs) : random.OneOf(kActs);
  const bool is_single = call->kind == Kind::kAsk || call->kind == Kind::kAskLater;
  call->act_at = is_single ? 0 : Below(random, call->count + 1);
}

CallPlan MakeCall(SimRandom& random, bool is_calm) {
  CallPlan call;
  call.kind = static_cast<Kind>(random.Below(5));
  call.begin_at = random.Chance(300) ? 0 : random.Between(0, kCallsWithinNs);
  call.count = random.Chance(50) ? Below(random, 200) : Below(random, 12);
  call.bytes = random.OneOf(kPieceBytes);
  const bool rests_long = !is_calm && random.Chance(100);
  call.rest_ns = rests_long ? 40 * kNsPerSecond : random.Between(0, 300 * kNsPerMs);
  if (random.Chance(250)) AddAct(random, &call);
  if (random.Chance(150)) call.compression = random.OneOf(kEncodings);
  call.is_reply_compressed = random.Chance(150);
  call.waits_for_ready = is_calm || random.Chance(500);
  if (is_calm && call.act != Act::kHang) return call;
  if (!is_calm && random.Chance(250)) AddWhim(random, &call);
  if (!is_calm && random.Chance(150)) call.cancel_at = random.Between(0, kCallsWithinNs);
  if (call.act == Act::kHang || random.Chance(250)) {
    call.timeout_ns = random.Chance(300) ? random.Between(1, kNsPerMs)
                                         : random.Between(kNsPerMs, 2 * kNsPerSecond);
  }
  return call;
}

// A window of one octet takes a round trip for each.
void ShortenCalls(Plan* plan) {
  const uint32_t window_bytes = std::min(plan->channel.http2.stream_window_bytes,
                                         plan->server.http2.stream_window_bytes);
  if (window_bytes >= kPieceBytes.back()) return;
  for (CallPlan& call : plan->calls) {
    call.bytes = std::min(call.bytes, window_bytes * kPieceWindowsMax);
    call.count = std::min(call.count, kPiecesMaxOfTight);
  }
}

void PlanEnd(SimRandom& random, Plan* plan) {
  constexpr std::array kEnds = {End::kChannelGoes, End::kClientStops, End::kServerStops,
                                End::kServerCloses, End::kServerDrains};
  if (random.Chance(500)) return;
  plan->end = plan->is_calm ? End::kServerDrains : random.OneOf(kEnds);
  plan->end_at = random.Between(0, kCallsWithinNs);
  // Which of the two stops is to be told apart.
  const bool stops = plan->end == End::kClientStops || plan->end == End::kServerStops;
  if (stops && plan->server_shards_count == 0) plan->server_shards_count = 1;
  if (plan->end != End::kServerStops) return;
  for (CallPlan& call : plan->calls) call.waits_for_ready = false;
}

}  // namespace

Plan MakePlan(uint64_t seed) {
  SimRandom random(seed ^ kPlanSalt);
  Plan plan;
  plan.seed = seed;
  plan.is_calm = random.Chance(200);
  for (IoMode& mode : plan.modes) mode = random.Chance(500) ? IoMode::kUring : IoMode::kEpoll;
  plan.server_shards_count = static_cast<int>(random.Below(3));
  plan.interceptors_count = static_cast<int>(random.Below(3));
  const size_t calls_count = 1 + random.Below(random.Chance(200) ? 100 : 20);
  for (size_t i = 0; i < calls_count; ++i) {
    CallPlan call = MakeCall(random, plan.is_calm);
    const auto behind = std::upper_bound(
        plan.calls.begin(), plan.calls.end(), call,
        [](const CallPlan& a, const CallPlan& b) { return a.begin_at < b.begin_at; });
    plan.calls.insert(behind, std::move(call));
  }
  if (plan.is_calm) {
    PlanEnd(random, &plan);
    return plan;
  }
  if (random.Chance(800)) {
    plan.faults = MakeFaults(random);
    plan.faults_end_at = random.Between(0, kFaultsEndNsMax);
  }
  if (random.Chance(700)) TightenServer(random, &plan.server);
  if (random.Chance(700)) TightenChannel(random, &plan.channel);
  ShortenCalls(&plan);
  PlanEnd(random, &plan);
  return plan;
}

StatusCode ExpectedCode(const CallPlan& call) {
  const bool is_single = call.kind == Kind::kAsk || call.kind == Kind::kAskLater;
  if (!is_single && call.act_at >= call.count) return StatusCode::kOk;
  switch (call.act) {
    case Act::kFail:
      return StatusCode::kFailedPrecondition;
    case Act::kThrow:
      return StatusCode::kUnknown;
    case Act::kHang:
      return StatusCode::kDeadlineExceeded;
    case Act::kNothing:
    case Act::kRest:
    case Act::kLeave:
      break;
  }
  return StatusCode::kOk;
}

const char* NameOf(Kind kind) {
  constexpr std::array kNames = {"Ask", "AskLater", "Download", "Upload", "Talk"};
  return kNames[static_cast<size_t>(kind)];
}

const char* NameOf(Act act) {
  constexpr std::array kNames = {"nothing", "fail", "throw", "rest", "leave", "hang"};
  return kNames[static_cast<size_t>(act)];
}

const char* NameOf(Whim whim) {
  constexpr std::array kNames = {"none", "rest", "cancel", "drop"};
  return kNames[static_cast<size_t>(whim)];
}

const char* NameOf(End end) {
  constexpr std::array kNames = {"in order", "the channel goes", "the client's shard stops",
                                 "the server's shards stop", "the server closes connections",
                                 "the server drains connections"};
  return kNames[static_cast<size_t>(end)];
}

}  // namespace penstock::test::sim
