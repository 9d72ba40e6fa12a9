// What UringRing does for sockets and listeners.
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "penstock/reactor/address.h"
#include "penstock/reactor/uring_ring.h"
#include "penstock/wire/check.h"

namespace penstock::reactor {

void UringRing::Tag(io_uring_sqe* entry, Socket& socket, OperationKind kind) {
  ++socket.ring_state_.operations_count;
  io_uring_sqe_set_data64(entry, Operation{kind, socket.slot_, socket.generation_}.Pack());
}

// The kernel answers EAGAIN instead of waiting when a socket itself does not block.
void UringRing::Attach(Socket& socket) {
  const int flags = ::fcntl(socket.fd_, F_GETFL);
  if ((flags & O_NONBLOCK) != 0) ::fcntl(socket.fd_, F_SETFL, flags & ~O_NONBLOCK);
}

void UringRing::StartConnect(Socket& socket, const Address& address) {
  io_uring_sqe* entry = NextEntry();
  io_uring_prep_connect(entry, socket.fd_, address.get(), address.bytes());
  Tag(entry, socket, OperationKind::kConnect);
  Submit();  // copies the address, which is the caller's
}

// ---- Receiving

void UringRing::StartReceive(Socket& socket) {
  if (socket.ring_state_.receive_armed || socket.ListHook<StarvedTag>::linked()) return;
  io_uring_sqe* entry = NextEntry();
  io_uring_prep_recv_multishot(entry, socket.fd_, nullptr, 0, 0);
  ArmReceive(socket, entry);
}

void UringRing::ArmReceive(Socket& socket, io_uring_sqe* entry) {
  socket.ring_state_.receive_armed = true;
  entry->flags |= IOSQE_BUFFER_SELECT;
  entry->buf_group = BufferRing::kGroup;
  Tag(entry, socket, OperationKind::kReceive);
}

void UringRing::StopReceive(Socket& socket) {
  socket.ListHook<StarvedTag>::Unlink();
  if (!socket.ring_state_.receive_armed) return;
  io_uring_sqe* entry = NextEntry();
  io_uring_prep_cancel64(
      entry, Operation{OperationKind::kReceive, socket.slot_, socket.generation_}.Pack(), 0);
  Tag(entry, socket, OperationKind::kCancelReceive);
}

void UringRing::CompleteReceive(Socket& socket, const io_uring_cqe& completion) {
  const bool ended = (completion.flags & IORING_CQE_F_MORE) == 0;
  if (ended) {
    --socket.ring_state_.operations_count;
    socket.ring_state_.receive_armed = false;
  }
  if (completion.res > 0) {
    const uint16_t id = static_cast<uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
    socket.ring_state_.turn_bytes += static_cast<uint32_t>(completion.res);
    socket.CompleteReceive({buffers_.data(id), static_cast<size_t>(completion.res)});
  }
  if (ended) EndReceive(socket, completion.res);
}

// The budget of one connection in one turn: RingOptions::receive_bytes_per_turn_max.
PENSTOCK_ALWAYS_INLINE bool UringRing::HasHadItsTurn(Socket& socket) {
  Socket::RingState& state = socket.ring_state_;
  if (state.turn != turn_) {
    state.turn = turn_;
    state.turn_bytes = 0;
  }
  return state.turn_bytes >= options_.receive_bytes_per_turn_max;
}

// Ends without a buffer are kept as well: they come after the octets.
PENSTOCK_COLD void UringRing::KeepReceive(const io_uring_cqe& completion) {
  ++context_.stats->receives_kept;
  if ((completion.flags & IORING_CQE_F_BUFFER) != 0) ++kept_buffers_count_;
  kept_.push_back({completion.user_data, completion.res, completion.flags});
}

PENSTOCK_COLD void UringRing::HandleKept() {
  kept_before_.swap(kept_);
  kept_buffers_count_ = 0;
  for (const KeptReceive& kept : kept_before_) {
    io_uring_cqe completion{};
    completion.user_data = kept.user_data;
    completion.res = kept.result;
    completion.flags = kept.flags;
    CompleteForSocket(Operation::Unpack(kept.user_data), completion);
  }
  kept_before_.clear();
  buffers_.Publish();
}

// A multishot receive ends at the end of the stream, on errors, when it was cancelled, and when the
// kernel is out of buffers or of room in the completion queue.
void UringRing::EndReceive(Socket& socket, int result) {
  // The handler may have paused, resumed or closed meanwhile.
  const bool wanted = socket.receive_wanted_ && !socket.receive_ended_ &&
                      !socket.ring_state_.receive_armed && socket.state_ != Socket::State::kEnding;
  switch (result) {
    case 0:
      return socket.CompleteReceiveEnd(0);
    case -ENOBUFS:
      // No error. Every buffer is out; begun anew at once it would end the same way, for ever.
      ++context_.stats->no_buffers;
      if (wanted) starved_.PushBack(socket);
      return;
    case -ECANCELED:  // paused, and perhaps resumed since
    case -EINTR:
    case -EAGAIN:
      break;
    default:
      if (result < 0) return socket.CompleteReceiveEnd(-result);
      ++context_.stats->receive_rearms;
      break;
  }
  if (!wanted) return;
  if (starved_.empty()) return StartReceive(socket);
  starved_.PushBack(socket);  // others wait for buffers: behind them
}

// After a reaping every buffer is back, but for the kept ones. While connections wait for buffers,
// they are armed in turn and for one buffer each, no more of them than there are buffers: so that
// the first one, which may have any amount of input, does not take all.
void UringRing::RearmStarved() {
  for (uint32_t i = kept_buffers_count_; i < options_.recv_buffer_count; ++i) {
    Socket* const socket = starved_.PopFront();
    if (socket == nullptr) return;
    io_uring_sqe* entry = NextEntry();
    io_uring_prep_recv(entry, socket->fd_, nullptr, 0, 0);
    ArmReceive(*socket, entry);
  }
}

// ---- Sending

int UringRing::StartSend(Socket& socket, std::span<const wire::Bytes> pieces, bool may_wait) {
  // WAITALL: a short send is continued by the kernel.
  const int flags = MSG_NOSIGNAL | (may_wait ? MSG_WAITALL : MSG_DONTWAIT);
  io_uring_sqe* entry = NextEntry();
  if (pieces.size() == 1) {
    io_uring_prep_send(entry, socket.fd_, pieces[0].data(), pieces[0].size(), flags);
  } else {
    socket.ring_state_.send_vector = TakeSendVector(pieces);
    io_uring_prep_sendmsg(
        entry, socket.fd_,
        &send_vectors_[static_cast<size_t>(socket.ring_state_.send_vector)].message,
        static_cast<unsigned>(flags));
  }
  Tag(entry, socket, OperationKind::kSend);
  if (!may_wait && EndsQuietly(socket)) ++inline_sends_;
  return kInFlight;
}

// Nothing waits for the completion of this send if it goes as sends usually go: it is small, takes
// all there is, and the socket stays open. (If it does not, quiet_send_wait_ns_max bounds the
// loss.)
bool UringRing::EndsQuietly(const Socket& socket) {
  return socket.state_ == Socket::State::kOpen && socket.send_bytes_ <= kQuietSendBytesMax &&
         socket.send_bytes_ == socket.chain_->size();
}

int UringRing::TakeSendVector(std::span<const wire::Bytes> pieces) {
  if (free_send_vectors_.empty()) {
    free_send_vectors_.push_back(static_cast<int>(send_vectors_.size()));
    send_vectors_.emplace_back();
  }
  const int index = free_send_vectors_.back();
  free_send_vectors_.pop_back();
  SendVector& vector = send_vectors_[static_cast<size_t>(index)];
  for (size_t i = 0; i < pieces.size(); ++i) {
    vector.pieces[i] = {const_cast<uint8_t*>(pieces[i].data()), pieces[i].size()};
  }
  vector.message = {};
  vector.message.msg_iov = vector.pieces.data();
  vector.message.msg_iovlen = pieces.size();
  return index;
}

void UringRing::CompleteSend(Socket& socket, int result) {
  int& vector = socket.ring_state_.send_vector;
  if (vector >= 0) free_send_vectors_.push_back(std::exchange(vector, -1));
  socket.CompleteSend(result);
}

// ---- Completions and closing

void UringRing::CompleteForSocket(const Operation& operation, const io_uring_cqe& completion) {
  Socket* const socket = context_.sockets->Find(operation.slot, operation.generation);
  if (PENSTOCK_UNLIKELY(socket == nullptr)) {
    ++context_.stats->stale_completions;
  } else if (operation.kind == OperationKind::kReceive) {
    if (PENSTOCK_UNLIKELY(HasHadItsTurn(*socket))) return KeepReceive(completion);
    CompleteReceive(*socket, completion);
  } else {
    --socket->ring_state_.operations_count;
    switch (operation.kind) {
      case OperationKind::kSend:
        CompleteSend(*socket, completion.res);
        break;
      case OperationKind::kConnect:
        socket->CompleteConnect(completion.res < 0 ? -completion.res : 0);
        break;
      case OperationKind::kCancelReceive:
        // It was just running; without another try it would go on.
        if (completion.res == -EALREADY && !socket->receive_wanted_) StopReceive(*socket);
        break;
      default:  // kCancelAll. What escaped it ends now.
        if (socket->ring_state_.operations_count > 0) ::shutdown(socket->fd_, SHUT_RDWR);
        break;
    }
  }
  if ((completion.flags & IORING_CQE_F_BUFFER) != 0) {
    buffers_.Return(static_cast<uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT));
  }
  if (socket == nullptr || socket->state_ != Socket::State::kEnding) return;
  if (socket->ring_state_.operations_count == 0 && socket->fd_ >= 0) FinishClose(*socket);
}

void UringRing::Close(Socket& socket) {
  if (socket.ring_state_.operations_count == 0) return FinishClose(socket);
  io_uring_sqe* entry = NextEntry();
  io_uring_prep_cancel_fd(entry, socket.fd_, IORING_ASYNC_CANCEL_ALL);
  Tag(entry, socket, OperationKind::kCancelAll);
}

void UringRing::FinishClose(Socket& socket) {
  if (socket.fd_ >= 0) {
    ++context_.stats->system_calls;
    ::close(socket.fd_);
  }
  socket.CompleteClose();
}

// ---- Accepting

void UringRing::ArmAccept(const AcceptorTable::Entry& entry) {
  io_uring_sqe* submission = NextEntry();
  io_uring_prep_multishot_accept(submission, entry.fd, nullptr, nullptr, SOCK_CLOEXEC);
  io_uring_sqe_set_data64(submission,
                          Operation{OperationKind::kAccept, entry.slot, entry.generation}.Pack());
}

void UringRing::StartAccept(Acceptor& acceptor, int fd) {
  ArmAccept(*acceptors_.Add(acceptor, fd));
}

void UringRing::StopAccept(Acceptor& acceptor, int) {
  AcceptorTable::Entry* entry = acceptors_.FindAcceptor(acceptor);
  if (entry == nullptr) return acceptor.OnAcceptStopped();
  entry->stopping = true;
  io_uring_sqe* submission = NextEntry();
  io_uring_prep_cancel64(
      submission, Operation{OperationKind::kAccept, entry->slot, entry->generation}.Pack(), 0);
  io_uring_sqe_set_data64(submission, Operation{OperationKind::kCancelAccept}.Pack());
}

// What the kernel accepted before it heard of a stop is still served.
void UringRing::CompleteAccept(const Operation& operation, const io_uring_cqe& completion) {
  AcceptorTable::Entry* entry = acceptors_.Find(operation.slot, operation.generation);
  if (entry == nullptr) {
    ++context_.stats->stale_completions;
    if (completion.res >= 0) ::close(completion.res);
    return;
  }
  Acceptor& acceptor = *entry->acceptor;
  if (completion.res >= 0) acceptor.OnAccepted(completion.res);
  if ((completion.flags & IORING_CQE_F_MORE) != 0) return;
  // The table may have grown meanwhile.
  entry = acceptors_.Find(operation.slot, operation.generation);
  if (entry == nullptr) return;
  if (entry->stopping) {
    acceptors_.Remove(*entry);
    acceptor.OnAcceptStopped();
  } else if (completion.res >= 0) {
    ++context_.stats->accept_rearms;
    ArmAccept(*entry);
  } else {
    acceptors_.Remove(*entry);
    acceptor.OnAcceptEnd(-completion.res);
  }
}

}  // namespace penstock::reactor
