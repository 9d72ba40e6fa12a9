// Link: one connection's socket and its http2::Connection, joined: the one place where I/O meets
// protocol. It knows neither calls nor handlers; a Session, one floor up, makes something of the
// events.
//
//     class Session {
//       // All that came on the connection so far, up to kFirstBytesMax octets. False: they are not
//       // HTTP/2 and were answered by Link::Refuse(), or are too few to tell.
//       bool Admit(wire::Bytes bytes);
//       void OnEvent(const http2::Event& event);      // all but kNone and kConnectionError
//       void OnBatchEnd();                            // what had arrived has been handled
//       void OnConnectionEnd(const http2::Error&);    // no event follows; open streams die
//       void OnClosed();                              // the Link may be destroyed
//       // Optional: the windows and the output have taken what they could; a session with more to
//       // send than it wants to queue sends the next piece here.
//       void OnFlush();
//       // Optional: the peer took some of the output, so that it may have room again.
//       void OnSent();
//       // Optional, both: times of the session's own. The Link asks when its timer is set: whoever
//       // brings one nearer calls Link::Rearm(). OnExpiry() may come early.
//       TimeNs next_expiry() const;
//       void OnExpiry(TimeNs now);
//     };
//
// With TLS its engine stands between the socket and the connection: records come and go, and the
// session is given what was in them. A server's session begins it in Admit() (BeginTls()), a
// client's link is told before Attach().
//
// A template and not an interface, so that nothing virtual stands between a received buffer and the
// handler. The Session is given the Link when it is made.
//
// Ownership: lives from the accepted (or connecting) socket until Session::OnClosed().
// Limits:    a peer that does not read what it makes us say is not read from
//            (http2::Limits::output_bytes_max). The connection does not see what was encrypted and
//            not taken: at most kTlsUnsentBytesMax and a record, and a record or two while the
//            socket takes no more; http2::Limits::stalled_connection_timeout_ns holds for it, too.
#ifndef PENSTOCK_RPC_LINK_H_
#define PENSTOCK_RPC_LINK_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/http2/connection.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/socket.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/rpc/frame_tap.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/tls_engine.h"

namespace penstock::rpc {

template <typename Session>
class Link final : public reactor::SocketHandler {
 public:
  // Session::Admit() can always tell from this many.
  static constexpr size_t kFirstBytesMax = 16;
  // Enough to keep a socket busy for a turn.
  static constexpr size_t kTlsUnsentBytesMax = 128 * 1024;
  // Behind what is on its way. Spec: a record's content, RFC 8446 §5.1
  static constexpr size_t kTlsUnsentBytesMaxHeld = 16 * 1024;

  // `session_args` go to Session(Link&, session_args...).
  template <typename... Args>
  Link(reactor::Shard& shard, http2::Role role, const http2::Limits& limits,
       http2::Workspace* workspace, http2::FieldClassifier classifier, Args&&... session_args)
      : shard_(shard),
        role_(role),
        preface_timeout_ns_(limits.preface_timeout_ns),
        stalled_timeout_ns_(limits.stalled_connection_timeout_ns),
        connection_(role, limits, workspace, classifier),
        expiry_timer_(&Link::OnExpiry, this),
        session_(*this, std::forward<Args>(session_args)...) {}
  ~Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // The accepted socket, or the connecting one. A client speaks at once; a server when it has seen
  // that the peer speaks HTTP/2.
  void Attach(reactor::Socket& socket) {
    socket_ = &socket;
    if (role_ == http2::Role::kClient) {
      tls_ == nullptr ? Start() : socket_->MarkDirty();
    } else {
      preface_due_at_ = SaturatingAdd(shard_.now(), preface_timeout_ns_);
      ArmExpiry();
    }
  }

  reactor::Shard& shard() { return shard_; }
  reactor::Socket& socket() { return *socket_; }
  http2::Connection& connection() { return connection_; }
  Session& session() { return session_; }
  // The peer speaks HTTP/2, and so do we.
  bool admitted() const { return admitted_; }
  // When the peer's latest octets were read, or when it was admitted. Now, while they are not read.
  TimeNs silent_since() const {
    return PENSTOCK_UNLIKELY(socket_->receive_paused()) ? shard_.now() : received_at_;
  }
  // The session has been told OnConnectionEnd().
  bool ended() const { return ended_; }

  // A server's: what came so far, and what follows, are records. From within Session::Admit(),
  // which answers false. The handshake has `timeout_ns`.
  void BeginTls(std::unique_ptr<wire::TlsEngine> engine, TimeNs timeout_ns) {
    tls_ = std::move(engine);
    preface_due_at_ = SaturatingAdd(shard_.now(), timeout_ns);
    ArmExpiry();
  }
  // A client's, before Attach(): an engine that has started.
  void BeginTls(std::unique_ptr<wire::TlsEngine> engine) { tls_ = std::move(engine); }
  // Null: cleartext.
  const wire::TlsEngine* tls() const { return tls_.get(); }

  // What the application sent goes out at the end of this turn.
  void MarkDirty() { socket_->MarkDirty(); }

  // Watches the frames until the tap's time is over; null: no longer. Ownership: `tap` outlives
  // this, or is taken away before.
  void SetTap(FrameTap* tap) {
    tap_ = tap;
    if (tap == nullptr) return;
    tap->Begin(connection_.NextOutput(),
               connection_.established() && connection_.between_frames());
  }

  bool has_tap() const { return tap_ != nullptr; }

  // Sends GOAWAY and everything before it, then closes. Open streams die.
  void Close(http2::ErrorCode code, std::string_view debug) {
    if (socket_->closing()) return;
    if (admitted_) connection_.SendGoAway(code, debug);
    End({http2::ErrorScope::kConnection, http2::Initiator::kLocal, code, "closed"});
  }

  // Everything has been said, GOAWAY too, and no stream is open: closes once that is written.
  void Finish() {
    End({http2::ErrorScope::kConnection, http2::Initiator::kLocal, http2::ErrorCode::kNoError,
         "drained"});
  }

  // The peer is taken for gone: closes without another word. `why` is a literal.
  void Lose(const char* why) {
    End(ConnectionLost(why));
    socket_->Abort();
  }

  // The session's next_expiry() is nearer than it was.
  void Rearm() { ArmExpiry(); }

  // Answers a peer that does not speak HTTP/2 and closes.
  void Refuse(std::string_view answer) {
    connection_.NextOutput().Append(wire::AsBytes(answer));
    socket_->MarkDirty();
    End({http2::ErrorScope::kConnection, http2::Initiator::kPeerFault,
         http2::ErrorCode::kHttp11Required, "not HTTP/2"});
  }

  // --- reactor::SocketHandler

  void OnConnected(int error) override {
    if (error != 0) End(ConnectionLost("the connection could not be made"));
  }

  void OnReceived(wire::Bytes bytes) override {
    if (PENSTOCK_UNLIKELY(tls_ != nullptr)) return OnRecords(bytes);
    OnPlain(bytes);
  }

  void OnFlush() override {
    wire::OutputChain& output = connection_.NextOutput();
    if (PENSTOCK_UNLIKELY(connection_.has_events())) TellEvents();
    if constexpr (requires { session_.OnFlush(); }) session_.OnFlush();
    if (PENSTOCK_UNLIKELY(tap_ != nullptr)) TapOutput(output);
    if (PENSTOCK_UNLIKELY(tls_ != nullptr)) return FlushTls(output);
    if (!output.empty()) socket_->Send(output);
  }

  void OnSent() override {
    if (PENSTOCK_UNLIKELY(tls_ != nullptr)) records_taken_at_ = shard_.now();
    if constexpr (requires { session_.OnSent(); }) session_.OnSent();
    if (connection_.has_output()) socket_->MarkDirty();
    if (socket_->receive_paused() && !connection_.should_pause()) socket_->ResumeReceive();
  }

  void OnReceiveEnd(int error) override {
    if (tls_ != nullptr) tls_->ReceiveEnd();
    End(ConnectionLost("the peer closed the connection"));
    error == 0 ? socket_->CloseAfterSend() : socket_->Abort();
  }

  void OnClosed() override {
    // Whoever aborted the socket under us (a shard that stops, an epoll_ctl that failed) told
    // nobody.
    End(ConnectionLost("the connection was aborted"));
    session_.OnClosed();
  }

 private:
  static http2::Error ConnectionLost(const char* text) {
    return {http2::ErrorScope::kConnection, http2::Initiator::kPeer, http2::ErrorCode::kNoError,
            text};
  }

  void Start() {
    admitted_ = true;
    received_at_ = shard_.now();
    connection_.Start(shard_.now());
    socket_->MarkDirty();
    ArmExpiry();
  }

  // A peer may send its first octets one by one: what is too little to tell is kept.
  PENSTOCK_COLD void OnFirstBytes(wire::Bytes bytes) {
    if (ended_) return;
    const size_t held_count = first_bytes_count_;
    const wire::Bytes held(first_bytes_.data(), held_count);
    const wire::Bytes seen = bytes.first(std::min(bytes.size(), kFirstBytesMax - held.size()));
    std::copy(seen.begin(), seen.end(), first_bytes_.begin() + first_bytes_count_);
    const bool had_tls = tls_ != nullptr;
    if (!session_.Admit({first_bytes_.data(), held.size() + seen.size()})) {
      first_bytes_count_ += static_cast<uint8_t>(seen.size());
      if (!had_tls && tls_ != nullptr) BeginRecords(held_count, bytes);
      return;
    }
    Start();
    if (!held.empty()) OnBytes(held);
    if (!ended_) OnBytes(bytes);
  }

  // False: its time is over, and it is no longer asked.
  bool KeepTap() {
    if (tap_->is_over(shard_.now())) tap_ = nullptr;
    return tap_ != nullptr;
  }

  PENSTOCK_COLD void TapOutput(const wire::OutputChain& output) {
    if (KeepTap()) tap_->OnOutput(output, shard_.now());
  }

  PENSTOCK_COLD void OnTappedBytes(wire::Bytes bytes) {
    if (!KeepTap()) return OnBytes(bytes);
    tap_->OnReceived(bytes, shard_.now());
    OnBytes(bytes);
    if (connection_.established() && connection_.between_frames()) tap_->NoteReceivedWhole();
  }

  void OnPlain(wire::Bytes bytes) {
    if (PENSTOCK_UNLIKELY(!admitted_)) return OnFirstBytes(bytes);
    if (PENSTOCK_UNLIKELY(tap_ != nullptr)) return OnTappedBytes(bytes);
    OnBytes(bytes);
  }

  // --- TLS

  // What was held is the beginning of the records; the place of it is needed for what is in them.
  PENSTOCK_COLD void BeginRecords(size_t held_count, wire::Bytes bytes) {
    const std::array<uint8_t, kFirstBytesMax> held = first_bytes_;
    first_bytes_count_ = 0;
    if (held_count != 0) OnRecords({held.data(), held_count});
    if (!ended_) OnRecords(bytes);
  }

  void OnRecords(wire::Bytes records) {
    using Step = wire::TlsEngine::Step;
    if (PENSTOCK_UNLIKELY(ended_)) return;
    tls_->Receive(records);
    while (!ended_) {
      wire::Bytes plain;
      switch (tls_->Decrypt(&plain)) {
        case Step::kPlain:
          OnPlain(plain);
          break;
        case Step::kOpened:
          OnTlsOpened();
          break;
        case Step::kNeedsMore:
          if (PENSTOCK_UNLIKELY(!tls_->output().empty())) socket_->MarkDirty();
          return;
        case Step::kViolation:
          return Close(http2::ErrorCode::kProtocolError, tls_->failure());
        case Step::kClosed:
          return End(ConnectionLost("the peer closed the connection"));
        case Step::kFailed:
          return End(ConnectionLost("TLS has failed"));
      }
    }
  }

  PENSTOCK_COLD void OnTlsOpened() {
    if (role_ == http2::Role::kClient) return Start();
    preface_due_at_ = SaturatingAdd(shard_.now(), preface_timeout_ns_);
    ArmExpiry();
  }

  // What does not fit stays where it is, and counts for the connection's bounds.
  void FlushTls(wire::OutputChain& plain) {
    const bool is_held = socket_->send_is_held();
    if (!is_held) records_taken_at_ = shard_.now();  // all that there were
    tls_->Encrypt(plain, is_held ? kTlsUnsentBytesMaxHeld : kTlsUnsentBytesMax);
    if (PENSTOCK_UNLIKELY(!tls_->failure().empty())) End(ConnectionLost("TLS has failed"));
    if (PENSTOCK_UNLIKELY(ended_) && plain.empty()) tls_->Close();
    if (!tls_->output().empty()) socket_->Send(tls_->output());
    if (tls_->output().empty() || PENSTOCK_LIKELY(records_due_at_ != kTimeNever)) return;
    records_due_at_ = SaturatingAdd(records_taken_at_, stalled_timeout_ns_);
    ArmExpiry();
  }

  // As http2::Connection does with what it sees. It looks once a stalled_timeout_ns_ at most.
  PENSTOCK_COLD void ExpireRecords(TimeNs now) {
    records_due_at_ = tls_->output().empty()
                          ? kTimeNever
                          : SaturatingAdd(records_taken_at_, stalled_timeout_ns_);
    if (now < records_due_at_) return;
    connection_.CountTrip(http2::Limit::kStalledConnection);
    Close(http2::ErrorCode::kEnhanceYourCalm, http2::NameOf(http2::Limit::kStalledConnection));
  }

  // --- HTTP/2

  void OnBytes(wire::Bytes bytes) {
    received_at_ = shard_.now();
    connection_.Receive(bytes, received_at_);
    for (;;) {
      const http2::Event event = connection_.NextEvent();
      if (event.kind == http2::Event::Kind::kNone) break;
      if (PENSTOCK_UNLIKELY(event.kind == http2::Event::Kind::kConnectionError)) {
        return End(event.error);
      }
      session_.OnEvent(event);
      if (PENSTOCK_UNLIKELY(ended_)) return;
    }
    session_.OnBatchEnd();
    if (connection_.has_output()) socket_->MarkDirty();
    if (PENSTOCK_UNLIKELY(connection_.should_pause())) Pause();
    if (PENSTOCK_UNLIKELY(connection_.next_expiry() != armed_for_)) ArmExpiry();
  }

  // Of what was sent, not received.
  PENSTOCK_COLD void TellEvents() {
    if (ended_) return;
    for (;;) {
      const http2::Event event = connection_.NextEvent();
      if (event.kind == http2::Event::Kind::kNone) break;
      if (event.kind == http2::Event::Kind::kConnectionError) return End(event.error);
      session_.OnEvent(event);
      if (ended_) return;
    }
    session_.OnBatchEnd();
  }

  // The peer makes us say more than it reads.
  PENSTOCK_COLD void Pause() {
    if (connection_.output_is_flooded()) {
      connection_.CountTrip(http2::Limit::kOutputFlood);
      return Close(http2::ErrorCode::kEnhanceYourCalm, http2::NameOf(http2::Limit::kOutputFlood));
    }
    if (!socket_->receive_paused() && !connection_.output_is_full()) {
      connection_.CountTrip(http2::Limit::kControlFramesQueued);
    }
    socket_->PauseReceive();
  }

  PENSTOCK_COLD void End(const http2::Error& error) {
    if (ended_) return;
    ended_ = true;
    session_.OnConnectionEnd(error);
    if (PENSTOCK_UNLIKELY(tls_ != nullptr)) tls_->GiveUp();  // the socket may take a while to go
    shard_.timers().Cancel(expiry_timer_);
    socket_->CloseAfterSend();
  }

  void ArmExpiry() {
    armed_for_ = connection_.next_expiry();
    if (ended_) return;
    TimeNs when = std::min(admitted_ ? armed_for_ : preface_due_at_, records_due_at_);
    if constexpr (requires { session_.next_expiry(); }) {
      when = std::min(when, session_.next_expiry());
    }
    shard_.timers().Schedule(expiry_timer_, when);
  }

  static void OnExpiry(void* context, TimeNs now) {
    auto* link = static_cast<Link*>(context);
    if (PENSTOCK_UNLIKELY(!link->admitted_)) {
      if (now >= link->preface_due_at_) {
        const bool shakes = link->tls_ != nullptr && link->tls_->is_handshaking();
        const http2::Limit limit =
            shakes ? http2::Limit::kTlsHandshakeTime : http2::Limit::kPreface;
        link->connection_.CountTrip(limit);
        return link->End(ConnectionLost(http2::NameOf(limit)));
      }
    } else {
      const http2::Event event = link->connection_.Expire(now);
      if (event.kind == http2::Event::Kind::kConnectionError) return link->End(event.error);
    }
    if (PENSTOCK_UNLIKELY(now >= link->records_due_at_)) {
      link->ExpireRecords(now);
      if (link->ended_) return;
    }
    if constexpr (requires { link->session_.OnExpiry(now); }) {
      link->session_.OnExpiry(now);
      if (link->ended_) return;
    }
    if (link->connection_.has_output() || link->connection_.has_events()) link->MarkDirty();
    link->ArmExpiry();
  }

  reactor::Shard& shard_;
  const http2::Role role_;
  const TimeNs preface_timeout_ns_;
  const TimeNs stalled_timeout_ns_;
  reactor::Socket* socket_ = nullptr;
  http2::Connection connection_;
  reactor::Timer expiry_timer_;
  TimeNs armed_for_ = kTimeNever;                    // the connection's part of it
  TimeNs preface_due_at_ = kTimeNever;               // until admitted_
  TimeNs received_at_ = 0;
  TimeNs records_due_at_ = kTimeNever;  // when some must have been taken; never: all were
  TimeNs records_taken_at_ = 0;
  std::array<uint8_t, kFirstBytesMax> first_bytes_;  // before Admit() could tell
  uint8_t first_bytes_count_ = 0;
  bool admitted_ = false;  // the peer speaks HTTP/2, and so do we
  bool ended_ = false;     // the session has been told; nothing more is received
  FrameTap* tap_ = nullptr;  // null but while somebody watches
  std::unique_ptr<wire::TlsEngine> tls_;
  Session session_;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_LINK_H_
