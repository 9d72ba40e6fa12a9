#include "penstock/loadtest/serve/serve.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/loadtest/serve/capacity.h"
#include "penstock/loadtest/units.h"
#include "penstock/reactor/cpu.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/method.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/rpc/try.h"
#include "penstock/server/guards/limit_concurrency.h"
#include "penstock/server/server_main.h"

namespace penstock::loadtest {
namespace {

using RawMethod = UnaryMethod<RawMessage, RawMessage>;

void Spin(TimeNs spin_ns) {
  if (spin_ns == 0) return;
  const TimeNs until = reactor::ReadClock() + spin_ns;
  while (reactor::ReadClock() < until) {
  }
}

// Answers inline: what does not wait needs no coroutine.
void HandleInline(const RawMethod& method, bool echoes, const ServeOptions& options,
                  Registry* registry) {
  registry->Handle(method, [spin_ns = options.spin_ns, echoes](
                               Call&, const RawMessage& request, RawMessage& reply) {
    Spin(spin_ns);
    if (echoes) reply.View(request.bytes());
    return OkStatus();
  });
}

// Kept by the registry, so its coroutines may use it.
struct WaitingHandler {
  Task<StatusOr<RawMessage>> operator()(Call& call, const RawMessage& request) {
    Spin(options.spin_ns);
    const TimeNs wait_ns = capacity->Take(call.now()) + options.sleep_ns;
    co_await Try(co_await Sleep(call, wait_ns));
    RawMessage reply(&call.arena());
    if (echoes) reply.View(request.bytes());
    co_return reply;
  }

  ServeOptions options;
  bool echoes;
  std::shared_ptr<Capacity> capacity;
};

// What is wrong with a flag's value, or "".
std::string CheckSpan(const std::string& text) {
  if (ParseSpan(text)) return "";
  return "'" + text + "' is not " + std::string(kDurationForm);
}

std::string CheckRate(const std::string& text) {
  const std::optional<int64_t> parsed = ParseCount(text);
  if (parsed && *parsed >= 1 && *parsed <= kNsPerSecond) return "";
  return "'" + text + "' is not between 1 and 1G calls a second";
}

}  // namespace

void RegisterLoad(const ServeOptions& options, Registry* registry) {
  static constexpr struct {
    RawMethod method;
    bool echoes;
  } kMethods[] = {{{"/helloworld.Greeter/SayHello"}, true},
                  {{"/penstock.load.Load/Echo"}, true},
                  {{"/penstock.load.Load/Sink"}, false}};
  const bool waits = options.sleep_ns > 0 || options.calls_per_second_max > 0;
  const auto capacity = std::make_shared<Capacity>(options.calls_per_second_max);
  for (const auto& [method, echoes] : kMethods) {
    if (waits) {
      registry->Handle(method, WaitingHandler{options, echoes, capacity});
    } else {
      HandleInline(method, echoes, options, registry);
    }
  }
}

int ServeMain(int argc, char** argv) {
  std::string sleep = "0s", spin = "0s", rate;
  bool limits_concurrency = false;
  const auto declare = [&](CLI::App& app) {
    app.add_option("--sleep", sleep, "how long each call waits; 0s")
        ->type_name("TIME")
        ->check(&CheckSpan);
    app.add_option("--spin", spin, "how long each call computes; 0s")
        ->type_name("TIME")
        ->check(&CheckSpan);
    app.add_option("--max-rate", rate, "calls a second that one queue serves")
        ->type_name("N")
        ->check(&CheckRate);
    app.add_flag("--limit-concurrency", limits_concurrency,
                 "shed load as LimitConcurrency does: docs/guards.md");
  };
  const auto set_up = [&](Server& server) {
    ServeOptions options;
    options.sleep_ns = ParseSpan(sleep).value_or(0);
    options.spin_ns = ParseSpan(spin).value_or(0);
    options.calls_per_second_max = ParseCount(rate).value_or(0);
    if (limits_concurrency) server.registry().Intercept(LimitConcurrency(ConcurrencyOptions()));
    RegisterLoad(options, &server.registry());
    return OkStatus();
  };
  std::string name = "penstock-load serve";  // the first of its sentences' words, and of --help's
  std::vector<char*> arguments(argv, argv + argc);
  arguments.front() = name.data();
  return ServerMain(argc, arguments.data(), declare, set_up);
}

}  // namespace penstock::loadtest
