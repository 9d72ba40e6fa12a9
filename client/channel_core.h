// ChannelCore: what a channel is made of: its subchannels, the sessions on their connections, the
// calls, and those that wait. Channel is the handle that users hold.
//
//     Start(call) -> a session with room -> Session::Start
//               \-> waits: for a connection, or for a stream; StartWaiting()
//
// Ownership: its own: goes when the Channel, all sockets and all calls are gone.
// Limits:    ChannelOptions::waiting_calls_max.
#ifndef PENSTOCK_CLIENT_CHANNEL_CORE_H_
#define PENSTOCK_CLIENT_CHANNEL_CORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/client/call_target.h"
#include "penstock/client/client_call.h"
#include "penstock/client/options.h"
#include "penstock/client/session.h"
#include "penstock/client/subchannel.h"
#include "penstock/http2/workspace.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/run_queue.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/rpc/decompression_budget.h"
#include "penstock/rpc/encodings.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/message_compressor.h"
#include "penstock/wire/object_pool.h"
#include "penstock/wire/tls_credentials.h"
#include "penstock/wire/tls_engine.h"
#include "penstock/wire/tls_sessions.h"

namespace penstock::client {

// Spec: gRPC connectivity-semantics-and-api.md
enum class ChannelState : uint8_t {
  kIdle,              // no connection, and nobody wants one
  kConnecting,        // the first attempts are under way; calls wait
  kReady,             // at least one connection stands
  kTransientFailure,  // the latest attempt failed, the next one comes by itself
  kShutdown,
};

// "READY"
const char* NameOf(ChannelState state);

// Of a channel's life so far.
struct ChannelCounters {
  uint64_t calls_started = 0;
  uint64_t calls_repeated = 0;  // transparently: not counted as started again
  uint64_t connect_attempts = 0;
  uint64_t connections_made = 0;  // that came to the server's SETTINGS
};

class ChannelCore {
 public:
  ChannelCore(reactor::Shard* its_shard, std::string_view target, const ChannelOptions& options);
  // Connects to nothing: `stand_in` answers.
  ChannelCore(reactor::Shard* its_shard, CallTarget* stand_in);
  ChannelCore(const ChannelCore&) = delete;
  ChannelCore& operator=(const ChannelCore&) = delete;

  // --- for Channel
  ChannelState state() const;
  // Begins to connect, if it is idle.
  void Connect();
  // The Channel goes: every call ends, every connection closes. This may be gone when it returns.
  void Shutdown();
  const ChannelCounters& counters() const { return counters_; }

  // --- for who makes calls
  // `path`, `parent` and its arena outlive the call. It has not begun.
  ClientCall& NewCall(CallScope* parent, std::string_view path, const CallOptions& options);
  void Start(ClientCall& call);
  // Ends a call that still goes on: RST_STREAM(CANCEL).
  void Cancel(ClientCall& call, const Status& why);
  // The one request of a call that has not begun; it may be compressed.
  void SetRequest(ClientCall& call, const rpc::MessageWriter& message);
  // Of a call whose request is not whole: one more message, and its end. Of a call that has ended
  // they are dropped.
  void Send(ClientCall& call, const rpc::MessageWriter& message);
  void EndRequest(ClientCall& call);
  // More of what was sent waits than may.
  bool is_full(const ClientCall& call) const;
  // `wait` is woken when that is over, or the call is.
  void WakeWhenNotFull(ClientCall& call, reactor::Wait& wait);
  rpc::MessageMemory& messages() { return messages_; }
  const rpc::Encodings& encodings() const { return encodings_; }
  rpc::MessageCompressor& compressor() { return compressor_; }
  rpc::DecompressionBudget& decompression() { return decompression_; }
  // Of a response: `*message` is what it was, in the call's response_arena().
  Status Decompress(ClientCall& call, wire::Bytes* message);
  // Of a call that ends well but for its response, which is packed: it ends behind that.
  void Unpack(ClientCall& call);
  // The call is gone, and perhaps this with it.
  void Release(ClientCall& call);

  // --- for the interceptors of a call
  // They let it begin. It may have ended when this returns.
  void Proceed(ClientCall& call);
  // Nobody wants it to go on: Finish(), and RST_STREAM(CANCEL) where it is open.
  void GiveUp(ClientCall& call, const Status& why);

  // --- for subchannels and sessions
  reactor::Shard& shard() { return shard_; }
  http2::Workspace& workspace() { return workspace_; }
  const ChannelOptions& options() const { return options_; }
  // False: `*why` is a sentence. Asks the system's resolver only until it had an answer.
  bool Resolve(std::string* why);
  const Target& target() const { return target_; }
  // False: `*why` is a sentence. Reads certificates until they were good once.
  bool PrepareTls(std::string* why);
  // Behind PrepareTls(): an engine that begins the handshake; null: cleartext.
  std::unique_ptr<wire::TlsEngine> StartTls();
  std::string_view scheme() const { return tls_ == nullptr ? "http" : "https"; }
  const std::string& authority() const { return target_.authority; }
  // As the user wrote it.
  const std::string& target_text() const { return target_text_; }
  const std::string& user_agent() const { return user_agent_; }
  ChannelCounters& counters() { return counters_; }
  bool shut_down() const { return shut_down_; }
  // Whether a connection that was lost is missed.
  bool wants_connection() const { return failing_ || !waiting_.empty(); }
  // Of connections to come.
  rpc::KeepaliveOptions keepalive() const {
    return {keepalive_time_ns_, options_.keepalive_timeout_ns, options_.keepalive_without_calls};
  }
  // A server's GOAWAY says so: the time between keepalive PINGs is doubled.
  void OnTooManyPings(const std::string& address);
  // It begins to connect: that it is idle is looked for from now on.
  void WatchIdleness();
  void OnReady();
  void OnAttemptFailed(const std::string& why);
  // What calls that wait are told at their deadline; they go on waiting.
  void NoteFailure(const std::string& why) { latest_failure_ = why; }
  // The server did nothing with the call, or has not even heard of it: it is made once more, as
  // soon as may be. Where waiting_calls_max wait already it ends with `why`.
  void Repeat(ClientCall& call, const Status& why);
  // A stream has ended, or the server takes more of them.
  void OnRoom() {
    if (PENSTOCK_UNLIKELY(!waiting_.empty())) shard_.run_queue().Push(start_waiting_);
  }
  void Add(Session& session) { sessions_.PushBack(session); }
  // For each socket: it came, and it is gone for good (this perhaps with it).
  void AddSocket() { ++sockets_count_; }
  void OnSocketClosed();

 private:
  ~ChannelCore() = default;
  void AddEncodings();
  void AddInterceptors();
  // False: the call could not begin any more, and has ended.
  bool IsInTime(ClientCall& call);
  void StartSpecial(ClientCall& call);
  void Assign(ClientCall& call);
  Session* FindRoom();
  // `crowded`: what the call ends with where no more may wait; null: with that.
  void Wait(ClientCall& call, const Status* crowded = nullptr);
  void StartWaiting();
  // `all`: those that wait for ready as well.
  void FailWaiting(const std::string& why, bool all);
  void UnpackWaiting();
  static void OnDeadline(void* context, TimeNs now);
  static void OnIdleTimer(void* context, TimeNs now);
  std::string TextOfDelay(const ClientCall& call) const;
  void DeleteIfUnused();

  reactor::Shard& shard_;
  CallTarget* const stand_in_ = nullptr;
  const ChannelOptions options_;
  rpc::Interceptors interceptors_;  // those of the options
  bool interceptors_are_plain_ = true;
  // Calls do not begin at once: there is a stand-in, or an interceptor.
  bool is_special_ = false;
  const std::string target_text_;
  Target target_;
  std::string user_agent_;
  http2::Workspace workspace_;
  std::unique_ptr<wire::TlsCredentials> tls_;  // null: cleartext
  wire::TlsWorkspace tls_workspace_;
  wire::TlsSessions tls_sessions_;
  rpc::Encodings encodings_;
  rpc::MessageCompressor compressor_{&encodings_};
  rpc::DecompressionBudget decompression_;
  rpc::EncodingSet all_encodings_;
  rpc::MessageMemory messages_;  // of responses that were not read
  wire::ObjectPool<ClientCall> calls_;
  std::vector<std::unique_ptr<Subchannel>> subchannels_;
  reactor::List<Session, struct SessionTag> sessions_;
  reactor::List<ClientCall, struct WaitingTag> waiting_;
  reactor::List<ClientCall, struct WaitingTag> packed_;
  uint32_t waiting_count_ = 0;
  uint32_t sockets_count_ = 0;
  TimeNs keepalive_time_ns_;
  TimeNs released_at_ = 0;     // the latest call; or when it began to connect
  reactor::Timer idle_timer_;  // while it is not idle
  bool shut_down_ = false;
  bool failing_ = false;  // TRANSIENT_FAILURE, until a connection stands
  std::string latest_failure_;
  reactor::Runnable start_waiting_;
  reactor::Runnable unpack_waiting_;
  ChannelCounters counters_;
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_CHANNEL_CORE_H_
