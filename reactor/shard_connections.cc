// How connections come to a shard. The loop is in shard.cc.
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "penstock/reactor/shard.h"

namespace penstock::reactor {

Socket& Shard::NewSocket(int fd, SocketHandler* handler) {
  // From 1 on: 0 is no connection.
  const uint64_t id = static_cast<uint64_t>(options_.index) << 48 | ++sockets_made_count_;
  return sockets_.Create(*this, handler, fd, id);
}

Socket& Shard::Adopt(int fd, SocketHandler* handler, bool reserved) {
  if (!reserved) Reserve();
  Socket& socket = NewSocket(fd, handler);
  ring_->Attach(socket);
  ring_->StartReceive(socket);
  return socket;
}

Socket& Shard::Connect(const Address& address, SocketHandler* handler) {
  Reserve();
  ++stats_.connects;
  const int type = SOCK_STREAM | SOCK_CLOEXEC | (ring_->sockets_block() ? 0 : SOCK_NONBLOCK);
  Socket& socket = NewSocket(::socket(address.family(), type, 0), handler);
  socket.state_ = Socket::State::kConnecting;
  if (socket.fd_ < 0) {
    socket.CompleteConnect(errno);
    return socket;
  }
  const int on = 1;
  if (!address.is_unix()) ::setsockopt(socket.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ring_->Attach(socket);
  ring_->StartConnect(socket, address);
  return socket;
}

}  // namespace penstock::reactor
