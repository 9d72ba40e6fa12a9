#include "penstock/reactor/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <type_traits>

#include "penstock/reactor/address.h"
#include "penstock/reactor/ring.h"
#include "penstock/reactor/shard.h"
#include "penstock/wire/check.h"

namespace penstock::reactor {

// Idle connections are many; their memory is budgeted.
static_assert(sizeof(Socket) <= 256);

Socket::Socket(Shard& shard, SocketHandler* handler, int fd, uint32_t slot, uint32_t generation,
               uint64_t id)
    : shard_(shard),
      handler_(handler),
      id_(id),
      fd_(fd),
      slot_(slot),
      generation_(generation),
      close_timer_(&Socket::OnCloseTimer, this) {}

Socket::~Socket() = default;

std::string Socket::PeerAddress() const {
  const std::optional<Address> peer = Address::OfPeer(fd_);
  if (!peer) return "unknown";
  // Who connects within the process has no name: the listener's stands for both.
  const std::optional<Address> local = peer->is_unix() ? Address::OfLocalEnd(fd_) : std::nullopt;
  return local && local->is_in_process() ? local->ToString() : peer->ToString();
}

const std::string& Socket::RememberedPeerAddress() const {
  if (remembered_peer_ == nullptr) {
    remembered_peer_ = std::make_unique<const std::string>(PeerAddress());
  }
  return *remembered_peer_;
}

// ---- What the handler asks for

void Socket::MarkDirtyNow() {
  if (state_ == State::kConnecting) dirty_when_open_ = true;
  if (may_send()) shard_.dirty_.PushBack(*this);
}

void Socket::Send(wire::OutputChain& chain) {
  PENSTOCK_DCHECK(chain_ == nullptr || chain_ == &chain, "a socket sends one chain");
  chain_ = &chain;
  StartSend();
}

// Source: gRPC A18. Unix sockets and simulated ones refuse it, and need none.
void Socket::SetUserTimeout(TimeNs timeout_ns) {
  const TimeNs whole_ms = timeout_ns / kNsPerMs + (timeout_ns % kNsPerMs != 0);
  const auto timeout_ms =
      static_cast<unsigned>(std::clamp<TimeNs>(whole_ms, 1, std::numeric_limits<int>::max()));
  ::setsockopt(fd_, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
}

void Socket::PauseReceive() {
  if (!receive_wanted_ || closing()) return;
  receive_wanted_ = false;
  if (state_ == State::kOpen) shard_.ring().StopReceive(*this);
}

void Socket::ResumeReceive() {
  if (receive_wanted_ || closing()) return;
  receive_wanted_ = true;
  if (state_ == State::kOpen && !receive_ended_) shard_.ring().StartReceive(*this);
}

void Socket::CloseAfterSend() {
  if (closing()) return;
  if (state_ == State::kConnecting || broken_ || send_error_ != 0) return Abort();
  state_ = State::kFlushing;
  shard_.timers().Schedule(close_timer_, SaturatingAdd(shard_.now(), kFlushStallNsMax));
  MarkDirty();
}

void Socket::Abort() {
  if (state_ == State::kEnding) return;
  state_ = State::kEnding;
  ListHook<DirtyTag>::Unlink();
  ListHook<SentTag>::Unlink();
  ListHook<StarvedTag>::Unlink();
  close_timer_.Unlink();
  shard_.ring().Close(*this);
}

// ---- Receiving

void Socket::CompleteConnect(int error) {
  if (state_ != State::kConnecting) return;
  if (error != 0) {
    connect_error_ = error;
    return Abort();
  }
  state_ = State::kOpen;
  if (receive_wanted_) shard_.ring().StartReceive(*this);
  if (dirty_when_open_) MarkDirty();
  handler_->OnConnected(0);
}

void Socket::CompleteReceive(wire::Bytes bytes) {
  ++shard_.stats().receives;
  shard_.stats().received_bytes += bytes.size();
  if (PENSTOCK_LIKELY(state_ == State::kOpen)) {
    if (!broken_) handler_->OnReceived(bytes);
    return;
  }
  if (state_ != State::kLingering) return;
  lingered_bytes_ += bytes.size();
  if (lingered_bytes_ > kLingerBytesMax) Abort();
}

void Socket::CompleteReceiveEnd(int error) {
  receive_ended_ = true;
  if (state_ == State::kOpen) {
    if (error != 0) return ReportBroken(error);
    if (!broken_) handler_->OnReceiveEnd(0);
    return;
  }
  // While output is still owed, an end of the peer's half changes nothing; an error does.
  if (state_ == State::kLingering || error != 0) Abort();
}

void Socket::ReportBroken(int error) {
  if (broken_) return;
  broken_ = true;
  if (closing()) return Abort();
  if (!receive_ended_) shard_.ring().StopReceive(*this);
  receive_ended_ = true;
  handler_->OnReceiveEnd(error);
}

// ---- Sending

void Socket::Flush() {
  handler_->OnFlush();
  StartSend();
  CloseIfFlushed();
}

// A send that completed at once is followed up by NotifySent(), one per turn.
void Socket::StartSend() {
  if (chain_ == nullptr || chain_->empty() || send_in_flight_ || !may_send() || broken_ ||
      ListHook<SentTag>::linked()) {
    return;
  }
  // Not an array of them: that would be zeroed, a KiB for each send, and most have one piece.
  static_assert(std::is_trivially_copyable_v<wire::Bytes>);
  alignas(wire::Bytes) std::byte room[kSendPiecesMax * sizeof(wire::Bytes)];
  const std::span pieces(reinterpret_cast<wire::Bytes*>(room), kSendPiecesMax);
  int result;
  do {
    const size_t pieces_max = send_blocked_ ? kSendPiecesMaxBlocked : kSendPiecesMax;
    const size_t count = chain_->Gather(pieces.first(pieces_max));
    send_bytes_ = 0;
    for (size_t i = 0; i < count; ++i) send_bytes_ += static_cast<uint32_t>(pieces[i].size());
    ++shard_.stats().sends;
    result = shard_.ring().StartSend(*this, pieces.first(count), send_blocked_);
    if (result == Ring::kInFlight) {
      send_in_flight_ = true;
      return;
    }
    AccountSend(result);
  } while (result == -EAGAIN);
  shard_.sent_.PushBack(*this);
}

void Socket::AccountSend(int result) {
  send_in_flight_ = false;
  if (result == -EAGAIN || result == -EINTR) {
    send_blocked_ = result == -EAGAIN;
    shard_.stats().sends_blocked += send_blocked_;
    return;
  }
  if (result < 0) {
    send_error_ = -result;
    return;
  }
  const uint32_t taken_bytes = static_cast<uint32_t>(result);
  chain_->Consume(taken_bytes);
  shard_.stats().sent_bytes += taken_bytes;
  send_blocked_ = taken_bytes < send_bytes_;
  shard_.stats().sends_blocked += send_blocked_;
  send_advanced_ = true;
  if (state_ == State::kFlushing) {
    shard_.timers().Schedule(close_timer_, SaturatingAdd(shard_.now(), kFlushStallNsMax));
  }
}

void Socket::CompleteSend(int result) {
  AccountSend(result);
  ReportSent();
}

void Socket::CompleteWritable() {
  send_in_flight_ = false;
  send_blocked_ = false;
  StartSend();
}

void Socket::NotifySent() { ReportSent(); }

void Socket::ReportSent() {
  if (!may_send()) return;
  if (send_error_ != 0) return ReportBroken(send_error_);
  if (send_advanced_) {
    send_advanced_ = false;
    handler_->OnSent();
  }
  // With a flush coming, the rest goes out together with what that appends.
  if (!ListHook<DirtyTag>::linked()) StartSend();
  CloseIfFlushed();
}

// ---- Closing

void Socket::CloseIfFlushed() {
  if (state_ != State::kFlushing || send_in_flight_ || ListHook<DirtyTag>::linked() ||
      ListHook<SentTag>::linked()) {
    return;
  }
  if (chain_ == nullptr || chain_->empty()) StartLinger();
}

void Socket::StartLinger() {
  if (receive_ended_ || !shard_.ring().ShutdownSend(*this)) return Abort();
  state_ = State::kLingering;
  shard_.timers().Schedule(close_timer_, SaturatingAdd(shard_.now(), kLingerNsMax));
  receive_wanted_ = true;
  shard_.ring().StartReceive(*this);
}

void Socket::OnCloseTimer(void* context, TimeNs) { static_cast<Socket*>(context)->Abort(); }

void Socket::CompleteClose() {
  fd_ = -1;
  shard_.ended_.PushBack(*this);
}

}  // namespace penstock::reactor
