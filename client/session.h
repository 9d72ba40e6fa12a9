// Session: the client's side of one connection. It sends calls, follows the events of its Link, and
// tells each call how it ended.
//
//     Start(call) -> http2::Connection::SendHead, SendData -> Link::OnFlush
//     Link::OnBytes -> http2::Connection -> Session::OnEvent -> MessageAssembler -> call -> Finish
//
// Ownership: part of its Link, which it destroys in OnClosed().
#ifndef PENSTOCK_CLIENT_SESSION_H_
#define PENSTOCK_CLIENT_SESSION_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/client/client_call.h"
#include "penstock/http2/connection.h"
#include "penstock/http2/event.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/rpc/keepalive.h"
#include "penstock/rpc/link.h"
#include "penstock/rpc/response_head.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/bytes.h"

namespace penstock::client {

class ChannelCore;
class Subchannel;

class Session : public reactor::ListHook<struct SessionTag> {
 public:
  using Link = rpc::Link<Session>;

  // `address` is for messages.
  Session(Link& link, ChannelCore* core, Subchannel* subchannel, std::string address);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // --- for Link
  bool Admit(wire::Bytes) { return true; }
  void OnEvent(const http2::Event& event);
  void OnBatchEnd();
  void OnConnectionEnd(const http2::Error& error);
  void OnClosed();
  void OnFlush() { WakeWriters(); }
  void OnSent() { WakeWriters(); }
  TimeNs next_expiry() const { return keepalive_.next_expiry(); }
  void OnExpiry(TimeNs now);

  // --- for ChannelCore
  bool has_room() const { return !draining_ && !ended_ && link_.connection().can_open_stream(); }
  size_t calls_count() const { return link_.connection().streams_open_count(); }
  // While it has room.
  void Start(ClientCall& call);
  // Nobody wants the call any more.
  void Reset(ClientCall& call);
  // Of an open call whose request is not whole: one more message, and its end.
  void Send(ClientCall& call, const rpc::MessageWriter& message);
  void EndRequest(ClientCall& call);
  // More of the call lies unsent than may.
  bool is_full(const ClientCall& call) const;
  // Its writers are woken when it is not full any more.
  void AddBlocked(ClientCall& call);
  // Says GOAWAY and closes; calls under way end. The subchannel hears of nothing any more.
  void Close();
  Link& link() { return link_; }

 private:
  // session_response.cc
  using Fault = rpc::MessageQueue::Fault;
  void OnHead(const http2::Event& event);
  void OnData(const http2::Event& event);
  void ReceiveOne(ClientCall& call, const http2::Event& event);
  void ReceiveSeveral(ClientCall& call, const http2::Event& event);
  void BeginCompressed(ClientCall& call);
  // False: the call has failed.
  bool Decompress(ClientCall& call, wire::AssembledMessage* message);
  void FailMessage(ClientCall& call, Fault fault, uint32_t length_bytes);
  // The response is whole.
  void OnResponseEnd(ClientCall& call, const rpc::ResponseHead& head);
  Status JudgeResponse(ClientCall& call, const rpc::ResponseHead& head) const;
  Status JudgeFailure(const ClientCall& call, const rpc::ResponseHead& head) const;

  // session.cc
  void OnReset(const http2::Event& event);
  Status StatusOfStream(const ClientCall& call, const http2::Error& error) const;
  void OnSettings();
  void NamePeer(ClientCall& call);
  void OnGoAway(const http2::Event& event);
  void WakeKeepalive();
  // Why the connection has ended, for those whose calls end with it.
  std::string TextOfEnd(const std::string& why) const;
  void WakeWriters();
  // This end cannot go on with the call.
  void Fail(ClientCall& call, StatusCode code, std::string_view message);
  // The stream says no more to the call, and nothing more is said on it.
  void LeaveStream(ClientCall& call, http2::ErrorCode code);
  // Takes no more calls; `why` is a sentence.
  void Retire(const std::string& why);
  // Of calls that the server's GOAWAY does not leave out.
  bool ServesSome() const;
  void CloseIfDrained();

  Link& link_;
  ChannelCore& core_;
  Subchannel* subchannel_;  // null: this one drains, or was closed
  const std::string address_;
  reactor::List<ClientCall, BlockedTag> blocked_;  // their writers wait for room
  rpc::Keepalive keepalive_;
  std::string goaway_;  // "GOAWAY(NAME)" and what it says, once the server said so
  bool established_ = false;
  bool has_served_ = false;  // a response has come
  bool draining_ = false;    // takes no more calls; closes when the last has ended
  bool ended_ = false;
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_SESSION_H_
