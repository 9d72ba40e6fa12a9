// Lines: what is typed, for a coroutine. A shard waits for sockets alone, so that a thread reads
// the descriptor; it goes on when the line before has been taken: what is piped in is held back.
//
//     Lines lines(&scope, STDIN_FILENO);
//     while (std::optional<std::string> line = co_await Try(co_await lines.Next(call))) ...
//
// Ownership: the scope outlives it. It ends its thread when it goes, whatever that waits for.
// Threading: its scope's shard.
// Limits:    a line that is longer than kLineBytesMax becomes several.
#ifndef PENSTOCK_EXAMPLES_CHAT_LINES_H_
#define PENSTOCK_EXAMPLES_CHAT_LINES_H_

#include <atomic>
#include <cstddef>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>

#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/status_or.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/topic.h"

namespace chat {

class Lines {
 public:
  static constexpr size_t kLineBytesMax = 4'000;

  Lines(penstock::CallScope* scope, int fd);
  ~Lines();
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  // A line without its end, nothing at the end of the file, or why the call is over.
  penstock::Task<penstock::StatusOr<std::optional<std::string>>> Next(penstock::CallScope& call);

 private:
  void Read();
  bool WaitForInput();  // false: it goes
  bool HandOver(std::optional<std::string> line);

  const int fd_;
  const int end_fd_;
  penstock::Topic<std::optional<std::string>> typed_;
  penstock::Subscription<std::optional<std::string>> ears_;
  std::counting_semaphore<> taken_{0};
  std::atomic<bool> goes_{false};
  std::thread thread_;
};

}  // namespace chat

#endif  // PENSTOCK_EXAMPLES_CHAT_LINES_H_
