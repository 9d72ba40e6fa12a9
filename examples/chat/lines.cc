#include "penstock/examples/chat/lines.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "penstock/rpc/try.h"

namespace chat {

using penstock::CallScope;
using penstock::StatusOr;
using penstock::Task;
using penstock::Try;

Lines::Lines(CallScope* scope, int fd)
    : fd_(fd),
      end_fd_(::eventfd(0, EFD_CLOEXEC)),
      ears_(&typed_, *scope, 2),
      thread_([this] { Read(); }) {}

Lines::~Lines() {
  goes_ = true;
  ::eventfd_write(end_fd_, 1);
  taken_.release();
  thread_.join();
  ::close(end_fd_);
}

Task<StatusOr<std::optional<std::string>>> Lines::Next(CallScope& call) {
  std::optional<std::optional<std::string>> line = co_await Try(co_await ears_.Receive(call));
  taken_.release();
  co_return *std::move(line);
}

void Lines::Read() {
  std::string text;
  char room[kLineBytesMax];
  while (WaitForInput()) {
    const ssize_t count = ::read(fd_, room, sizeof room);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(room, static_cast<size_t>(count));
    size_t begin = 0;
    for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
      if (!HandOver(text.substr(begin, end - begin))) return;
    }
    text.erase(0, begin);
    if (text.size() >= kLineBytesMax && !HandOver(std::exchange(text, {}))) return;
  }
  if (!text.empty() && !HandOver(std::move(text))) return;
  HandOver(std::nullopt);
}

bool Lines::WaitForInput() {
  pollfd watched[] = {{fd_, POLLIN, 0}, {end_fd_, POLLIN, 0}};
  while (::poll(watched, 2, -1) < 0 && errno == EINTR) {
  }
  return watched[1].revents == 0;
}

bool Lines::HandOver(std::optional<std::string> line) {
  typed_.Publish(std::move(line));
  taken_.acquire();
  return !goes_;
}

}  // namespace chat
