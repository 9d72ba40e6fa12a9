#include "penstock/loadtest/run.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "penstock/client/target.h"
#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/environment.h"
#include "penstock/loadtest/generator.h"
#include "penstock/loadtest/progress_line.h"
#include "penstock/loadtest/request.h"
#include "penstock/loadtest/run_notes.h"
#include "penstock/loadtest/series.h"
#include "penstock/loadtest/slo.h"
#include "penstock/loadtest/units.h"
#include "penstock/loadtest/waiter.h"
#include "penstock/reactor/cpu.h"
#include "penstock/reactor/shard.h"
#include "penstock/wire/tls_credentials.h"

namespace penstock::loadtest {
namespace {

// The shards have that much longer to hear of every connection's failure.
constexpr TimeNs kConnectSlackNs = kNsPerSecond;
// The shards have this long to end the window, and to say goodbye to their peers.
constexpr TimeNs kEndNsMax = 5 * kNsPerSecond;
constexpr TimeNs kCloseNsMax = kNsPerSecond / 2;
// And this long to say how far they are.
constexpr TimeNs kSampleNsMax = kNsPerSecond / 2;

// Every connection is a descriptor.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Why a thread may not run on one of them; "" when it may on all. To try it is the only way to
// know: what the process may use is not what it uses now.
std::string WhyNotOn(const std::vector<int>& cpus) {
  cpu_set_t before;
  if (::sched_getaffinity(0, sizeof before, &before) != 0) return "";
  std::string why;
  for (const int cpu : cpus) {
    if (!reactor::PinThread(cpu, &why)) break;
  }
  ::sched_setaffinity(0, sizeof before, &before);
  return why;
}

// `total` in equal parts; the first ones are one larger where it does not divide.
template <typename Integer>
Integer PartOf(Integer total, uint32_t parts, uint32_t index) {
  return static_cast<Integer>(total / parts + (index < total % parts ? 1 : 0));
}

class LoadTest {
 public:
  // `tls` is null for cleartext.
  LoadTest(const Options& options, const client::Target& target, wire::TlsCredentials* tls)
      : options_(options),
        target_(target),
        tls_(tls),
        requests_(MakeRequests(options, target.authority)),
        line_(ProgressModeOf(options)) {}
  ~LoadTest() { StopGenerators(); }

  RunOutcome Run();

 private:
  bool StartGenerators(std::string* why);
  void WarmUp();
  void Measure();
  void SampleSecond(TimeNs begin_ns);
  // One of each shard.
  bool TakeSamples();
  const ProcessSample* server_now() const {
    return options_.server_pid && server_trouble_.empty() ? &server_after_ : nullptr;
  }
  void SampleServer(ProcessSample* sample);
  void StopGenerators();
  RunOutcome Fail(int exit_status, std::string error);
  void AddShard(const GeneratorMeasured& shard);
  RunOutcome Conclude();

  template <void (Generator::*step)()>
  void PostAll() {
    for (const auto& generator : generators_) generator->template Post<step>();
  }
  // Waits for all generators' progress to be as it should; false at `when` or after a signal.
  template <typename Condition>
  bool WaitForAll(TimeNs when, Condition&& condition) {
    return waiter_.WaitUntil(when, [this, &condition] {
      return std::all_of(generators_.begin(), generators_.end(),
                         [&condition](const auto& one) { return condition(one->progress()); });
    });
  }
  static bool IsLost(const GeneratorProgress& p) {
    return p.connections_open == 0 && p.connections_pending == 0;
  }
  static bool IsFinished(const GeneratorProgress& p) { return p.calls_done || IsLost(p); }
  static TimeNs After(TimeNs span_ns) { return SaturatingAdd(reactor::ReadClock(), span_ns); }

  const Options& options_;
  const client::Target& target_;
  wire::TlsCredentials* const tls_;
  const RequestList requests_;
  Waiter waiter_;
  ProgressLine line_;
  std::vector<std::unique_ptr<Generator>> generators_;  // those that run
  std::vector<const GeneratorMeasured*> measured_;
  uint32_t samples_count_ = 0;
  Series series_;
  RunResult result_;
  ProcessSample server_before_;
  ProcessSample server_after_;
  std::string server_trouble_;
  bool stopped_ = false;
};

RunOutcome LoadTest::Run() {
  SampleServer(&server_before_);
  if (!server_trouble_.empty()) return Fail(kExitUsage, "--server-pid: " + server_trouble_);
  std::string why;
  if (!StartGenerators(&why)) return Fail(kExitErrors, why);
  WaitForAll(After(kConnectNsMax + kConnectSlackNs),
             [](const GeneratorProgress& p) { return p.connections_pending == 0; });
  const bool any = std::any_of(generators_.begin(), generators_.end(), [](const auto& generator) {
    return generator->progress().connections_open > 0;
  });
  if (!waiter_.interrupted() && !any) {
    StopGenerators();
    return Fail(kExitNoConnection,
                DescribeNoConnection(options_.target, measured_, FormatSpan(kConnectNsMax)));
  }
  if (!waiter_.interrupted()) WarmUp();
  if (waiter_.interrupted()) {
    return Fail(kExitInterrupted, "interrupted before the measured window: there is no result");
  }
  Measure();
  StopGenerators();
  return Conclude();
}

bool LoadTest::StartGenerators(std::string* why) {
  uint32_t first_address = 0;
  for (uint32_t i = 0; i < options_.shards; ++i) {
    GeneratorPlan plan;
    plan.options = &options_;
    plan.requests = &requests_;
    plan.target = &target_;
    plan.tls = tls_;
    plan.index = static_cast<int>(i);
    plan.parts = static_cast<int>(options_.shards);
    plan.connections = PartOf(options_.connections, options_.shards, i);
    plan.first_address = first_address;
    if (options_.calls_max != Options::kUnlimited) {
      plan.calls_max = PartOf(options_.calls_max, options_.shards, i);
    }
    first_address += plan.connections;
    auto generator = std::make_unique<Generator>(plan, waiter_.wake_fd());
    if (!generator->Start(why)) return false;
    generators_.push_back(std::move(generator));
    measured_.push_back(&generators_.back()->measured());
  }
  result_.environment = ReadEnvironment();
  result_.environment.io_mode = ToString(generators_.front()->io());
  result_.environment.io_reason = generators_.front()->io_reason();
  result_.shards = options_.shards;
  result_.is_open_loop = options_.is_open_loop();
  return true;
}

void LoadTest::WarmUp() {
  if (options_.warmup_ns == 0) return;
  PostAll<&Generator::BeginLoad>();
  line_.ShowNote("warming up for " + FormatSpan(options_.warmup_ns));
  WaitForAll(After(options_.warmup_ns), IsLost);
}

void LoadTest::Measure() {
  result_.environment.started_at = ReadWallClock();
  PostAll<&Generator::BeginMeasuring>();
  SampleServer(&server_before_);
  series_.Begin(reactor::ReadClock(), server_trouble_.empty() ? &server_before_ : nullptr);
  const TimeNs begin_ns = reactor::ReadClock();
  const TimeNs end_ns = SaturatingAdd(begin_ns, options_.duration_ns);
  TimeNs tick_ns = begin_ns;
  for (;;) {
    tick_ns = std::min(SaturatingAdd(tick_ns, kNsPerSecond), end_ns);
    if (WaitForAll(tick_ns, IsFinished) || tick_ns >= end_ns || waiter_.interrupted()) break;
    SampleSecond(begin_ns);
  }
  result_.interrupted = waiter_.interrupted();
  PostAll<&Generator::EndMeasuring>();
  SampleServer(&server_after_);
  line_.Clear();
  WaitForAll(After(kEndNsMax), [](const GeneratorProgress& p) { return p.measured.load(); });
}

void LoadTest::SampleSecond(TimeNs begin_ns) {
  if (!TakeSamples()) return;
  SampleServer(&server_after_);
  std::vector<const LoadSample*> samples;
  for (const auto& generator : generators_) samples.push_back(&generator->sample());
  series_.Add(samples, server_now());
  ProgressNow progress;
  progress.elapsed_ns = reactor::ReadClock() - begin_ns;
  progress.ok_count = series_.ok_count();
  progress.error_count = series_.error_count();
  progress.rps = series_.rps();
  line_.Show(FormatProgress(options_, progress));
}

// A shard that is late with the last one is not asked for another: this second goes to the next.
bool LoadTest::TakeSamples() {
  const auto has_all = [this](const GeneratorProgress& p) {
    return p.samples_count.load(std::memory_order_acquire) == samples_count_;
  };
  if (!WaitForAll(0, has_all)) return false;
  ++samples_count_;
  PostAll<&Generator::TakeSample>();
  return WaitForAll(After(kSampleNsMax), has_all);
}

void LoadTest::SampleServer(ProcessSample* sample) {
  if (options_.server_pid && server_trouble_.empty()) {
    SampleProcess(*options_.server_pid, sample, &server_trouble_);
  }
}

void LoadTest::StopGenerators() {
  if (stopped_) return;
  stopped_ = true;
  PostAll<&Generator::Close>();
  WaitForAll(After(kCloseNsMax), [](const GeneratorProgress& p) { return p.sockets_open == 0; });
  for (const auto& generator : generators_) generator->StopAndJoin();
}

RunOutcome LoadTest::Fail(int exit_status, std::string error) {
  RunOutcome outcome;
  outcome.exit_status = exit_status;
  outcome.error = std::move(error);
  return outcome;
}

void LoadTest::AddShard(const GeneratorMeasured& shard) {
  result_.tally.Merge(shard.tally);
  result_.methods.resize(shard.methods.size());
  for (size_t i = 0; i < shard.methods.size(); ++i) {
    result_.methods[i].Merge(shard.methods[i]);
    result_.messages.Merge(shard.methods[i].messages);
  }
  result_.offered_count += shard.offered_count;
  result_.dropped_count += shard.dropped_count;
  result_.slot_waits_count += shard.slot_waits_count;
  result_.lateness.Merge(shard.lateness);
  result_.carried_ok_count += shard.carried_ok_count;
  result_.carried_error_count += shard.carried_error_count;
  result_.timely_ok_count += shard.timely_ok_count;
  result_.connections_made += shard.connections_made;
  result_.connects.Merge(shard.connects);
  result_.repeated_count += shard.repeated_count;
  result_.misfits_count += shard.misfits_count;
  result_.unfinished_count += shard.unfinished_count;
  result_.longest_wait_ns = std::max(result_.longest_wait_ns, shard.longest_wait_ns);
  result_.waits.Merge(shard.waits);
  const auto window_ns = static_cast<double>(std::max<TimeNs>(shard.end_ns - shard.begin_ns, 1));
  const double cpu =
      static_cast<double>(std::max<TimeNs>(
          shard.thread_end.cpu_ns - shard.thread_begin.cpu_ns - shard.spun_ns, 0)) /
      window_ns;
  const double waited =
      static_cast<double>(shard.thread_end.waited_ns - shard.thread_begin.waited_ns) / window_ns;
  result_.generator_cpu_total += cpu;
  result_.generator_cpu_busiest = std::max(result_.generator_cpu_busiest, cpu);
  result_.generator_waited = std::max(result_.generator_waited, waited);
  result_.connections_missing =
      result_.connections_missing || shard.connections_failed > 0 || shard.connections_lost > 0;
}

RunOutcome LoadTest::Conclude() {
  TimeNs begin_ns = kTimeNever;
  TimeNs end_ns = 0;
  std::vector<const LoadSample*> last_samples;
  for (const GeneratorMeasured* one : measured_) {
    last_samples.push_back(&one->last);
    AddShard(*one);
    begin_ns = std::min(begin_ns, one->begin_ns);
    end_ns = std::max(end_ns, one->end_ns);
  }
  result_.measured_ns = std::max<TimeNs>(end_ns - begin_ns, 1);
  series_.AddLast(last_samples, server_now());
  result_.series = series_.Take();
  if (options_.server_pid && server_trouble_.empty()) {
    result_.server = UsageBetween(server_before_, server_after_);
  }
  result_.notes = MakeNotes(options_, measured_, result_);
  if (!server_trouble_.empty()) {
    result_.notes.push_back("the server's cost is not known: " + server_trouble_);
  }
  RunOutcome outcome;
  const std::string missed = MissedOf(options_.slo, result_);
  if (!options_.slo.empty()) {
    result_.notes.push_back("--slo " + options_.slo.text +
                            (missed.empty() ? " was kept" : " was missed: " + missed));
  }
  // An SLO says how many errors and drops there may be.
  const bool few_errors = options_.slo.errors_below < 1 ||
                          (result_.tally.error_count() == 0 && result_.dropped_count == 0);
  // A stream may be longer than the window.
  const bool any_ok = result_.tally.ok_count() > 0 || result_.messages.received_count > 0 ||
                      (options_.kind == CallKind::kClientStream && result_.messages.sent_count > 0);
  const bool sound = any_ok && few_errors && !result_.connections_missing &&
                     !result_.stalled() && !result_.fell_behind() && server_trouble_.empty();
  outcome.exit_status = result_.interrupted ? kExitInterrupted
                        : !missed.empty()   ? kExitSlo
                        : sound             ? kExitOk
                                            : kExitErrors;
  outcome.result = std::move(result_);
  return outcome;
}

}  // namespace

RunOutcome RunLoadTest(const Options& options) {
  RaiseDescriptorLimit();
  RunOutcome outcome;
  if (std::string why = WhyNotOn(options.cpus); !why.empty()) {
    outcome.exit_status = kExitUsage;
    outcome.error = "--cpus: " + std::move(why);
    return outcome;
  }
  const std::optional<client::Target> target =
      client::ResolveTarget(options.target, &outcome.error);
  if (!target) {
    outcome.exit_status = kExitNoConnection;
    return outcome;
  }
  if (!options.tls.enabled) return LoadTest(options, *target, nullptr).Run();
  wire::TlsCredentials credentials(options.tls);
  if (!credentials.Load(reactor::ReadClock(), &outcome.error)) {
    outcome.exit_status = kExitUsage;
    return outcome;
  }
  return LoadTest(options, *target, &credentials).Run();
}

}  // namespace penstock::loadtest
