// Run: one load test from connecting to the result.
//
//     connect -> warm-up -> measured window -> close
//
// Threading: for main's thread. SIGINT and SIGTERM are blocked in it and in the shards, and end the
//            run early; a second one ends the program.
#ifndef PENSTOCK_LOADTEST_RUN_H_
#define PENSTOCK_LOADTEST_RUN_H_

#include <string>

#include "penstock/loadtest/options.h"
#include "penstock/loadtest/result.h"

namespace penstock::loadtest {

struct RunOutcome {
  int exit_status = 0;  // see command_line.h
  std::string error;    // a sentence, when there is no result
  RunResult result;     // when there is no error
};

RunOutcome RunLoadTest(const Options& options);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_RUN_H_
