#include "penstock/loadtest/child_process.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "penstock/wire/check.h"

extern char** environ;

namespace penstock::loadtest {
namespace {

// A file that nobody else sees, at its beginning.
std::FILE* FileWith(const std::string& content) {
  std::FILE* file = std::tmpfile();
  PENSTOCK_CHECK(file != nullptr, "a test can make a file");
  PENSTOCK_CHECK(std::fwrite(content.data(), 1, content.size(), file) == content.size(),
                 "a test can write a file");
  std::rewind(file);
  return file;
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> arguments, const std::string& input) {
  int ends[2];
  PENSTOCK_CHECK(::pipe(ends) == 0, "a test can make a pipe");
  std::FILE* const stdin_file = FileWith(input);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(stdin_file), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const int error = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  PENSTOCK_CHECK(error == 0, "the test's data has the program");
  posix_spawn_file_actions_destroy(&actions);
  std::fclose(stdin_file);
  ::close(ends[1]);
  output_ = ::fdopen(ends[0], "r");
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    Wait();
  }
  std::fclose(output_);
}

std::string ChildProcess::ReadLine() {
  char line[4096];
  return std::fgets(line, sizeof line, output_) == nullptr ? "" : line;
}

std::string ChildProcess::ReadAll() {
  std::string text;
  for (std::string line = ReadLine(); !line.empty(); line = ReadLine()) text += line;
  return text;
}

int ChildProcess::Wait() {
  int status = 0;
  ::waitpid(std::exchange(pid_, 0), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string TakeAddress(ChildProcess& server) {
  const std::string mark = "listening on ";
  for (std::string line = server.ReadLine(); !line.empty(); line = server.ReadLine()) {
    const size_t at = line.find(mark);
    if (at == std::string::npos) continue;
    const size_t begin = at + mark.size();
    return line.substr(begin, line.find_first_of(" \n", begin) - begin);
  }
  return "";
}

}  // namespace penstock::loadtest
