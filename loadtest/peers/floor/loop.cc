#include "penstock/loadtest/peers/floor/loop.h"

#include <errno.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "penstock/reactor/io_error.h"
#include "penstock/reactor/io_mode.h"
#include "penstock/reactor/uring_setup.h"
#include "penstock/wire/check.h"

namespace penstock::loadtest::floor {

Loop::~Loop() {
  if (made_) io_uring_queue_exit(&ring_);
}

// Buffers as many and as large as penstock's.
bool Loop::SetUp(std::string* why) {
  const reactor::RingOptions options;
  if (!reactor::SetUpUring(options, &ring_, why)) return false;
  made_ = true;
  const int result =
      buffers_.Register(&ring_, options.recv_buffer_count, options.recv_buffer_bytes);
  if (result < 0) {
    *why = reactor::UringRefusal("io_uring_register_buf_ring", -result);
    return false;
  }
  io_uring_register_ring_fd(&ring_);  // does as well without
  return true;
}

void Loop::Run(int listening_fd, std::span<const int> fds) {
  listening_fd_ = listening_fd;
  rings_ = fds;
  if (listening_fd_ >= 0) ArmAccept();
  for (;;) {
    io_uring_submit_and_wait(&ring_, 1);
    unsigned head = 0;
    unsigned count = 0;
    io_uring_cqe* completion = nullptr;
    io_uring_for_each_cqe(&ring_, head, completion) {
      Complete(*completion);
      ++count;
    }
    io_uring_cq_advance(&ring_, count);
    buffers_.Publish();
    for (const int fd : dirty_) Flush(fd);
    dirty_.clear();
    for (const int fd : starved_) {
      if (connections_[static_cast<size_t>(fd)] != nullptr) ArmReceive(fd);
    }
    starved_.clear();
  }
}

io_uring_sqe* Loop::NextEntry() {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  while (PENSTOCK_UNLIKELY(entry == nullptr)) {
    if (io_uring_submit(&ring_) <= 0) ::sched_yield();  // the kernel is short of memory
    entry = io_uring_get_sqe(&ring_);
  }
  return entry;
}

void Loop::Complete(const io_uring_cqe& completion) {
  const Kind kind = static_cast<Kind>(completion.user_data & 0xff);
  const int fd = static_cast<int>(completion.user_data >> 8);
  switch (kind) {
    case Kind::kReceive:
      return CompleteReceive(fd, completion);
    case Kind::kQuietSend:
      return CompleteSend(fd, completion.res, /*quiet=*/true);
    case Kind::kSend:
      return CompleteSend(fd, completion.res, /*quiet=*/false);
    case Kind::kAccept:
      if (completion.res >= 0) PassOn(completion.res);
      if ((completion.flags & IORING_CQE_F_MORE) == 0) ArmAccept();
      return;
    case Kind::kAdopt:
      return Adopt(completion.res);
    case Kind::kNothing:  // a MSG_RING that failed: its connection is lost
      ::close(fd);
      return;
  }
}

// ---- Connections

void Loop::ArmAccept() {
  io_uring_sqe* const entry = NextEntry();
  io_uring_prep_multishot_accept(entry, listening_fd_, nullptr, nullptr, SOCK_CLOEXEC);
  io_uring_sqe_set_data64(entry, Tag(Kind::kAccept, listening_fd_));
}

void Loop::PassOn(int fd) {
  const int to = rings_[next_ring_];
  next_ring_ = (next_ring_ + 1) % rings_.size();
  if (to == ring_fd()) return Adopt(fd);
  io_uring_sqe* const entry = NextEntry();
  io_uring_prep_msg_ring(entry, to, static_cast<unsigned>(fd), Tag(Kind::kAdopt, 0), 0);
  entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
  io_uring_sqe_set_data64(entry, Tag(Kind::kNothing, fd));
}

void Loop::Adopt(int fd) {
  const size_t index = static_cast<size_t>(fd);
  if (connections_.size() <= index) connections_.resize(2 * index + 1);
  connections_[index] = std::make_unique<Connection>(mode_);
  ArmReceive(fd);
  MarkDirty(fd, *connections_[index]);  // our SETTINGS
}

void Loop::End(int fd, Connection& connection) {
  connection.ended = true;
  if (connection.in_flight) {
    ::shutdown(fd, SHUT_RDWR);  // ends the send
    return;
  }
  ::close(fd);
  connections_[static_cast<size_t>(fd)].reset();
}

// ---- Receiving

void Loop::ArmReceive(int fd) {
  io_uring_sqe* const entry = NextEntry();
  io_uring_prep_recv_multishot(entry, fd, nullptr, 0, 0);
  entry->flags |= IOSQE_BUFFER_SELECT;
  entry->buf_group = reactor::BufferRing::kGroup;
  io_uring_sqe_set_data64(entry, Tag(Kind::kReceive, fd));
}

void Loop::CompleteReceive(int fd, const io_uring_cqe& completion) {
  Connection& connection = *connections_[static_cast<size_t>(fd)];
  if (PENSTOCK_LIKELY(completion.res > 0)) {
    const uint16_t id = static_cast<uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
    connection.conversation.Receive({buffers_.data(id), static_cast<size_t>(completion.res)});
    // The only writer: no locked addition.
    answered_count_.store(answered_count() + connection.conversation.TakeAnswered(),
                          std::memory_order_relaxed);
    buffers_.Return(id);
    if (!connection.conversation.output().empty()) MarkDirty(fd, connection);
  }
  if (PENSTOCK_LIKELY((completion.flags & IORING_CQE_F_MORE) != 0)) return;
  if (completion.res == -ENOBUFS) {
    starved_.push_back(fd);  // when they are back: at once it would end the same way
  } else if (completion.res > 0) {
    ArmReceive(fd);
  } else {
    End(fd, connection);
  }
}

// ---- Sending

void Loop::MarkDirty(int fd, Connection& connection) {
  if (connection.dirty) return;
  connection.dirty = true;
  dirty_.push_back(fd);
}

void Loop::Flush(int fd) {
  Connection* const connection = connections_[static_cast<size_t>(fd)].get();
  // It may have ended since.
  if (connection == nullptr || !connection->dirty) return;
  connection->dirty = false;
  Output& output = connection->conversation.output();
  if (connection->ended || output.empty()) return;
  if (PENSTOCK_UNLIKELY(connection->in_flight)) {
    // Its receive then ends by itself.
    if (output.size() > kOutputBytesMax) ::shutdown(fd, SHUT_RDWR);
    return;
  }
  // A quiet send that said nothing has taken all of what it was given.
  connection->sending.Clear();
  std::swap(connection->sending, output);
  // Who has more to say must hear when this is gone.
  Send(fd, *connection, 0, /*quiet=*/!connection->conversation.wants_output());
}

void Loop::Send(int fd, Connection& connection, size_t sent_bytes, bool quiet) {
  io_uring_sqe* const entry = NextEntry();
  // WAITALL: less than all is a failure, which is not skipped; and the kernel goes on by itself
  // where it may wait.
  const int flags = MSG_NOSIGNAL | MSG_WAITALL | (quiet ? MSG_DONTWAIT : 0);
  io_uring_prep_send(entry, fd, connection.sending.data() + sent_bytes,
                     connection.sending.size() - sent_bytes, flags);
  if (quiet) {
    entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
  } else {
    connection.in_flight = true;
  }
  io_uring_sqe_set_data64(entry, Tag(quiet ? Kind::kQuietSend : Kind::kSend, fd));
}

// A quiet send completes while it is submitted: what it has to say comes before anything that was
// received later, and so before the next Flush().
void Loop::CompleteSend(int fd, int result, bool quiet) {
  Connection& connection = *connections_[static_cast<size_t>(fd)];
  connection.in_flight = false;
  if (connection.ended) return End(fd, connection);
  if (result == -EAGAIN) result = 0;
  if (result < 0) {
    ::shutdown(fd, SHUT_RDWR);  // its receive ends
  } else if (quiet) {
    Send(fd, connection, static_cast<size_t>(result), /*quiet=*/false);
  } else {
    connection.conversation.Continue();
    if (!connection.conversation.output().empty()) MarkDirty(fd, connection);
  }
}

}  // namespace penstock::loadtest::floor
