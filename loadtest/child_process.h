// ChildProcess: another program, for tests that look at one from outside.
//
//     ChildProcess server({"examples/helloworld/server", "--listen", "127.0.0.1:0"});
//     const std::string address = TakeAddress(server);
//     ChildProcess program({"loadtest/penstock-load", "--method", "a.B/C", address});
//     EXPECT_NE(program.ReadAll().find("OK"), std::string::npos);
//     EXPECT_EQ(program.Wait(), 0);
//
// Ownership: one that still runs is killed when this goes.
#ifndef PENSTOCK_LOADTEST_CHILD_PROCESS_H_
#define PENSTOCK_LOADTEST_CHILD_PROCESS_H_

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <vector>

namespace penstock::loadtest {

class ChildProcess {
 public:
  // The program first. Its stdin has `input` in it; stdout and stderr are one pipe.
  explicit ChildProcess(std::vector<std::string> arguments, const std::string& input = "");
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // "" at the end of the output.
  std::string ReadLine();
  std::string ReadAll();
  // The exit status; -1 if a signal ended it.
  int Wait();

 private:
  pid_t pid_ = 0;
  std::FILE* output_ = nullptr;
};

// Reads a server's output up to "listening on ADDRESS", and gives the address; "": it ended before.
std::string TakeAddress(ChildProcess& server);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_CHILD_PROCESS_H_
