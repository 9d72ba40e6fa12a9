#include "penstock/loadtest/generator.h"

#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>

#include "penstock/http2/limits.h"
#include "penstock/loadtest/units.h"
#include "penstock/reactor/io_error.h"
#include "penstock/reactor/socket.h"
#include "penstock/reactor/usable_cores.h"
#include "penstock/wire/check.h"

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

// A turn that waits takes a microsecond. Of a longer one others had the core for most of the time.
constexpr TimeNs kSpinTurnNsMax = 5 * kNsPerUs;

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

// Hears whether a connection could be made, and hands the socket to a Session's Link.
// Ownership: its own, until then.
class Connector final : public reactor::SocketHandler {
 public:
  Connector(Generator* generator, uint32_t address_index)
      : generator_(*generator),
        address_index_(address_index),
        due_timer_(&Connector::OnDue, this) {}

  void Begin(reactor::Shard& shard, const reactor::Address& address) {
    shard.timers().Schedule(due_timer_, SaturatingAdd(shard.now(), kConnectNsMax));
    socket_ = &shard.Connect(address, this);
  }

  void OnConnected(int error) override {
    if (error != 0) {
      error_ = error;
      return;
    }
    generator_.OnSocket(*socket_, address_index_, due_timer_.when());
    delete this;  // the Link hears of everything from here on
  }
  void OnReceived(wire::Bytes) override {}
  void OnFlush() override {}
  void OnSent() override {}
  void OnReceiveEnd(int) override {}
  void OnClosed() override {
    if (error_ != 0) generator_.OnConnectFailed(reactor::ConnectRefusal(error_));
    generator_.OnClosed();
    delete this;
  }

 private:
  // The kernel would go on trying for minutes.
  static void OnDue(void* context, TimeNs) {
    auto* connector = static_cast<Connector*>(context);
    if (connector->error_ != 0) return;
    connector->error_ = ETIMEDOUT;
    connector->socket_->Abort();
  }

  Generator& generator_;
  const uint32_t address_index_;
  reactor::Timer due_timer_;
  reactor::Socket* socket_ = nullptr;
  int error_ = 0;
};

}  // namespace

Generator::Generator(const GeneratorPlan& plan, int wake_fd)
    : plan_(plan),
      deadline_ns_(plan.options->deadline_ns),
      deadline_message_("no answer within the deadline of " + FormatSpan(deadline_ns_)),
      wake_fd_(wake_fd),
      shard_(ShardOptionsOf(plan)),
      workspace_(&shard_.slabs()),
      tls_workspace_(&shard_.slabs()),
      template_writer_(TemplateWriter::Of(plan.options->message_template.get())),
      fill_(&Generator::OnFill, this),
      deadline_timer_(&Generator::OnDeadline, this),
      open_loop_(OpenLoopOf(plan)),
      spin_ns_(SpinNsOf(plan)),
      spin_(&Generator::OnSpin, this),
      repeats_(std::max<uint64_t>(RepeatsMaxOf(plan), 1)) {}

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

void Generator::Connect() {
  // By default the kernel may wake a thread 50 us late, to wake others with it. In vain for those
  // with a real-time policy, which it wakes in time.
  if (open_loop_) ::prctl(PR_SET_TIMERSLACK, 1);
  for (uint32_t i = 0; i < plan_.connections; ++i) {
    ConnectTo(static_cast<uint32_t>((plan_.first_address + i) % plan_.target->addresses.size()));
  }
}

void Generator::ConnectTo(uint32_t address_index) {
  progress_.sockets_open.fetch_add(1, std::memory_order_relaxed);
  (new Connector(this, address_index))->Begin(shard_, plan_.target->addresses[address_index]);
}

void Generator::BeginLoad() {
  loading_ = true;
  if (open_loop_) BeginOpenLoop(shard_.ReadClock());
  sessions_.ForEach([this](Session& session) { MarkReady(session); });
}

// Sessions may have been ready all the time: they do not wake it.
void Generator::BeginOpenLoop(TimeNs now) {
  open_loop_->Begin(now);
  shard_.run_queue().Push(fill_);
}

void Generator::BeginMeasuring() {
  measured_.tally.Clear();
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
  sessions_.ForEach([this](Session& session) { MarkReady(session); });
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
  measured_.longest_wait_ns = 0;
  sessions_.ForEach([this, now](Session& session) {
    measured_.longest_wait_ns = std::max(measured_.longest_wait_ns, session.LongestWait(now));
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

// --- Calls

void Generator::MarkReady(Session& session) {
  reactor::ListHook<ReadyTag>& hook = session;
  if (hook.linked()) return;
  if (ready_.empty()) ready_since_ns_ = shard_.now();
  ready_.PushBack(session);
  shard_.run_queue().Push(fill_);
}

void Generator::OnFill(void* context) { static_cast<Generator*>(context)->Fill(); }

void Generator::Fill() {
  const TimeNs now = shard_.ReadClock();
  if (PENSTOCK_UNLIKELY(!repeats_.empty()) && loading_) SendRepeats(now);
  if (open_loop_) {
    if (loading_) FillOpenLoop(now);
  } else {
    while (Session* session = ready_.PopFront()) {
      if (loading_) session->StartCalls(now);
    }
  }
}

// A session without room leaves ready_ until a call of it has ended.
void Generator::FillOpenLoop(TimeNs now) {
  TakeDue(now);
  if (!loading_) return;  // the last calls there were to make have been dropped
  while (open_loop_->any_waiting()) {
    Session* session = ready_.PopFront();
    if (session == nullptr) break;
    if (!session->StartCall({open_loop_->front_ns(), now, false}, now)) continue;
    open_loop_->TakeWaiting(now, ready_since_ns_);
    ready_.PushBack(*session);
  }
  AwaitStart(now);
}

void Generator::AwaitStart(TimeNs now) {
  const TimeNs next_ns = open_loop_->next_ns();
  if (next_ns == kTimeNever) return shard_.SetAlarm(kTimeNever, nullptr);
  if (next_ns - now <= spin_ns_) return shard_.run_queue().Push(spin_);
  spin_at_ = 0;
  shard_.SetAlarm(next_ns - spin_ns_, &spin_);
}

void Generator::OnSpin(void* context) { static_cast<Generator*>(context)->Spin(); }

void Generator::Spin() {
  if (!loading_) return;
  const TimeNs now = shard_.ReadClock();
  const uint64_t completions_count = shard_.stats().completions;
  if (spin_at_ != 0 && completions_count == spin_completions_count_) {
    measured_.spun_ns += std::min(now - spin_at_, kSpinTurnNsMax);
  }
  spin_completions_count_ = completions_count;
  spin_at_ = now;
  if (now < open_loop_->next_ns()) return AwaitStart(now);
  spin_at_ = 0;
  Fill();
}

void Generator::TakeDue(TimeNs now) {
  const uint64_t dropped_count =
      open_loop_->TakeDue(now, under_way_count_ + repeats_.count(), &calls_to_start_);
  if (PENSTOCK_LIKELY(dropped_count == 0) || !measuring_) return;
  calls_to_end_ -= static_cast<int64_t>(dropped_count);
  if (calls_to_end_ == 0) OnCallsDone();
}

PENSTOCK_COLD bool Generator::Repeat(const Call& call) {
  if (call.is_repeat || repeats_.full() || !loading_) return false;
  if (IsCounted(call)) ++measured_.repeated_count;
  // Those with nothing more to start of their own are not ready by themselves.
  if (repeats_.empty()) sessions_.ForEach([this](Session& session) { MarkReady(session); });
  repeats_.Push({call.intended_ns, call.start_ns, true});
  // In an open loop they may be ready already, and then wake nobody until the next start.
  shard_.run_queue().Push(fill_);
  return true;
}

PENSTOCK_COLD void Generator::SendRepeats(TimeNs now) {
  while (!repeats_.empty()) {
    Session* session = ready_.front();
    if (session == nullptr) return;
    if (session->StartCall(repeats_.front(), now)) {
      repeats_.Pop();
    } else {
      ready_.PopFront();
    }
  }
}

void Generator::RecordError(const Call& call, uint8_t status, std::string_view message) {
  if (!IsCounted(call)) {
    if (measuring_) ++measured_.carried_error_count;
    return;
  }
  measured_.tally.RecordError(status, message);
  if (--calls_to_end_ == 0) OnCallsDone();
}

void Generator::ScheduleDeadline() {
  shard_.timers().Schedule(deadline_timer_, deadlines_.front()->sent_ns + deadline_ns_);
}

// All calls have the same time, so they expire in the order in which they began.
void Generator::OnDeadline(void* context, TimeNs now) {
  auto* generator = static_cast<Generator*>(context);
  while (Call* oldest = generator->deadlines_.front()) {
    if (oldest->sent_ns + generator->deadline_ns_ > now) return generator->ScheduleDeadline();
    oldest->session->Expire(*oldest, generator->deadline_message_);
  }
}

// --- Connections

void Generator::OnSocket(reactor::Socket& socket, uint32_t address_index, TimeNs due_ns) {
  auto* link =
      new Session::Link(shard_, http2::Role::kClient, http2::Limits{}, &workspace_,
                        http2::FieldClassifier{&Session::Classify, nullptr}, this, address_index);
  sessions_.PushBack(link->session());
  link->session().AwaitPeer(due_ns);
  link->BeginTls(StartTls());
  socket.SetHandler(link);
  link->Attach(socket);
}

// Null: cleartext.
std::unique_ptr<wire::TlsEngine> Generator::StartTls() {
  if (plan_.tls == nullptr) return nullptr;
  auto engine =
      std::make_unique<wire::TlsEngine>(&tls_workspace_, plan_.tls->Current(shard_.now()));
  const std::string& name = plan_.options->tls.server_name;
  engine->Start(name.empty() ? client::HostOf(plan_.target->authority) : name, &tls_sessions_);
  return engine;
}

void Generator::OnConnectFailed(const std::string& why) {
  if (measured_.first_failure.empty()) measured_.first_failure = why;
  ++measured_.connections_failed;
  progress_.connections_pending.fetch_sub(1, std::memory_order_release);
  Wake();
}

void Generator::NotePeerStreamsMax(uint32_t streams) {
  measured_.peer_streams_max = std::min(measured_.peer_streams_max, streams);
}

void Generator::OnEstablished() {
  progress_.connections_open.fetch_add(1, std::memory_order_release);
  progress_.connections_pending.fetch_sub(1, std::memory_order_release);
  Wake();
}

void Generator::ConnectAnew(const Session& session) {
  if (closing_) return;
  progress_.connections_pending.fetch_add(1, std::memory_order_release);
  ConnectTo(session.address_index());
}

void Generator::OnConnectionEnd(Session& session, bool was_lost, const std::string& why) {
  session.reactor::ListHook<ReadyTag>::Unlink();
  session.reactor::ListHook<SessionTag>::Unlink();
  if (!session.established()) {
    if (why.starts_with(kTlsFailed)) return OnConnectFailed(why);
    return OnConnectFailed(why + " before it spoke HTTP/2: is it a gRPC server" +
                           (plan_.tls == nullptr ? ", without TLS?" : "?"));
  }
  if (was_lost && !closing_) {
    if (measured_.first_loss.empty()) measured_.first_loss = why;
    ++measured_.connections_lost;
  }
  progress_.connections_open.fetch_sub(1, std::memory_order_release);
  Wake();
}

void Generator::OnClosed() {
  progress_.sockets_open.fetch_sub(1, std::memory_order_release);
  Wake();
}

}  // namespace penstock::loadtest
