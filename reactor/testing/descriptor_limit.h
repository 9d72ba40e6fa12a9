// DescriptorLimit: lets the process open few descriptors, as long as it lives.
//
//     const DescriptorLimit limit(3);   // from now on three more, and then EMFILE
//
// Threading: the whole process; others must not open or close any in its constructor.
#ifndef PENSTOCK_REACTOR_TESTING_DESCRIPTOR_LIMIT_H_
#define PENSTOCK_REACTOR_TESTING_DESCRIPTOR_LIMIT_H_

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

namespace penstock::reactor {

class DescriptorLimit {
 public:
  // Lets exactly `spare` more descriptors be opened.
  explicit DescriptorLimit(int spare) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    int highest = 0;
    for (int fd = 0; fd < 4096; ++fd) {
      if (::fcntl(fd, F_GETFD) >= 0) highest = fd;
    }
    rlimit lower = before_;
    lower.rlim_cur = static_cast<rlim_t>(highest + 1);
    // Gaps below the highest would be free for use: fill them.
    ::setrlimit(RLIMIT_NOFILE, &lower);
    for (int fd; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) fillers_.push_back(fd);
    lower.rlim_cur += static_cast<rlim_t>(spare);
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;
  ~DescriptorLimit() {
    for (int fd : fillers_) ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  rlimit before_{};
  std::vector<int> fillers_;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_TESTING_DESCRIPTOR_LIMIT_H_
