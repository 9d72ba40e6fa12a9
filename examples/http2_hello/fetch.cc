#include "penstock/examples/http2_hello/fetch.h"

#include <optional>
#include <utility>

#include "penstock/http2/connection.h"
#include "penstock/http2/error.h"
#include "penstock/http2/event.h"
#include "penstock/http2/workspace.h"
#include "penstock/reactor/address.h"
#include "penstock/reactor/io_error.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/rpc/link.h"

namespace penstock::examples {
namespace {

std::string Named(const char* what, http2::ErrorCode code) {
  return std::string(what) + "(" + std::string(http2::ErrorCodeName(code)) + ")";
}

// What a fetch is told, and where its result goes.
struct Job {
  const Url& url;
  const FetchOptions& options;
  const std::function<void(std::string_view)>& on_body;
  FetchResult result;
};

// The client's side of the connection.
// Ownership: part of its Link, which it destroys in OnClosed().
class FetchSession {
 public:
  using Link = rpc::Link<FetchSession>;

  FetchSession(Link& link, Job* job)
      : link_(link), job_(*job), linger_timer_(&FetchSession::OnLingered, this) {}

  void SendRequest() {
    stream_ = link_.connection().OpenStream();
    stream_->user = this;
    const http2::OutgoingField fields[] = {{":method", job_.options.head ? "HEAD" : "GET"},
                                           {":scheme", "http"},
                                           {":authority", job_.url.authority},
                                           {":path", job_.url.target},
                                           {"user-agent", "penstock-http2-hello"}};
    link_.connection().SendHead(*stream_, fields, http2::EndStream::kYes);
    link_.MarkDirty();
  }

  // --- for Link
  bool Admit(wire::Bytes) { return true; }
  void OnBatchEnd() {}

  void OnEvent(const http2::Event& event) {
    using Kind = http2::Event::Kind;
    switch (event.kind) {
      case Kind::kHead:
        job_.result.status = link_.connection().head().status_code;
        break;
      case Kind::kHeadTooLarge:
        return Finish("the response's header fields are too large");
      case Kind::kData:
        job_.on_body(wire::AsString(event.data));
        link_.connection().ReturnCredit(*event.stream, static_cast<uint32_t>(event.data.size()));
        break;
      case Kind::kStreamReset:
        event.stream->user = nullptr;
        stream_ = nullptr;
        return Finish(event.error.initiator == http2::Initiator::kPeer
                          ? "the server sent " + Named("RST_STREAM", event.error.code)
                          : std::string("the response breaks HTTP/2: ") + event.error.text);
      case Kind::kGoAway:
        if (finished_) return Leave();
        goaway_ = "the server sent " + Named("GOAWAY", event.error.code);
        if (stream_ != nullptr && stream_->id > link_.connection().peer_last_stream_id()) {
          Finish(goaway_ + " and did not serve the request");
        }
        return;
      default:
        return;
    }
    if (event.end_stream) FinishWhole();
  }

  void OnConnectionEnd(const http2::Error& error) {
    std::string why = error.text;
    if (error.initiator == http2::Initiator::kPeerFault) why = "the server breaks HTTP/2: " + why;
    if (!goaway_.empty()) why = goaway_ + ", then " + why;
    ended_ = true;
    Finish(why);
  }

  void OnClosed() {
    reactor::Shard& shard = link_.shard();
    delete &link_;  // and this with it
    shard.Stop();
  }

  // Whatever did not come by now is not waited for.
  void Finish(const std::string& error) {
    if (!std::exchange(finished_, true)) job_.result.error = error;
    Leave();
  }

 private:
  void FinishWhole() {
    finished_ = true;
    std::exchange(stream_, nullptr)->user = nullptr;
    if (job_.options.linger_ns == 0) return Leave();
    reactor::Shard& shard = link_.shard();
    shard.timers().Schedule(linger_timer_, SaturatingAdd(shard.now(), job_.options.linger_ns));
  }

  static void OnLingered(void* context, TimeNs) { static_cast<FetchSession*>(context)->Leave(); }

  void Leave() {
    if (stream_ != nullptr) std::exchange(stream_, nullptr)->user = nullptr;
    link_.shard().timers().Cancel(linger_timer_);
    if (!ended_) link_.Close(http2::ErrorCode::kNoError, "");
  }

  Link& link_;
  Job& job_;
  reactor::Timer linger_timer_;
  http2::Stream* stream_ = nullptr;  // null: not ours any more
  std::string goaway_;
  bool finished_ = false;  // the job has its result
  bool ended_ = false;     // the connection is on its way out already
};

// Hears whether the connection could be made, hands its socket to a Link, and ends what takes too
// long.
class Connector final : public reactor::SocketHandler {
 public:
  Connector(reactor::Shard* shard, http2::Workspace* workspace, Job* job)
      : shard_(*shard), workspace_(workspace), job_(*job), timer_(&Connector::OnTimeout, this) {}

  void Begin(const reactor::Address& address) {
    socket_ = &shard_.Connect(address, this);
    shard_.timers().Schedule(timer_, SaturatingAdd(shard_.now(), job_.options.timeout_ns));
  }

  void OnConnected(int error) override {
    if (error != 0) {
      job_.result.error = reactor::ConnectRefusal(error);
      return;
    }
    auto* link = new FetchSession::Link(shard_, http2::Role::kClient, http2::Limits{}, workspace_,
                                        http2::FieldClassifier{}, &job_);
    socket_->SetHandler(link);
    link->Attach(*socket_);
    session_ = &link->session();
    session_->SendRequest();
  }
  void OnReceived(wire::Bytes) override {}
  void OnFlush() override {}
  void OnSent() override {}
  void OnReceiveEnd(int) override {}
  void OnClosed() override { shard_.Stop(); }

 private:
  static void OnTimeout(void* context, TimeNs) {
    auto& connector = *static_cast<Connector*>(context);
    // The session lives as long as the shard runs.
    if (connector.session_ != nullptr) return connector.session_->Finish(kTooLong);
    connector.job_.result.error = kTooLong;
    connector.socket_->Abort();
  }

  static constexpr char kTooLong[] = "no whole response within the time of --timeout";

  reactor::Shard& shard_;
  http2::Workspace* workspace_;
  Job& job_;
  reactor::Timer timer_;
  reactor::Socket* socket_ = nullptr;
  FetchSession* session_ = nullptr;  // null: not connected
};

}  // namespace

FetchResult Fetch(const Url& url, const FetchOptions& options,
                  const std::function<void(std::string_view)>& on_body) {
  Job job{url, options, on_body, {}};
  std::string why;
  const std::optional<reactor::Address> address = reactor::Address::Resolve(url.address, &why);
  if (!address) {
    job.result.error = why;
    return job.result;
  }
  reactor::ShardOptions shard_options;
  shard_options.io = options.io;
  reactor::Shard shard(shard_options);
  if (!shard.Open(&why)) {
    job.result.error = why;
    return job.result;
  }
  http2::Workspace workspace(&shard.slabs());
  Connector connector(&shard, &workspace, &job);
  connector.Begin(*address);
  shard.Run();
  return job.result;
}

}  // namespace penstock::examples
