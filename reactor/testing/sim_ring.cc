#include "penstock/reactor/testing/sim_ring.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "penstock/reactor/address.h"
#include "penstock/reactor/socket.h"
#include "penstock/wire/check.h"

namespace penstock::reactor {
namespace {

// As the rings have them.
constexpr size_t kUringBufferBytes = 8 * 1024;
constexpr size_t kEpollBufferBytes = 64 * 1024;
constexpr size_t kPiecesPerTurnMax = 32;
constexpr size_t kAcceptsPerTurnMax = 8;
// Receives that the kernel had filled in before it heard that they are to stop.
constexpr uint64_t kPiecesAfterStopMax = 3;

const char* SideOf(const SimEnd& end) { return end.accepting ? "server" : "client"; }

}  // namespace

SimRing::SimRing(SimNet* net, const RingContext& context, IoMode mode)
    : net_(*net), context_(context), mode_(mode) {}

void SimRing::Wait(TimeNs timeout_ns) {
  sleep_ns_ = timeout_ns;
  slept_at_ = net_.now_;
  has_reported_ = false;
}

TimeNs SimRing::wake_at() const { return SaturatingAdd(slept_at_, sleep_ns_); }

uint64_t SimRing::work_count() const {
  const ShardStats& stats = *context_.stats;
  return stats.flushes + stats.sends + stats.letters + stats.timers;
}

SocketHandler* SimRing::HandlerOf(const SimEnd& end) { return end.socket->handler_; }

SimEnd& SimRing::EndOf(const Socket& socket) const {
  const auto found = std::find_if(ends_.begin(), ends_.end(), [&socket](const SimEnd* end) {
    return end->socket == &socket;
  });
  PENSTOCK_CHECK(found != ends_.end(), "a ring is asked about sockets that were attached to it");
  return **found;
}

// ---- What is due

TimeNs SimRing::NextEvent() const {
  TimeNs next = kTimeNever;
  for (const SimEnd* end : ends_) next = std::min(next, WhenDue(*end));
  for (const auto& port : net_.ports_) {
    if (port->ring == this) next = std::min(next, WhenDue(*port));
  }
  return next;
}

TimeNs SimRing::WhenDue(const SimNet::Port& port) const {
  return port.stopping || (port.acceptor != nullptr && !port.backlog.empty()) ? 0 : kTimeNever;
}

TimeNs SimRing::WhenDue(const SimEnd& end) const {
  if (end.socket == nullptr) return kTimeNever;
  if (end.closing || end.stopping) return 0;
  TimeNs due = end.connect_at.value_or(kTimeNever);
  const TimeNs broken_at = end.error != 0 ? end.error_at : kTimeNever;
  if (end.wants_room || !end.sending.empty()) {
    const bool goes_on = !end.sending.empty() && !end.may_wait;
    due = std::min(due, goes_on || Room(end) > 0 ? TimeNs{0} : broken_at);
  }
  if (!end.receiving) return due;
  TimeNs receive_at = broken_at;
  if (!end.in->pieces.empty()) {
    receive_at = std::min(receive_at, end.in->pieces.front().at);
  } else if (end.in->end_at) {
    receive_at = std::min(receive_at, *end.in->end_at);
  }
  if (receive_at == kTimeNever) return due;
  return std::min(due, std::max(receive_at, end.stalled_until));
}

// What a callback begins is looked at in the next turn, as with a kernel. Which connection's turn
// is first differs.
void SimRing::Reap() {
  std::erase_if(ends_, [](const SimEnd* end) { return end->closed; });
  std::vector<SimEnd*> due;
  for (SimEnd* end : ends_) {
    if (WhenDue(*end) <= net_.now_) due.push_back(end);
  }
  if (due.size() > 1) {
    std::rotate(due.begin(),
                due.begin() + static_cast<std::ptrdiff_t>(net_.random_.Below(due.size())),
                due.end());
  }
  for (SimEnd* end : due) ReapEnd(*end);
  for (size_t i = 0; i < net_.ports_.size(); ++i) {
    if (net_.ports_[i]->ring == this) ReapPort(*net_.ports_[i]);
  }
}

// Any callback may close the socket, which ends what would be looked at next.
void SimRing::ReapEnd(SimEnd& end) {
  if (end.socket == nullptr) return;
  if (end.closing) return FinishClose(end);
  if (end.connect_at && *end.connect_at <= net_.now_) CompleteConnect(end);
  if (Acts(end) && !end.sending.empty()) CompleteSend(end);
  if (Acts(end) && end.wants_room) CompleteRoom(end);
  if (Acts(end) && end.receiving) Receive(end);
}

// ---- Connecting and accepting

void SimRing::Attach(Socket& socket) {
  SimEnd* end = net_.EndOf(socket.fd_);
  if (end == nullptr) end = &net_.Connect();
  end->socket = &socket;
  ends_.push_back(end);
}

void SimRing::StartConnect(Socket& socket, const Address& address) {
  SimEnd& end = EndOf(socket);
  SimRandom& random = net_.random_;
  end.connect_at = SaturatingAdd(net_.now_, net_.Delay());
  end.connect_error = random.Chance(net_.faults_.refused_connect) ? ECONNREFUSED : 0;
  if (random.Chance(net_.faults_.lost_connect)) end.connect_at = kTimeNever - 1;
  net_.trace_.Note(net_.now_, "connection %d: the client connects to port %d", end.connection,
                   address.port());
  end.port = address.port();
  const bool at_once = mode_ == IoMode::kEpoll && end.connect_error != 0 && random.Chance(300);
  if (!at_once) return;
  end.connect_at.reset();
  socket.CompleteConnect(ENETUNREACH);
}

void SimRing::CompleteConnect(SimEnd& end) {
  has_reported_ = true;
  end.connect_at.reset();
  SimNet::Port* port = net_.FindPort(end.port);
  const int error = port == nullptr ? ECONNREFUSED : end.connect_error;
  net_.trace_.Note(net_.now_, "connection %d: connecting ends with errno %d", end.connection,
                   error);
  if (error == 0) port->backlog.push_back(end.peer);
  end.socket->CompleteConnect(error);
}

void SimRing::StartAccept(Acceptor& acceptor, int fd) {
  SimNet::Port& port = *net_.PortOf(fd);
  port.acceptor = &acceptor;
  port.ring = this;
}

void SimRing::StopAccept(Acceptor& acceptor, int fd) {
  SimNet::Port& port = *net_.PortOf(fd);
  if (mode_ == IoMode::kUring && port.acceptor != nullptr) {
    port.stopping = true;
    return;
  }
  net_.ClosePort(port);
  acceptor.OnAcceptStopped();
}

void SimRing::ReapPort(SimNet::Port& port) {
  constexpr std::array kErrors = {ECONNABORTED, EMFILE, ENOBUFS, ENOMEM, EPROTO};
  for (size_t i = 0; i < kAcceptsPerTurnMax; ++i) {
    if (port.acceptor == nullptr || port.backlog.empty()) break;
    has_reported_ = true;
    Acceptor& acceptor = *port.acceptor;
    SimEnd& end = *port.backlog.front();
    if (!port.stopping && net_.random_.Chance(net_.faults_.accept_error)) {
      const int error = net_.random_.OneOf(kErrors);
      net_.trace_.Note(net_.now_, "port %d: accepting ends with errno %d", port.port, error);
      port.acceptor = nullptr;
      if (error != ENOBUFS && error != ENOMEM) {  // then it waits for the next try
        port.backlog.pop_front();
        end.closed = true;
        net_.Break(*end.peer, ECONNRESET, true);
      }
      return acceptor.OnAcceptEnd(error);
    }
    port.backlog.pop_front();
    net_.trace_.Note(net_.now_, "connection %d: accepted", end.connection);
    acceptor.OnAccepted(SimNet::FdOf(end));
  }
  if (!port.stopping) return;
  has_reported_ = true;
  Acceptor& acceptor = *port.acceptor;
  net_.ClosePort(port);
  acceptor.OnAcceptStopped();
}

// ---- Sending

bool SimRing::IsBroken(const SimEnd& end) const {
  return end.error != 0 && end.error_at <= net_.now_;
}

// To who is gone everything is sent, in vain.
bool SimRing::IsLost(const SimEnd& end) {
  return end.peer->closed || end.peer->error != 0 || end.out->end_at;
}

size_t SimRing::Room(const SimEnd& end) const {
  const size_t room_bytes = net_.faults_.room_bytes;
  if (IsLost(end)) return SIZE_MAX;
  return end.out->bytes < room_bytes ? room_bytes - end.out->bytes : 0;
}

// The connection may break right here.
void SimRing::Strike(SimEnd& end) {
  if (end.error == 0 && net_.random_.Chance(net_.faults_.reset)) net_.Reset(end, ECONNRESET);
  if (net_.random_.Chance(net_.faults_.end_half)) net_.EndHalf(end);
}

size_t SimRing::Take(SimEnd& end, std::span<const wire::Bytes> pieces, size_t skip_bytes) {
  std::string bytes;
  size_t offered_bytes = 0;
  for (const wire::Bytes piece : pieces) offered_bytes += piece.size();
  offered_bytes -= skip_bytes;
  size_t wanted_bytes = std::min(offered_bytes, Room(end));
  if (wanted_bytes > 1 && net_.random_.Chance(net_.faults_.short_send)) {
    wanted_bytes = 1 + net_.random_.Below(wanted_bytes - 1);
  }
  for (const wire::Bytes piece : pieces) {
    const size_t skipped = std::min(skip_bytes, piece.size());
    skip_bytes -= skipped;
    const size_t count = std::min(piece.size() - skipped, wanted_bytes - bytes.size());
    bytes.append(reinterpret_cast<const char*>(piece.data()) + skipped, count);
  }
  net_.trace_.Note(net_.now_, "connection %d: the %s sends %zu of %zu octets", end.connection,
                   SideOf(end), bytes.size(), offered_bytes);
  net_.trace_.Hash(wire::AsBytes(bytes));
  if (IsLost(end)) {
    net_.Break(end, ECONNRESET, false);
  } else if (!bytes.empty()) {
    SimPipe& pipe = *end.out;
    pipe.latest_at = std::max(pipe.latest_at, SaturatingAdd(net_.now_, net_.Delay()));
    pipe.bytes += bytes.size();
    pipe.pieces.push_back({pipe.latest_at, std::move(bytes)});
    return pipe.pieces.back().bytes.size();
  }
  return bytes.size();
}

int SimRing::StartSend(Socket& socket, std::span<const wire::Bytes> pieces, bool may_wait) {
  SimEnd& end = EndOf(socket);
  Strike(end);
  if (mode_ == IoMode::kUring) {
    end.sending.assign(pieces.begin(), pieces.end());
    end.sent_bytes = 0;
    end.may_wait = may_wait;
    return kInFlight;
  }
  if (may_wait) {
    end.wants_room = true;
    return kInFlight;
  }
  if (IsBroken(end)) return -EPIPE;
  if (Room(end) == 0) return -EAGAIN;
  return static_cast<int>(Take(end, pieces, 0));
}

// io_uring: one that may wait goes on until all is sent, and what it has sent is on its way.
void SimRing::CompleteSend(SimEnd& end) {
  if (!end.closing && net_.random_.Chance(net_.faults_.late_send)) return;
  int result = -EPIPE;
  if (!IsBroken(end)) {
    if (Room(end) > 0) end.sent_bytes += Take(end, end.sending, end.sent_bytes);
    size_t offered_bytes = 0;
    for (const wire::Bytes piece : end.sending) offered_bytes += piece.size();
    if (end.may_wait && end.sent_bytes < offered_bytes && !end.closing) return;
    const int nothing = end.closing ? -ECANCELED : -EAGAIN;
    result = end.sent_bytes > 0 ? static_cast<int>(end.sent_bytes) : nothing;
  } else if (end.sent_bytes > 0) {
    result = static_cast<int>(end.sent_bytes);
  }
  has_reported_ = true;
  end.sending.clear();
  end.socket->CompleteSend(result);
}

void SimRing::CompleteRoom(SimEnd& end) {
  if (Room(end) == 0 && !IsBroken(end)) return;
  has_reported_ = true;
  end.wants_room = false;
  if (end.socket->may_send()) end.socket->CompleteWritable();
}

// ---- Receiving

void SimRing::StartReceive(Socket& socket) { EndOf(socket).receiving = true; }

void SimRing::StopReceive(Socket& socket) {
  SimEnd& end = EndOf(socket);
  if (!end.receiving) return;
  mode_ == IoMode::kUring ? end.stopping = true : end.receiving = false;
}

void SimRing::Receive(SimEnd& end) {
  const bool was_stopping = end.stopping;
  if (!was_stopping) {
    if (std::max(end.stalled_until, TimeNs{0}) > net_.now_) return;
    if (net_.random_.Chance(net_.faults_.stall)) {
      end.stalled_until =
          SaturatingAdd(net_.now_, net_.random_.Between(0, net_.faults_.stall_ns_max));
      net_.trace_.Note(net_.now_, "connection %d: nothing comes to the %s for %.3f ms",
                       end.connection, SideOf(end),
                       static_cast<double>(end.stalled_until - net_.now_) / kNsPerMs);
      return;
    }
    if (net_.random_.Chance(net_.faults_.no_buffer)) return;
  }
  Strike(end);
  uint64_t left_count = was_stopping ? net_.random_.Below(kPiecesAfterStopMax) : kPiecesPerTurnMax;
  while (left_count > 0 && Acts(end) && end.receiving && !end.in->pieces.empty() &&
         end.in->pieces.front().at <= net_.now_) {
    --left_count;
    if (end.stopping && !was_stopping) {  // by the last piece: what was filled in still comes
      left_count = std::min(left_count, net_.random_.Below(kPiecesAfterStopMax));
    }
    ReceivePiece(end);
  }
  if (!Acts(end) || !end.receiving) return;
  if (was_stopping) return Stop(end);
  if (!end.stopping) ReceiveEnd(end);
}

void SimRing::ReceivePiece(SimEnd& end) {
  SimPipe& pipe = *end.in;
  std::string& front = pipe.pieces.front().bytes;
  const size_t buffer_bytes = mode_ == IoMode::kUring ? kUringBufferBytes : kEpollBufferBytes;
  size_t bytes = std::min(front.size(), buffer_bytes);
  if (bytes > 1 && net_.random_.Chance(net_.faults_.short_receive)) {
    bytes = 1 + net_.random_.Below(bytes - 1);
  }
  // At its exact size and gone afterwards, so that AddressSanitizer sees who reads beyond.
  const std::vector<uint8_t> buffer(front.begin(),
                                    front.begin() + static_cast<std::ptrdiff_t>(bytes));
  pipe.bytes -= bytes;
  if (bytes == front.size()) {
    pipe.pieces.pop_front();
  } else {
    front.erase(0, bytes);
  }
  has_reported_ = true;
  net_.trace_.Note(net_.now_, "connection %d: the %s receives %zu octets", end.connection,
                   SideOf(end), bytes);
  end.socket->CompleteReceive(buffer);
}

void SimRing::ReceiveEnd(SimEnd& end) {
  if (!end.in->pieces.empty() && !IsBroken(end)) return;
  const bool has_ended = end.in->end_at && *end.in->end_at <= net_.now_;
  if (!IsBroken(end) && !has_ended) return;
  // What came before an error has been read; behind it nothing comes.
  const int error = IsBroken(end) ? end.error : 0;
  if (error != 0 && !end.in->pieces.empty() && end.in->pieces.front().at <= net_.now_) return;
  has_reported_ = true;
  end.receiving = false;
  net_.trace_.Note(net_.now_, "connection %d: receiving ends at the %s with errno %d",
                   end.connection, SideOf(end), error);
  end.socket->CompleteReceiveEnd(error);
}

// io_uring: receiving was cancelled, and is perhaps wanted again by now.
void SimRing::Stop(SimEnd& end) {
  has_reported_ = true;
  end.stopping = false;
  const Socket& socket = *end.socket;
  end.receiving = socket.receive_wanted_ && !socket.receive_ended_;
}

// ---- Closing

// Our half ends behind what was sent.
bool SimRing::ShutdownSend(Socket& socket) {
  SimEnd& end = EndOf(socket);
  if (IsBroken(end)) return false;
  end.out->end_at = std::max(end.out->latest_at, SaturatingAdd(net_.now_, net_.Delay()));
  net_.trace_.Note(net_.now_, "connection %d: the %s ends its half", end.connection, SideOf(end));
  return true;
}

void SimRing::Close(Socket& socket) {
  SimEnd& end = EndOf(socket);
  const bool is_idle = !end.receiving && end.sending.empty() && !end.connect_at;
  if (mode_ == IoMode::kEpoll || is_idle) return FinishClose(end);
  end.closing = true;
}

// What was not read resets the connection, as TCP does.
void SimRing::FinishClose(SimEnd& end) {
  if (!end.sending.empty()) CompleteSend(end);
  has_reported_ = true;
  end.closing = end.stopping = end.receiving = end.wants_room = false;
  Socket& socket = *std::exchange(end.socket, nullptr);
  end.closed = true;
  SimEnd& peer = *end.peer;
  net_.trace_.Note(net_.now_, "connection %d: the %s closes, %zu octets unread", end.connection,
                   SideOf(end), end.in->bytes);
  if (end.connect_at) {
    end.connect_at.reset();
    peer.closed = true;
  } else if (end.in->bytes != 0) {
    net_.Break(peer, ECONNRESET, net_.random_.Chance(500));
  } else if (!end.out->end_at) {
    end.out->end_at = std::max(end.out->latest_at, SaturatingAdd(net_.now_, net_.Delay()));
  }
  end.in->pieces.clear();
  end.in->bytes = 0;
  if (SimNet::IsOfTheKernel(socket.fd_)) ::close(socket.fd_);
  socket.CompleteClose();
}

}  // namespace penstock::reactor
