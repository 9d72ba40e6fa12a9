// Generator: the load that one shard makes. In a closed loop each slot of each connection sends its
// next call when its last one has ended; in an open loop (open_loop.h) calls take the slots that
// are free, each connection in turn, when they are due.
//
//     Generator generator(plan, wake_fd);
//     generator.Start(&why);                   // its thread runs and connects
//     ... progress().connections_pending == 0 ...
//     generator.Post<&Generator::BeginLoad>();   // the warm-up, if there is one
//     generator.Post<&Generator::BeginMeasuring>();
//     generator.Post<&Generator::EndMeasuring>();
//     generator.Post<&Generator::Close>();
//     generator.StopAndJoin();
//     generator.measured();
//
// A turn: everything that arrived is handled, ended calls free their slots; then all free slots are
// filled, with one look at the clock; then each connection writes once.
//
// In an open loop the shard wakes for the next start by an alarm, not by a timer of the wheel, and
// before its time: the kernel takes some 60 us to wake a thread, so the rest is spent in turns that
// do not sleep. What those cost is subtracted from the shard's processor time, which so still says
// how much it had to do. Without a core to spare it sleeps, and is late. docs/load_testing.md has
// the figures.
//
// Nothing is allocated per call: allocation_test.cc counts.
//
// Threading: constructor, Start, Post, progress and StopAndJoin belong to the thread that runs the
//            load test; measured() too, after StopAndJoin. The rest is the shard's.
#ifndef PENSTOCK_LOADTEST_GENERATOR_H_
#define PENSTOCK_LOADTEST_GENERATOR_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/client/target.h"
#include "penstock/http2/connection.h"
#include "penstock/http2/workspace.h"
#include "penstock/loadtest/bounded_queue.h"
#include "penstock/loadtest/generator_measured.h"
#include "penstock/loadtest/method_choice.h"
#include "penstock/loadtest/method_load.h"
#include "penstock/loadtest/open_loop.h"
#include "penstock/loadtest/options.h"
#include "penstock/loadtest/request.h"
#include "penstock/loadtest/series.h"
#include "penstock/loadtest/session.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/run_queue.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/wire/check.h"
#include "penstock/wire/tls_credentials.h"
#include "penstock/wire/tls_engine.h"
#include "penstock/wire/tls_sessions.h"

namespace penstock::loadtest {

// A generator's part of the run.
struct GeneratorPlan {
  const Options* options = nullptr;
  const RequestList* requests = nullptr;  // of each method
  const client::Target* target = nullptr;
  wire::TlsCredentials* tls = nullptr;  // loaded, and shared by all; null: cleartext
  int index = 0;
  int parts = 1;  // generators in all
  uint32_t connections = 1;
  uint32_t first_address = 0;  // the connections take the target's addresses in turn from here
  int64_t calls_max = Options::kUnlimited;
  reactor::Simulation* simulation = nullptr;  // see reactor::ShardOptions
};

// A connection has this long to be made and to speak HTTP/2; one that does not has failed.
inline constexpr TimeNs kConnectNsMax = 10 * kNsPerSecond;

// So many connections in a row that say GOAWAY and have answered nothing are replaced: a server
// that restarts has one now and then, and one that never serves would have them for ever.
inline constexpr uint32_t kUnansweringMax = 100;

// What first_failure begins with where TLS is why.
inline constexpr std::string_view kTlsFailed = "the TLS handshake failed: ";

class Generator {
 public:
  // `wake_fd` is an eventfd that is written whenever `progress` is worth a look.
  Generator(const GeneratorPlan& plan, int wake_fd);
  ~Generator();
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  // --- The load test's thread
  bool Start(std::string* why);
  // Runs a step on the shard.
  template <void (Generator::*step)()>
  void Post() {
    const bool posted =
        shard_.Post([](void* self, uint64_t) { (static_cast<Generator*>(self)->*step)(); }, this);
    PENSTOCK_CHECK(posted, "a handful of steps fits every mailbox");
  }
  void StopAndJoin();
  // Instead of Start() and StopAndJoin(): to be opened, turned and run by the caller.
  reactor::Shard& shard() { return shard_; }
  const GeneratorProgress& progress() const { return progress_; }
  const GeneratorMeasured& measured() const { return measured_; }
  // What TakeSample() took last: to be read once samples_count has counted it, and until the next
  // is asked for.
  const LoadSample& sample() const { return sample_; }
  reactor::IoMode io() const { return shard_.io(); }
  const std::string& io_reason() const { return shard_.io_reason(); }

  // --- Steps, on the shard
  void Connect();
  void BeginLoad();
  // What was counted so far is forgotten.
  void BeginMeasuring();
  // How far the window is.
  void TakeSample();
  void EndMeasuring();
  void Close();

  // --- For Session and Connector
  const Options& options() const { return *plan_.options; }
  // What the next call calls.
  MethodLoad& NextMethod() {
    return PENSTOCK_LIKELY(!choice_) ? *first_method_ : methods_[choice_->Next()];
  }
  const std::deque<MethodLoad>& methods() const { return methods_; }
  bool loading() const { return loading_; }
  bool may_start() const { return loading_ && calls_to_start_ > 0; }
  void CountNew() { --calls_to_start_; }
  void CountStart() { ++under_way_count_; }
  void CountEnd() { --under_way_count_; }
  void WatchDeadline(Call& call) {
    if (call.method->deadline_ns == 0) return;
    if (PENSTOCK_UNLIKELY(call.is_repeat)) return WatchDeadlineOfRepeat(call);
    call.method->deadlines.PushBack(call);
    if (!deadline_timer_.scheduled()) ScheduleDeadline();
  }
  void RecordOk(const Call& call, TimeNs end_ns) {
    if (PENSTOCK_UNLIKELY(!measuring_)) return;
    const TimeNs deadline_ns = call.method->deadline_ns;
    if (deadline_ns != 0 && end_ns - call.intended_ns <= deadline_ns) {
      ++measured_.timely_ok_count;
    }
    if (PENSTOCK_UNLIKELY(!IsCounted(call))) {
      ++measured_.carried_ok_count;
      return;
    }
    measured_.tally.RecordOk(end_ns - call.start_ns);
    if (open_loop_) measured_.tally.RecordResponse(end_ns - call.intended_ns);
    if (PENSTOCK_UNLIKELY(choice_.has_value())) RecordOkOfMethod(call, end_ns);
    if (PENSTOCK_UNLIKELY(--calls_to_end_ == 0)) OnCallsDone();
  }
  // The account of a stream's messages; null: what happens now is in no figure.
  MessageTally* MessagesOf(const Call& call) {
    return measuring_ ? &call.method->measured.messages : nullptr;
  }
  void RecordFirstMessage(const Call& call, TimeNs now) {
    if (IsCounted(call)) call.method->measured.messages.first_message.Record(now - call.start_ns);
  }
  void RecordOkOfMethod(const Call& call, TimeNs end_ns);
  // It ended with OK.
  void RecordStreamEnd(const Call& call);
  void RecordError(const Call& call, uint8_t status, std::string_view message);
  // Sends the call again when a slot is free; false: it has to end here.
  bool Repeat(const Call& call);
  void MarkReady(Session& session);
  void NotePeerStreamsMax(uint32_t streams);
  // Made; it has to speak HTTP/2 by `due_ns`.
  void OnSocket(reactor::Socket& socket, uint32_t address_index, TimeNs due_ns);
  void OnConnectFailed(const std::string& why);
  // `connect_ns` after it was begun.
  void OnEstablished(TimeNs connect_ns);
  // How long the next connection that is established may last; kTimeNever: for ever. The first
  // ones end one after the other, so that they are not replaced all at once.
  TimeNs TakeLifetime();
  // Of one that has answered a call, or that the peer ends.
  bool MayReplace(bool has_answered) {
    unanswering_count_ = has_answered ? 0 : unanswering_count_ + 1;
    return unanswering_count_ <= kUnansweringMax;
  }
  // Another connection takes the place of one that has served as long as it could.
  void ConnectAnew(const Session& session);
  void OnConnectionEnd(Session& session, bool was_lost, const std::string& why);
  void OnClosed();

 private:
  // With a number of calls to make, and in an open loop, those of the warm-up that end late are not
  // among them: they are carried, and count for the throughput alone.
  bool IsCounted(const Call& call) const {
    return measuring_ && call.intended_ns >= count_from_ns_;
  }
  void ConnectTo(uint32_t address_index);
  std::unique_ptr<wire::TlsEngine> StartTls();
  static void OnFill(void* context);
  void Fill();
  void MarkAllReady();
  void BeginOpenLoop(TimeNs now);
  void FillOpenLoop(TimeNs now);
  void TakeDue(TimeNs now);
  void AwaitStart(TimeNs now);
  static void OnSpin(void* context);
  void Spin();
  void SendRepeats(TimeNs now);
  void CountUnfinished();
  void RecordWaits(TimeNs now);
  void FillSample(LoadSample* sample);
  uint64_t InFlightCount() const;
  void WatchDeadlineOfRepeat(Call& call);
  void ScheduleDeadline();
  static void OnDeadline(void* context, TimeNs now);
  void OnCallsDone();
  void Wake();

  const GeneratorPlan plan_;
  const int wake_fd_;
  reactor::Shard shard_;
  http2::Workspace workspace_;
  wire::TlsWorkspace tls_workspace_;
  wire::TlsSessions tls_sessions_;
  std::deque<MethodLoad> methods_;  // that of measured_.methods with the same index
  MethodLoad* first_method_ = nullptr;
  bool makes_messages_ = false;  // of a template, for some method
  std::optional<MethodChoice> choice_;  // of a mix
  reactor::Runnable fill_;
  reactor::Timer deadline_timer_;                  // of the call whose time is over next
  reactor::List<Call, struct DeadlineTag> repeat_deadlines_;  // sent again, in no order
  reactor::List<Session, struct ReadyTag> ready_;  // have free slots
  reactor::List<Session, struct SessionTag> sessions_;
  std::optional<OpenLoop> open_loop_;
  const TimeNs spin_ns_;  // before a start; 0: sleeps until then
  reactor::Runnable spin_;
  TimeNs spin_at_ = 0;  // the last turn that only waited; 0: it did more
  uint64_t spin_completions_count_ = 0;
  BoundedQueue<CallBegin> repeats_;  // before all others
  uint64_t under_way_count_ = 0;
  uint32_t lifetimes_count_ = 0;    // that were taken
  uint32_t unanswering_count_ = 0;  // connections in a row that retired so
  TimeNs ready_since_ns_ = 0;  // the first of ready_
  bool loading_ = false;
  bool measuring_ = false;
  bool closing_ = false;
  TimeNs count_from_ns_ = 0;
  int64_t calls_to_start_ = Options::kUnlimited;
  int64_t calls_to_end_ = Options::kUnlimited;
  GeneratorMeasured measured_;
  LoadSample sample_;
  GeneratorProgress progress_;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_GENERATOR_H_
