// ListeningSocket: an open listening socket of a server, with what was asked for and the file that
// it has, and how to open those that ServerOptions::listen names.
//
// Ownership: of the descriptor: move-only. The file is removed by whoever stops listening for good.
#ifndef PENSTOCK_SERVER_LISTENING_SOCKET_H_
#define PENSTOCK_SERVER_LISTENING_SOCKET_H_

#include <string>
#include <utility>
#include <vector>

#include "penstock/reactor/socket_file.h"
#include "penstock/rpc/status.h"

namespace penstock::server {

class ListeningSocket {
 public:
  ListeningSocket(std::string asked, int fd, reactor::SocketFile file = {})
      : asked_(std::move(asked)), fd_(fd), file_(std::move(file)) {}
  ~ListeningSocket();
  ListeningSocket(ListeningSocket&& other) noexcept
      : asked_(std::move(other.asked_)),
        fd_(other.Release()),
        file_(std::move(other.file_)),
        was_offered_(other.was_offered_) {}
  ListeningSocket& operator=(ListeningSocket&&) = delete;

  // As it stands in ServerOptions::listen: "127.0.0.1:0", "unix:/run/a", "systemd:".
  const std::string& asked() const { return asked_; }
  // Where it listens, "127.0.0.1:40123".
  std::string address() const;
  const reactor::SocketFile& file() const { return file_; }
  int fd() const { return fd_; }
  // Another process has made it, and may still use it.
  bool was_offered() const { return was_offered_; }
  void set_was_offered() { was_offered_ = true; }
  // Another descriptor of the same socket; fd() is -1 when there are no more to be had.
  ListeningSocket Copy() const;
  // Gives the descriptor away.
  int Release() { return std::exchange(fd_, -1); }

 private:
  std::string asked_;
  int fd_;
  reactor::SocketFile file_;
  bool was_offered_ = false;
};

using ListeningSockets = std::vector<ListeningSocket>;

// Opens what `listen` names, unless it is among those that were `offered`, by its name or by its
// address: they are taken from there. An error is a sentence; files that were made until then are
// removed.
Status OpenListeningSockets(const std::vector<std::string>& listen, ListeningSockets* offered,
                            ListeningSockets* sockets);

// Of those that this process has made: was_offered() ones are another's.
void RemoveFiles(const ListeningSockets& sockets);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_LISTENING_SOCKET_H_
