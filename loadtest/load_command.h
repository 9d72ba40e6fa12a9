// The load test itself, from the command line to the exit status: looks at where results shall go,
// runs, judges, prints and writes.
#ifndef PENSTOCK_LOADTEST_LOAD_COMMAND_H_
#define PENSTOCK_LOADTEST_LOAD_COMMAND_H_

namespace penstock::loadtest {

// Answers what the program ends with: see command_line.h.
int RunLoadCommand(int argc, char** argv);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_LOAD_COMMAND_H_
