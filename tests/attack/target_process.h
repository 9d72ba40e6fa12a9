// TargetProcess: a server program of ours as a child process, under attack and under watch.
//
//     TargetProcess target({kExampleServer, "--listen", "127.0.0.1:0", "--io", "epoll"});
//     HostilePeer peer(target.address());
//     EXPECT_LT(target.resident_bytes(), before + 1'000'000);
//     EXPECT_EQ(target.Stop(), 0);
//
// Limits: waits end after 20 s; what was waited for has then failed.
#ifndef PENSTOCK_TESTS_ATTACK_TARGET_PROCESS_H_
#define PENSTOCK_TESTS_ATTACK_TARGET_PROCESS_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace penstock::attack {

// Whether resident_bytes() is to be compared: AddressSanitizer keeps what was freed.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kMemoryIsTrue = false;
#elif defined(__has_feature)
inline constexpr bool kMemoryIsTrue = !__has_feature(address_sanitizer);
#else
inline constexpr bool kMemoryIsTrue = true;
#endif

class TargetProcess {
 public:
  // Starts it and waits for its line "listening on ADDRESS".
  explicit TargetProcess(std::vector<std::string> command);
  ~TargetProcess();  // kills it, if Stop() has not ended it
  TargetProcess(const TargetProcess&) = delete;
  TargetProcess& operator=(const TargetProcess&) = delete;

  // "" when it did not start; output() then says why.
  const std::string& address() const { return address_; }
  const std::string& output() const { return output_; }
  pid_t pid() const { return pid_; }

  size_t resident_bytes() const;
  size_t descriptors_count() const;
  int64_t cpu_ns() const;  // of all its threads
  // Until no more than `count` are open: closing takes the server a turn or two.
  [[nodiscard]] bool WaitForDescriptors(size_t count) const;

  // SIGTERM; the exit status, or -1 if a signal ended it. Leaks are reported here by a sanitizer.
  int Stop();

 private:
  void ReadUntilItListens();

  pid_t pid_ = -1;
  int output_fd_ = -1;
  std::string address_;
  std::string output_;
};

}  // namespace penstock::attack

#endif  // PENSTOCK_TESTS_ATTACK_TARGET_PROCESS_H_
