// Calls helloworld.Greeter over one channel from several threads until standard input ends, as a
// service does that does not know of restarts.
//
//     steady_client TARGET THREADS
//
// The last line is "N ok, N failed"; behind it the first failure. Exit status 0 if there is none.
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "examples/helloworld/helloworld.client.h"

namespace {

using penstock::StatusOr;

class Callers {
 public:
  explicit Callers(const char* target) : channel_(target) {}

  void Call() {
    const helloworld::GreeterBlockingClient greeter(&channel_);
    // Longer than any restart; what takes so long is lost.
    const auto options = penstock::client::CallOptions().SetTimeout(30 * penstock::kNsPerSecond);
    helloworld::HelloRequest request;
    request.set_name("world");
    while (!over_) {
      const StatusOr<helloworld::HelloReply> reply = greeter.SayHello(request, options);
      if (reply.ok()) {
        ++ok_count_;
        continue;
      }
      ++failed_count_;
      const std::lock_guard lock(mutex_);
      if (first_failure_.empty()) first_failure_ = reply.status().ToString();
    }
  }
  void End() { over_ = true; }

  int Report() const {
    std::printf("%llu ok, %llu failed %s\n", static_cast<unsigned long long>(ok_count_),
                static_cast<unsigned long long>(failed_count_), first_failure_.c_str());
    return failed_count_ == 0 ? 0 : 1;
  }

 private:
  penstock::client::BlockingChannel channel_;
  std::atomic<bool> over_{false};
  std::atomic<uint64_t> ok_count_{0};
  std::atomic<uint64_t> failed_count_{0};
  std::mutex mutex_;
  std::string first_failure_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s TARGET THREADS\n", argv[0]);
    return 64;
  }
  Callers callers(argv[1]);
  std::vector<std::thread> threads;
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    threads.emplace_back([&callers] { callers.Call(); });
  }
  char none[16];
  while (::read(STDIN_FILENO, none, sizeof(none)) > 0) {
  }
  callers.End();
  for (std::thread& thread : threads) thread.join();
  return callers.Report();
}
