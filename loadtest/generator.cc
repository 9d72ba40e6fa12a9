#include "penstock/loadtest/generator.h"

#include <unistd.h>

#include <algorithm>

#include "penstock/reactor/usable_cores.h"

namespace penstock::loadtest {
namespace {

reactor::ShardOptions ShardOptionsOf(const GeneratorPlan& plan) {
  const std::vector<int>& cpus = plan.options->cpus;
  reactor::ShardOptions options;
  options.index = plan.index;
  options.io = plan.options->io;
  options.simulation = plan.simulation;
  if (!cpus.empty()) options.cpu = cpus[static_cast<size_t>(plan.index) % cpus.size()];
  return options;
}

std::optional<OpenLoop> OpenLoopOf(const GeneratorPlan& plan) {
  const Options& options = *plan.options;
  if (!options.is_open_loop()) return std::nullopt;
  const ArrivalOptions arrivals{.poisson = options.poisson,
                                .seed = options.seed,
                                .index = static_cast<uint32_t>(plan.index),
                                .parts = static_cast<uint32_t>(plan.parts)};
  const auto parts = static_cast<uint64_t>(plan.parts);
  return std::optional<OpenLoop>(std::in_place, options.rate, arrivals,
                                 std::max<uint64_t>(options.in_flight_max / parts, 1));
}

// Turns begin so long before a start. Chosen by lateness p99, pinned, at 10,000/s: sleeping 68 us.
constexpr TimeNs kSpinNs = 100 * kNsPerUs;

// One core has to be left for everybody else, the server first. A simulated clock does not go on
// by itself.
TimeNs SpinNsOf(const GeneratorPlan& plan) {
  if (!plan.options->is_open_loop() || plan.simulation != nullptr) return 0;
  return reactor::UsableCores() > plan.parts ? kSpinNs : 0;
}

// Calls that wait to be sent again; what is refused beyond them fails.
constexpr uint64_t kRepeatsMax = 1 << 16;

// A connection and the one in its place may both have all their slots refused.
uint64_t RepeatsMaxOf(const GeneratorPlan& plan) {
  return std::min(2 * uint64_t{plan.connections} * plan.options->streams_per_connection,
                  kRepeatsMax);
}

}  // namespace

Generator::Generator(const GeneratorPlan& plan, int wake_fd)
    : plan_(plan),
      wake_fd_(wake_fd),
      shard_(ShardOptionsOf(plan)),
      workspace_(&shard_.slabs()),
      tls_workspace_(&shard_.slabs()),
      fill_(&Generator::OnFill, this),
      deadline_timer_(&Generator::OnDeadline, this),
      open_loop_(OpenLoopOf(plan)),
      spin_ns_(SpinNsOf(plan)),
      spin_(&Generator::OnSpin, this),
      repeats_(std::max<uint64_t>(RepeatsMaxOf(plan), 1)) {
  measured_.methods.resize(plan.requests->size());
  std::vector<double> weights;
  for (const Request& request : *plan.requests) {
    const size_t index = weights.size();
    methods_.emplace_back(&request, index, &measured_.methods[index]);
    weights.push_back(request.method().weight);
    makes_messages_ = makes_messages_ || methods_.back().template_writer != nullptr;
  }
  first_method_ = &methods_.front();
  if (!plan.options->mix.empty()) {
    choice_.emplace(weights, plan.options->seed, static_cast<uint32_t>(plan.index));
  }
}

Generator::~Generator() = default;

bool Generator::Start(std::string* why) {
  progress_.connections_pending = plan_.connections;
  if (!shard_.Start(why)) return false;
  Post<&Generator::Connect>();
  return true;
}

void Generator::StopAndJoin() {
  shard_.Stop();
  shard_.Join();
}

// --- Steps

void Generator::BeginLoad() {
  loading_ = true;
  if (open_loop_) BeginOpenLoop(shard_.ReadClock());
  MarkAllReady();
}

void Generator::MarkAllReady() {
  sessions_.ForEach([this](Session& session) {
    session.BeginAge();
    MarkReady(session);
  });
}

// Sessions may have been ready all the time: they do not wake it.
void Generator::BeginOpenLoop(TimeNs now) {
  open_loop_->Begin(now);
  shard_.run_queue().Push(fill_);
}

void Generator::BeginMeasuring() {
  measured_.tally.Clear();
  for (MethodTally& method : measured_.methods) method.Clear();
  measured_.connections_made = 0;
  measured_.connects.Clear();
  measuring_ = true;
  loading_ = true;
  measured_.begin_ns = shard_.ReadClock();
  measured_.thread_begin = SampleThisThread();
  measured_.spun_ns = 0;
  if (open_loop_) {
    BeginOpenLoop(measured_.begin_ns);
    count_from_ns_ = measured_.begin_ns;
  }
  if (plan_.calls_max != Options::kUnlimited) {
    count_from_ns_ = measured_.begin_ns;
    calls_to_start_ = calls_to_end_ = plan_.calls_max;
    if (plan_.calls_max == 0) return OnCallsDone();
  }
  MarkAllReady();
}

void Generator::TakeSample() {
  if (measuring_) {
    FillSample(&sample_);
  } else {
    sample_ = measured_.last;
  }
  progress_.samples_count.fetch_add(1, std::memory_order_release);
  Wake();
}

// A copy of counts, without a look at them: 57 KiB in some microseconds.
void Generator::FillSample(LoadSample* sample) {
  const Tally& tally = measured_.tally;
  sample->at_ns = shard_.ReadClock();
  sample->ok_count = tally.ok_count();
  sample->error_count = tally.error_count();
  sample->carried_ok_count = measured_.carried_ok_count;
  sample->in_flight_count = InFlightCount();
  sample->cpu_ns = ThreadCpuTime() - measured_.thread_begin.cpu_ns - measured_.spun_ns;
  if (open_loop_) sample->dropped_count = open_loop_->dropped_count();
  sample->messages_sent_count = sample->messages_received_count = 0;
  for (const MethodTally& method : measured_.methods) {
    sample->messages_sent_count += method.messages.sent_count;
    sample->messages_received_count += method.messages.received_count;
  }
  sample->latency = open_loop_ ? tally.response() : tally.latency();
}

void Generator::EndMeasuring() {
  if (measuring_) {
    measured_.end_ns = shard_.ReadClock();
    measured_.thread_end = SampleThisThread();
    if (open_loop_) TakeDue(measured_.end_ns);
    FillSample(&measured_.last);
    measuring_ = false;
  }
  loading_ = false;
  shard_.SetAlarm(kTimeNever, nullptr);
  CountUnfinished();
  progress_.measured.store(true, std::memory_order_release);
  Wake();
}

uint64_t Generator::InFlightCount() const {
  return under_way_count_ + repeats_.count() + (open_loop_ ? open_loop_->waiting_count() : 0);
}

void Generator::CountUnfinished() {
  const TimeNs now = shard_.ReadClock();
  measured_.last.in_flight_count = InFlightCount();
  measured_.unfinished_count = under_way_count_ + repeats_.count();
  measured_.misfits_count = 0;
  for (const MethodLoad& method : methods_) {
    if (method.template_writer != nullptr) {
      measured_.misfits_count += method.template_writer->misfits_count();
    }
  }
  measured_.longest_wait_ns = 0;
  sessions_.ForEach([this, now](Session& session) {
    measured_.longest_wait_ns = std::max(measured_.longest_wait_ns, session.LongestWait(now));
  });
  repeats_.ForEach([this, now](const CallBegin& call) {
    measured_.longest_wait_ns = std::max(measured_.longest_wait_ns, now - call.intended_ns);
  });
  RecordWaits(now);
  if (!open_loop_) return;
  measured_.offered_count = open_loop_->offered_count();
  measured_.dropped_count = open_loop_->dropped_count();
  measured_.slot_waits_count = open_loop_->slot_waits_count();
  measured_.lateness = open_loop_->lateness();
  // Without those of the warm-up.
  measured_.unfinished_count =
      measured_.offered_count - measured_.dropped_count - measured_.tally.count();
  if (open_loop_->any_waiting()) {
    measured_.longest_wait_ns =
        std::max(measured_.longest_wait_ns, now - open_loop_->front_ns());
  }
}

// May run twice, when the last call has ended and when the window has.
void Generator::RecordWaits(TimeNs now) {
  measured_.waits.Clear();
  const auto record = [this, now](TimeNs intended_ns) {
    if (intended_ns >= count_from_ns_) measured_.waits.Record(now - intended_ns);
  };
  sessions_.ForEach([this, now](Session& session) {
    session.RecordWaits(now, count_from_ns_, &measured_.waits);
  });
  repeats_.ForEach([&record](const CallBegin& call) { record(call.intended_ns); });
  if (open_loop_) open_loop_->ForEachWaiting(record);
}

void Generator::Close() {
  loading_ = false;
  closing_ = true;
  sessions_.ForEach([](Session& session) { session.Close(); });
}

void Generator::OnCallsDone() {
  loading_ = false;
  EndMeasuring();
  progress_.calls_done.store(true, std::memory_order_release);
  Wake();
}

void Generator::Wake() {
  const uint64_t one = 1;
  static_cast<void>(!::write(wake_fd_, &one, sizeof one));
}

}  // namespace penstock::loadtest
