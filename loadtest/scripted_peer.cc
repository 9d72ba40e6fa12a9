#include "penstock/loadtest/scripted_peer.h"

#include <unordered_map>
#include <utility>
#include <vector>

#include "penstock/http2/connection.h"
#include "penstock/http2/workspace.h"
#include "penstock/loadtest/message_scanner.h"
#include "penstock/reactor/listener.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/link.h"
#include "penstock/wire/check.h"

namespace penstock::loadtest {
namespace {

using http2::EndStream;

void RaiseTo(std::atomic<uint64_t>* maximum, uint64_t value) {
  if (value > *maximum) *maximum = value;
}

class PeerSession {
 public:
  using Link = rpc::Link<PeerSession>;

  PeerSession(Link& link, const PeerScript* script, ScriptedPeer::Counters* counters)
      : link_(link), script_(*script), counters_(*counters) {
    ++counters_.connections;
  }

  bool Admit(wire::Bytes) { return true; }
  // Requests that came together are open together.
  void OnBatchEnd() {
    for (http2::Stream* stream : std::exchange(whole_, {})) OnRequest(*stream);
  }
  void OnConnectionEnd(const http2::Error&) {}
  void OnClosed() { delete &link_; }

  void OnEvent(const http2::Event& event) {
    using Kind = http2::Event::Kind;
    if (event.kind == Kind::kHead) return OnHead(*event.stream);
    if (event.kind == Kind::kStreamReset) {
      ++counters_.resets;
      scanners_.erase(event.stream);
      event.stream->user = nullptr;
      std::erase(whole_, event.stream);
    }
    if (event.kind != Kind::kData) return;
    counters_.request_bytes += event.data.size();
    link_.connection().ReturnCredit(*event.stream, static_cast<uint32_t>(event.data.size()));
    const uint64_t messages_count = scanners_[event.stream].Scan(event.data);
    counters_.messages += messages_count;
    if (messages_count > 0) OnMessages(*event.stream, messages_count);
    if (!event.end_stream || event.stream->user == nullptr) return;
    scanners_.erase(event.stream);
    whole_.push_back(event.stream);
  }

 private:
  void OnHead(http2::Stream& stream) {
    stream.user = this;
    RaiseTo(&counters_.streams_open_max, link_.connection().streams_open_count());
    for (const http2::HeaderField& field : link_.connection().fields()) {
      if (field.token == http2::FieldName::kGrpcTimeout) ++counters_.timeouts;
    }
    if (script_.answer == Answer::kEcho) SendHead(stream, kHeadFields, EndStream::kNo);
    if (script_.answer == Answer::kUnavailableEarly) {
      SendHead(stream, kUnavailableFields, EndStream::kYes);
    }
  }

  void OnMessages(http2::Stream& stream, uint64_t count) {
    if (script_.answer == Answer::kOkEarly) {
      stream.user = nullptr;
      scanners_.erase(&stream);
      SendHead(stream, kOkOnlyFields, EndStream::kYes);
    }
    if (script_.answer != Answer::kEcho) return;
    for (; count > 0; --count) link_.connection().SendData(stream, kMessage, EndStream::kNo);
  }

  void OnRequest(http2::Stream& stream) {
    stream.user = nullptr;
    const uint64_t count = ++counters_.requests;
    ++requests_count_;
    if (script_.refuse_each != 0 && count % script_.refuse_each == 0) {
      link_.connection().SendReset(stream, http2::ErrorCode::kRefusedStream);
    } else {
      Respond(stream);
    }
    if (requests_count_ == script_.goaway_after) {
      link_.connection().SendGoAway(http2::ErrorCode::kNoError, "enough");
    }
    if (script_.on_request) script_.on_request(count);
  }

  void Respond(http2::Stream& stream) {
    http2::Connection& connection = link_.connection();
    switch (script_.answer) {
      case Answer::kOk:
        SendHead(stream, kHeadFields, EndStream::kNo);
        for (uint64_t i = 0; i < script_.messages; ++i) {
          connection.SendData(stream, kMessage, EndStream::kNo);
        }
        return connection.SendTrailers(stream, kOkTrailers);
      case Answer::kEcho:
        return connection.SendTrailers(stream, kOkTrailers);
      case Answer::kOkEarly:
        return;
      case Answer::kOkWithoutMessage:
        return SendHead(stream, kOkOnlyFields, EndStream::kYes);
      case Answer::kUnavailable:
        return SendHead(stream, kUnavailableFields, EndStream::kYes);
      case Answer::kUnavailableEarly:
        return;
      case Answer::kReset:
        return connection.SendReset(stream, http2::ErrorCode::kRefusedStream);
      case Answer::kHttp503:
        return SendHead(stream, kHttp503Fields, EndStream::kYes);
      case Answer::kDataWithoutTrailers:
        SendHead(stream, kHeadFields, EndStream::kNo);
        return connection.SendData(stream, kMessage, EndStream::kYes);
      case Answer::kBrokenHead:
        return SendHead(stream, kOkTrailers, EndStream::kYes);
      case Answer::kNever:
        stream.user = this;
        return;
      case Answer::kClose:
        return link_.socket().Abort();
    }
  }

  static constexpr uint8_t kMessage[] = {0, 0, 0, 0, 3, 0x0a, 1, 'x'};

  void SendHead(http2::Stream& stream, std::span<const http2::OutgoingField> fields,
                EndStream end) {
    link_.connection().SendHead(stream, fields, end);
  }

  static constexpr http2::OutgoingField kHeadFields[] = {{":status", "200"},
                                                         {"content-type", "application/grpc"}};
  static constexpr http2::OutgoingField kOkTrailers[] = {{"grpc-status", "0"}};
  static constexpr http2::OutgoingField kOkOnlyFields[] = {
      {":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "0"}};
  static constexpr http2::OutgoingField kUnavailableFields[] = {
      {":status", "200"},
      {"content-type", "application/grpc"},
      {"grpc-status", "14"},
      {"grpc-message", "try later, 100%25"}};
  static constexpr http2::OutgoingField kHttp503Fields[] = {{":status", "503"},
                                                            {"content-type", "text/html"}};

  Link& link_;
  const PeerScript& script_;
  ScriptedPeer::Counters& counters_;
  std::vector<http2::Stream*> whole_;  // requests of this batch
  std::unordered_map<http2::Stream*, MessageScanner> scanners_;
  uint64_t requests_count_ = 0;
};

}  // namespace

class ScriptedPeer::Acceptance final : public reactor::AcceptHandler {
 public:
  Acceptance(ScriptedPeer* peer, http2::Workspace* workspace)
      : peer_(*peer), workspace_(*workspace) {}

  reactor::SocketHandler* OnAccepted(reactor::Shard& shard, reactor::Socket& socket) override {
    auto* link =
        new PeerSession::Link(shard, http2::Role::kServer, peer_.script_.limits, &workspace_,
                              http2::FieldClassifier{}, &peer_.script_, &peer_.counters_);
    link->Attach(socket);
    return link;
  }

 private:
  ScriptedPeer& peer_;
  http2::Workspace& workspace_;
};

struct ScriptedPeer::Running {
  explicit Running(ScriptedPeer* peer)
      : shard(reactor::ShardOptions{}),
        workspace(&shard.slabs()),
        placement({&shard}),
        acceptance(peer, &workspace) {}

  reactor::Shard shard;
  http2::Workspace workspace;
  reactor::Placement placement;
  Acceptance acceptance;
  std::unique_ptr<reactor::Listener> listener;
};

ScriptedPeer::ScriptedPeer(PeerScript script)
    : script_(std::move(script)), running_(std::make_unique<Running>(this)) {
  std::string why;
  PENSTOCK_CHECK(running_->shard.Start(&why), "a shard starts");
  const int fd = reactor::OpenListeningSocket("127.0.0.1:0", &why);
  PENSTOCK_CHECK(fd >= 0, "a free port is found");
  running_->listener = std::make_unique<reactor::Listener>(running_->shard, fd, running_->placement,
                                                           running_->acceptance);
  address_ = running_->listener->address();
  running_->listener->Start();
}

ScriptedPeer::~ScriptedPeer() {
  running_->listener->Stop();
  running_->shard.Stop();
  running_->shard.Join();
}

}  // namespace penstock::loadtest
