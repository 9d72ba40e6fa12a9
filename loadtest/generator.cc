#include "penstock/loadtest/generator.h"

#include <unistd.h>

#include <algorithm>

#include "penstock/http2/limits.h"
#include "penstock/loadtest/units.h"
#include "penstock/reactor/io_error.h"
#include "penstock/reactor/socket.h"
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

// Hears whether a connection could be made, and hands the socket to a Session's Link.
// Ownership: its own, until then.
class Connector final : public reactor::SocketHandler {
 public:
  Connector(Generator* generator, uint32_t address_index)
      : generator_(*generator), address_index_(address_index) {}

  void Begin(reactor::Shard& shard, const reactor::Address& address) {
    socket_ = &shard.Connect(address, this);
  }

  void OnConnected(int error) override {
    if (error != 0) {
      error_ = error;
      return;
    }
    generator_.OnSocket(*socket_, address_index_);
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
  Generator& generator_;
  const uint32_t address_index_;
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
      deadline_timer_(&Generator::OnDeadline, this) {}

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
  sessions_.ForEach([this](Session& session) { MarkReady(session); });
}

void Generator::BeginMeasuring() {
  measured_.tally.Clear();
  measuring_ = true;
  loading_ = true;
  measured_.begin_ns = shard_.ReadClock();
  measured_.thread_begin = SampleThisThread();
  if (plan_.calls_max != Options::kUnlimited) {
    count_from_ns_ = measured_.begin_ns;
    calls_to_start_ = calls_to_end_ = plan_.calls_max;
    if (plan_.calls_max == 0) return OnCallsDone();
  }
  sessions_.ForEach([this](Session& session) { MarkReady(session); });
}

void Generator::EndMeasuring() {
  loading_ = false;
  if (measuring_) {
    measuring_ = false;
    measured_.end_ns = shard_.ReadClock();
    measured_.thread_end = SampleThisThread();
  }
  measured_.unfinished_count = 0;
  const TimeNs now = shard_.ReadClock();
  sessions_.ForEach([this, now](Session& session) {
    measured_.unfinished_count += session.active_count();
    measured_.longest_wait_ns = std::max(measured_.longest_wait_ns, session.LongestWait(now));
  });
  Publish();
  progress_.measured.store(true, std::memory_order_release);
  Wake();
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
  ready_.PushBack(session);
  shard_.run_queue().Push(fill_);
}

void Generator::OnFill(void* context) { static_cast<Generator*>(context)->Fill(); }

void Generator::Fill() {
  const TimeNs now = shard_.ReadClock();
  while (Session* session = ready_.PopFront()) {
    if (loading_) session->StartCalls(now);
  }
  Publish();
}

void Generator::Publish() {
  progress_.ok_count.store(measured_.tally.ok_count(), std::memory_order_relaxed);
  progress_.error_count.store(measured_.tally.error_count(), std::memory_order_relaxed);
}

void Generator::RecordError(const Call& call, uint8_t status, std::string_view message) {
  if (!IsCounted(call)) return;
  measured_.tally.RecordError(status, message);
  if (--calls_to_end_ == 0) OnCallsDone();
}

void Generator::ScheduleDeadline() {
  shard_.timers().Schedule(deadline_timer_, deadlines_.front()->start_ns + deadline_ns_);
}

// All calls have the same time, so they expire in the order in which they began.
void Generator::OnDeadline(void* context, TimeNs now) {
  auto* generator = static_cast<Generator*>(context);
  while (Call* oldest = generator->deadlines_.front()) {
    if (oldest->start_ns + generator->deadline_ns_ > now) return generator->ScheduleDeadline();
    oldest->session->Expire(*oldest, generator->deadline_message_);
  }
}

// --- Connections

void Generator::OnSocket(reactor::Socket& socket, uint32_t address_index) {
  auto* link =
      new Session::Link(shard_, http2::Role::kClient, http2::Limits{}, &workspace_,
                        http2::FieldClassifier{&Session::Classify, nullptr}, this, address_index);
  sessions_.PushBack(link->session());
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

void Generator::OnConnectionEnd(Session& session, bool retired, const std::string& why) {
  session.reactor::ListHook<ReadyTag>::Unlink();
  session.reactor::ListHook<SessionTag>::Unlink();
  if (!session.established()) {
    if (why.starts_with(kTlsFailed)) return OnConnectFailed(why);
    return OnConnectFailed(why + " before it spoke HTTP/2: is it a gRPC server" +
                           (plan_.tls == nullptr ? ", without TLS?" : "?"));
  }
  if (retired && !closing_) {
    progress_.connections_pending.fetch_add(1, std::memory_order_release);
    ConnectTo(session.address_index());
  } else if (!closing_) {
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
