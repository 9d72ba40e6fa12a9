#include "penstock/server/listening_socket.h"

#include <fcntl.h>
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

// False: none of them is it. A name of inherited sockets may stand for several; an address that is
// asked for twice takes one each time.
bool TakeOffered(const std::string& asked, ListeningSockets* offered, ListeningSockets* sockets) {
  const size_t before_count = sockets->size();
  for (ListeningSocket& socket : *offered) {
    if (socket.fd() < 0 || (socket.asked() != asked && socket.address() != asked)) continue;
    sockets->push_back(std::move(socket));
    sockets->back().set_was_offered();
    if (!reactor::IsInherited(asked)) return true;
  }
  return sockets->size() != before_count;
}

}  // namespace

ListeningSocket::~ListeningSocket() {
  if (fd_ >= 0) ::close(fd_);
}

std::string ListeningSocket::address() const {
  const std::optional<reactor::Address> address = reactor::Address::OfLocalEnd(fd_);
  return address ? address->ToString() : asked_;
}

ListeningSocket ListeningSocket::Copy() const {
  return {asked_, ::fcntl(fd_, F_DUPFD_CLOEXEC, 0), file_};
}

Status OpenListeningSockets(const std::vector<std::string>& listen, ListeningSockets* offered,
                            ListeningSockets* sockets) {
  ListeningSockets opened;
  for (const std::string& asked : listen) {
    if (TakeOffered(asked, offered, sockets)) continue;
    Status status = OpenOne(asked, &opened);
    if (status.ok()) continue;
    RemoveFiles(opened);
    return status;
  }
  for (ListeningSocket& socket : opened) sockets->push_back(std::move(socket));
  return OkStatus();
}

void RemoveFiles(const ListeningSockets& sockets) {
  for (const ListeningSocket& socket : sockets) {
    if (socket.was_offered()) continue;
    reactor::SocketFile file = socket.file();
    file.Remove();
  }
}

}  // namespace penstock::server
