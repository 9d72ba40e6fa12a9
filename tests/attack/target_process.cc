#include "penstock/tests/attack/target_process.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <utility>

namespace penstock::attack {
namespace {

constexpr int kPatienceMs = 20'000;

}  // namespace

// What it prints is little: the pipe holds it all until Stop() reads on.
TargetProcess::TargetProcess(std::vector<std::string> command) {
  int ends[2];
  if (::pipe(ends) != 0) return;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  std::vector<char*> argv;
  for (std::string& argument : command) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const int error = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  output_fd_ = ends[0];
  if (error != 0) {
    pid_ = -1;
    output_ = "cannot start " + command.front();
    return;
  }
  ReadUntilItListens();
}

TargetProcess::~TargetProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (output_fd_ >= 0) ::close(output_fd_);
}

void TargetProcess::ReadUntilItListens() {
  constexpr std::string_view kMark = "listening on ";
  for (;;) {
    const size_t at = output_.find(kMark);
    const size_t end =
        at == std::string::npos ? at : output_.find_first_of(" \n", at + kMark.size());
    if (end != std::string::npos) {
      address_ = output_.substr(at + kMark.size(), end - at - kMark.size());
      return;
    }
    pollfd poll{output_fd_, POLLIN, 0};
    char bytes[4096];
    const ssize_t count =
        ::poll(&poll, 1, kPatienceMs) == 1 ? ::read(output_fd_, bytes, sizeof bytes) : 0;
    if (count <= 0) return;
    output_.append(bytes, static_cast<size_t>(count));
  }
}

size_t TargetProcess::resident_bytes() const {
  std::ifstream statm("/proc/" + std::to_string(pid_) + "/statm");
  size_t total_pages = 0;
  size_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

size_t TargetProcess::descriptors_count() const {
  DIR* folder = ::opendir(("/proc/" + std::to_string(pid_) + "/fd").c_str());
  if (folder == nullptr) return 0;
  size_t count = 0;
  while (const dirent* entry = ::readdir(folder)) count += entry->d_name[0] != '.';
  ::closedir(folder);
  return count;
}

int64_t TargetProcess::cpu_ns() const {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return -1;
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool TargetProcess::WaitForDescriptors(size_t count) const {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
  while (descriptors_count() > count) {
    if (std::chrono::steady_clock::now() > limit) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

int TargetProcess::Stop() {
  if (pid_ <= 0) return -1;
  ::kill(pid_, SIGTERM);
  char bytes[4096];
  for (ssize_t count; (count = ::read(output_fd_, bytes, sizeof bytes)) > 0;) {
    output_.append(bytes, static_cast<size_t>(count));
  }
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace penstock::attack
