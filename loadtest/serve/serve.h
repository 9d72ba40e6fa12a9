// penstock-load serve: a server for tests of load testers, which is as slow as it is told to be.
//
//     penstock-load serve --listen 127.0.0.1:50051 --sleep 1ms --max-rate 20k
//     penstock-load serve --listen 127.0.0.1:50051 --shards 1 --spin 20us --limit-concurrency
//
// Methods, raw octets in and out: helloworld.Greeter/SayHello and penstock.load.Load/Echo answer
// what they were sent, penstock.load.Load/Sink an empty message. What costs is the same for all:
// --spin is time on the shard's core, --sleep and the wait that --max-rate makes are not.
//
// Limits: calls that wait are as many as streams are allowed (docs/limits.md).
// Units:  waits end with a tick of the shard's timers, up to 1 ms late; a rate is kept anyhow.
#ifndef PENSTOCK_LOADTEST_SERVE_SERVE_H_
#define PENSTOCK_LOADTEST_SERVE_SERVE_H_

#include <cstdint>

#include "penstock/server/registry.h"
#include "penstock/wire/time.h"

namespace penstock::loadtest {

struct ServeOptions {
  TimeNs sleep_ns = 0;
  TimeNs spin_ns = 0;
  int64_t calls_per_second_max = 0;  // 0: without limit
};

// Adds the methods. The registry keeps what it needs of `options`.
void RegisterLoad(const ServeOptions& options, Registry* registry);

// Returns the program's exit status. `argv[0]` is the subcommand.
int ServeMain(int argc, char** argv);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_SERVE_SERVE_H_
