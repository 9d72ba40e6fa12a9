// The subcommands of penstock-load that look at a server, or call it once: what grpcurl does.
//
//     penstock-load ls 127.0.0.1:50051
//     penstock-load describe 127.0.0.1:50051 helloworld.Greeter
//     penstock-load call 127.0.0.1:50051 helloworld.Greeter/SayHello -d '{"name": "world"}'
//
// Each takes the arguments from its own name on, and answers what the program ends with: see
// command_line.h, and docs/penstock_load.md.
#ifndef PENSTOCK_LOADTEST_TOOL_COMMANDS_H_
#define PENSTOCK_LOADTEST_TOOL_COMMANDS_H_

namespace penstock::loadtest::tool {

int RunList(int argc, char** argv);
int RunDescribe(int argc, char** argv);
int RunCall(int argc, char** argv);

}  // namespace penstock::loadtest::tool

#endif  // PENSTOCK_LOADTEST_TOOL_COMMANDS_H_
