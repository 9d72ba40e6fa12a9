// The subcommands of penstock-load that take results, and measure nothing.
//
//     penstock-load report result.json                 prints the table again
//     penstock-load report a.json b.json -o all.hdr    of several as one
//     penstock-load compare old.json new.json
//
// Each takes the arguments from its own name on, and answers what the program ends with: see
// command_line.h, and docs/load_testing.md.
#ifndef PENSTOCK_LOADTEST_RESULTS_COMMANDS_H_
#define PENSTOCK_LOADTEST_RESULTS_COMMANDS_H_

namespace penstock::loadtest {

int RunReport(int argc, char** argv);
int RunCompare(int argc, char** argv);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_RESULTS_COMMANDS_H_
