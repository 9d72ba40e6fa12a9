#include "penstock/tests/sim/world.h"

#include <errno.h>

#include <algorithm>
#include <utility>

namespace penstock::test::sim {
namespace {

// More than any plan asks for, once the faults have ended.
constexpr TimeNs kPatienceNs = 3 * 3600 * kNsPerSecond;
constexpr uint64_t kStepsMax = 2'000'000;
// A connection that closes may wait for its peer as long as Socket's limits say.
constexpr TimeNs kSettleNs = 15 * kNsPerSecond;
constexpr TimeNs kProbeNsMax = 60 * kNsPerSecond;
// Flow is looked at so often.
constexpr uint64_t kFlowChecksEvery = 4;

reactor::ShardOptions OptionsFor(int index, reactor::SimNet* net) {
  reactor::ShardOptions options;
  options.index = index;
  options.mailbox_letters_max = 64;
  options.simulation = net;
  return options;
}

}  // namespace

World::World(Plan plan, std::FILE* trace_to)
    : plan_(std::move(plan)),
      trace_(trace_to),
      net_(plan_.seed, &trace_),
      findings_(&net_),
      client_shard_(OptionsFor(0, &net_)) {
  probe_plan_.waits_for_ready = true;
  trace_.Note(0, "seed %llu: %s, %d shards of the server's own, %zu calls, the end: %s",
              static_cast<unsigned long long>(plan_.seed), plan_.is_calm ? "calm" : "not calm",
              plan_.server_shards_count, plan_.calls.size(), NameOf(plan_.end));
  net_.Open(client_shard_, plan_.modes[0]);
  std::vector<reactor::Shard*> shards;
  for (int i = 1; i <= plan_.server_shards_count; ++i) {
    server_shards_.push_back(std::make_unique<reactor::Shard>(OptionsFor(i, &net_)));
    net_.Open(*server_shards_.back(), plan_.modes[static_cast<size_t>(i)]);
    shards.push_back(server_shards_.back().get());
  }
  if (shards.empty()) shards.push_back(&client_shard_);
  server_ = std::make_unique<WorkServer>(&plan_, &net_, std::move(shards), &findings_);
  server_->Start();
  net_.Step(0);  // so that it listens
  net_.faults() = plan_.faults;
  channel_ = std::make_unique<client::Channel>(
      &client_shard_, "127.0.0.1:" + std::to_string(kWorkPort), plan_.channel);
  for (size_t i = 0; i < plan_.calls.size(); ++i) {
    callers_.push_back(
        std::make_unique<Caller>(i, &plan_.calls[i], &client_shard_, &findings_));
    if (plan_.calls[i].cancel_at == kTimeNever) continue;
    const Caller* const caller = callers_.back().get();
    const auto behind = std::upper_bound(
        cancels_.begin(), cancels_.end(), caller, [](const Caller* a, const Caller* b) {
          return a->plan().cancel_at < b->plan().cancel_at;
        });
    cancels_.insert(behind, caller);
  }
}

World::~World() {
  channel_.reset();
  if (!client_is_stopped_) StopShard(client_shard_);
  for (auto& caller : callers_) caller->Cancel();  // after a finding some may not have ended
  if (probe_ != nullptr) probe_->Cancel();
  RunQueued();
  for (auto& shard : server_shards_) {
    if (!server_is_stopped_) StopShard(*shard);
  }
  server_.reset();
}

const std::vector<std::string>& World::Run() {
  const auto all_ended = [this] {
    return HasFollowedPlan() && std::all_of(callers_.begin(), callers_.end(), [](const auto& one) {
             return one->ended() || !one->begun();
           });
  };
  const TimeNs until = SaturatingAdd(plan_.faults_end_at, kPatienceNs);
  const bool in_time = Drive(all_ended, until);
  if (in_time && !all_ended()) findings_.Add("calls do not end although the faults have");
  JudgeCalls();
  if (!findings_.all().empty()) return findings_.all();
  Settle();
  CheckRest();
  if (!client_is_stopped_ && !server_is_stopped_ && plan_.end != End::kChannelGoes) Probe();
  CloseChannel();
  Settle();
  if (!client_is_stopped_) CheckShard(client_shard_);
  if (!server_is_stopped_) server_->CheckEmpty();
  for (auto& shard : server_shards_) {
    if (!server_is_stopped_) CheckShard(*shard);
  }
  return findings_.all();
}

// --- Time

template <typename Done>
bool World::Drive(Done done, TimeNs until) {
  for (;;) {
    FollowPlan();
    if (done() || net_.Now() >= until) return true;
    if (++steps_count_ > kStepsMax) {
      findings_.Add("it takes too many turns");
      return false;
    }
    if (!net_.Step(std::min(until, NextPlanned()))) return true;
    if (net_.has_overslept()) {
      findings_.Add("a shard slept although it had something to do");
      return false;
    }
    if (steps_count_ % kFlowChecksEvery == 0) CheckFlow();
    if (!findings_.all().empty()) return false;
  }
}

void World::Settle() {
  Drive([] { return false; }, SaturatingAdd(net_.Now(), kSettleNs));
}

// --- The plan

TimeNs World::NextPlanned() const {
  TimeNs next = kTimeNever;
  if (begun_count_ < callers_.size()) next = callers_[begun_count_]->plan().begin_at;
  if (cancels_count_ < cancels_.size()) {
    next = std::min(next, cancels_[cancels_count_]->plan().cancel_at);
  }
  if (!faults_have_ended_) next = std::min(next, plan_.faults_end_at);
  if (!end_has_come_) next = std::min(next, plan_.end_at);
  return next;
}

bool World::HasFollowedPlan() const { return NextPlanned() == kTimeNever; }

void World::FollowPlan() {
  const TimeNs now = net_.Now();
  if (!faults_have_ended_ && plan_.faults_end_at <= now) StopFaults();
  if (!end_has_come_ && plan_.end_at <= now) BringEnd();
  if (client_is_stopped_) {
    begun_count_ = callers_.size();
    cancels_count_ = cancels_.size();
  }
  const bool has_begins =
      begun_count_ < callers_.size() && callers_[begun_count_]->plan().begin_at <= now;
  const bool has_cancels =
      cancels_count_ < cancels_.size() && cancels_[cancels_count_]->plan().cancel_at <= now;
  if ((!has_begins && !has_cancels) || letter_is_posted_) return;
  letter_is_posted_ = true;
  PostToClient([](void* world, uint64_t) { static_cast<World*>(world)->MakeCalls(); });
}

// Within a turn, so that the shard's time is now, and what begins has its frames from it.
void World::PostToClient(void (*run)(void* world, uint64_t)) {
  findings_.Expect(client_shard_.Post(run, this), "the mailbox has room");
}

void World::MakeCalls() {
  const TimeNs now = net_.Now();
  letter_is_posted_ = false;
  while (begun_count_ < callers_.size() && callers_[begun_count_]->plan().begin_at <= now) {
    Caller& caller = *callers_[begun_count_++];
    if (channel_ != nullptr) caller.Begin(channel_.get());
  }
  while (cancels_count_ < cancels_.size() && cancels_[cancels_count_]->plan().cancel_at <= now) {
    callers_[cancels_[cancels_count_++]->id()]->Cancel();
  }
}

void World::StopFaults() {
  trace_.Note(net_.Now(), "the faults end");
  faults_have_ended_ = true;
  net_.faults() = reactor::SimFaults();
  net_.Heal();
}

void World::BringEnd() {
  trace_.Note(net_.Now(), "the end: %s", NameOf(plan_.end));
  end_has_come_ = true;
  switch (plan_.end) {
    case End::kOrderly:
      return;
    case End::kChannelGoes:
      return CloseChannel();
    case End::kClientStops:
      StopShard(client_shard_);
      client_is_stopped_ = true;
      channel_.reset();
      RunQueued();
      // Who sleeps waits for a timer, and the shard has none any more.
      for (auto& caller : callers_) caller->Cancel();
      return RunQueued();
    case End::kServerStops:
      for (auto& shard : server_shards_) StopShard(*shard);
      server_is_stopped_ = true;
      return;
    case End::kServerCloses:
      return server_->CloseConnections();
    case End::kServerDrains:
      return server_->DrainConnections();
  }
}

// Of the client's shard, which turns no more.
void World::RunQueued() {
  while (client_shard_.run_queue().RunQueued() != 0) {
  }
}

void World::StopShard(reactor::Shard& shard) {
  net_.Leave(shard);
  shard.Stop();
  shard.Run();
}

void World::CloseChannel() {
  if (client_is_stopped_) return;
  trace_.Note(net_.Now(), "the channel goes");
  PostToClient([](void* world, uint64_t) { static_cast<World*>(world)->channel_.reset(); });
}

// Whatever has happened: what works again is used again.
void World::Probe() {
  if (!findings_.all().empty()) return;
  probe_ = std::make_unique<Caller>(callers_.size(), &probe_plan_, &client_shard_, &findings_);
  PostToClient([](void* context, uint64_t) {
    auto* world = static_cast<World*>(context);
    world->probe_->Begin(world->channel_.get());
  });
  Drive([this] { return probe_->ended(); }, SaturatingAdd(net_.Now(), kProbeNsMax));
  if (!probe_->ended()) {
    findings_.Add("a call after all the others does not end");
  } else if (!probe_->status().ok()) {
    findings_.Add("a call after all the others ends with " + probe_->status().ToString());
  }
}

}  // namespace penstock::test::sim
