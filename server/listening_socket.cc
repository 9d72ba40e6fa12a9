#include "penstock/server/listening_socket.h"

#include <unistd.h>

#include <algorithm>

#include "penstock/reactor/address.h"
#include "penstock/reactor/inherited_sockets.h"
#include "penstock/reactor/listener.h"

namespace penstock::server {
namespace {

Status OpenOne(const std::string& asked, ListeningSockets* sockets) {
  std::string why;
  if (!reactor::IsInherited(asked)) {
    reactor::SocketFile file;
    const int fd = reactor::OpenListeningSocket(asked, &why, &file);
    if (fd < 0) return MakeStatus(StatusCode::kUnavailable, why);
    sockets->emplace_back(asked, fd, std::move(file));
    return OkStatus();
  }
  const std::vector<int> fds =
      reactor::TakeInheritedSockets(asked, reactor::SocketActivation::OfProcess(), &why);
  if (fds.empty()) return MakeStatus(StatusCode::kUnavailable, why);
  for (const int fd : fds) {
    const auto same = std::find_if(sockets->begin(), sockets->end(), [fd](const auto& socket) {
      return socket.fd() == fd;
    });
    if (same != sockets->end()) {
      return MakeStatus(StatusCode::kInvalidArgument,
                        "cannot listen on " + asked + ": descriptor " + std::to_string(fd) +
                            " is taken by " + same->asked() + " already; name it once");
    }
    sockets->emplace_back(asked, fd);
  }
  return OkStatus();
}

}  // namespace

ListeningSocket::~ListeningSocket() {
  if (fd_ >= 0) ::close(fd_);
}

std::string ListeningSocket::address() const {
  const std::optional<reactor::Address> address = reactor::Address::OfLocalEnd(fd_);
  return address ? address->ToString() : asked_;
}

Status OpenListeningSockets(const std::vector<std::string>& listen, ListeningSockets* sockets) {
  const size_t before_count = sockets->size();
  for (const std::string& asked : listen) {
    Status status = OpenOne(asked, sockets);
    if (status.ok()) continue;
    for (size_t i = before_count; i < sockets->size(); ++i) {
      reactor::SocketFile file = (*sockets)[i].file();
      file.Remove();
    }
    return status;
  }
  return OkStatus();
}

}  // namespace penstock::server
