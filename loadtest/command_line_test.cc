#include "penstock/loadtest/command_line.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "penstock/loadtest/read_file.h"
#include "penstock/loadtest/request.h"

namespace penstock::loadtest {
namespace {

CommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "penstock-load");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

CommandLine ParseHello(std::vector<const char*> arguments) {
  arguments.insert(arguments.end(), {"--method", "helloworld.Greeter/SayHello", "127.0.0.1:1"});
  return Parse(std::move(arguments));
}

TEST(CommandLine, NeedsATargetAndAMethodAndNothingElse) {
  const CommandLine line = ParseHello({});
  ASSERT_FALSE(line.exit_status.has_value()) << line.message;
  EXPECT_EQ(line.options.target, "127.0.0.1:1");
  EXPECT_EQ(line.options.method, "helloworld.Greeter/SayHello");
  EXPECT_EQ(line.options.message, kHelloMessage);
  EXPECT_EQ(line.options.duration_ns, 10 * kNsPerSecond);
  EXPECT_EQ(line.options.calls_max, Options::kUnlimited);
  EXPECT_EQ(line.options.warmup_ns, 0);
  EXPECT_EQ(line.options.connections, 1u);
  EXPECT_EQ(line.options.streams_per_connection, 1u);
  EXPECT_EQ(line.options.shards, 1u);
}

TEST(CommandLine, ARateMakesAnOpenLoop) {
  const Options closed = ParseHello({}).options;
  EXPECT_FALSE(closed.is_open_loop());
  const CommandLine line = ParseHello({"--rate", "50k"});
  ASSERT_FALSE(line.exit_status.has_value()) << line.message;
  EXPECT_TRUE(line.options.is_open_loop());
  EXPECT_EQ(line.options.rate.PerSecondAt(0), 50'000);
  EXPECT_TRUE(line.options.poisson);
  EXPECT_EQ(line.options.in_flight_max, Options::kInFlightMaxDefault);
  EXPECT_EQ(line.options.streams_per_connection, 100u);
  const Options options = ParseHello({"--rate", "10", "--arrival", "uniform", "--max-in-flight",
                                      "2k", "--seed", "9", "--streams-per-conn", "3"})
                              .options;
  EXPECT_FALSE(options.poisson);
  EXPECT_EQ(options.in_flight_max, 2'000u);
  EXPECT_EQ(options.seed, 9u);
  EXPECT_EQ(options.streams_per_connection, 3u);
}

TEST(CommandLine, AKindSaysWhatIsStreamed) {
  const CommandLine line = ParseHello({"--kind", "bidi", "--msgs-per-stream", "10k",
                                       "--msg-interval", "1.5ms", "--in-flight", "20"});
  ASSERT_FALSE(line.exit_status.has_value()) << line.message;
  EXPECT_EQ(line.options.kind, CallKind::kBidi);
  EXPECT_EQ(line.options.messages_per_stream, 10'000u);
  EXPECT_EQ(line.options.message_interval_ns, 1'500'000);
  EXPECT_EQ(line.options.messages_in_flight, 20u);
  EXPECT_EQ(ParseHello({"--kind", "server-stream"}).options.kind, CallKind::kServerStream);
}

TEST(CommandLine, ConnectionsAreReplacedAfterCallsOrTime) {
  EXPECT_EQ(ParseHello({"--reconnect-every", "1k"}).options.reconnect_calls, 1'000u);
  EXPECT_EQ(ParseHello({"--reconnect-every", "10s"}).options.reconnect_ns, 10 * kNsPerSecond);
  EXPECT_FALSE(ParseHello({}).options.reconnects());
}

TEST(CommandLine, StagesSayHowLongTheRunIs) {
  CommandLine line = ParseHello({"--stages", "0s:1k,30s:20k"});
  ASSERT_FALSE(line.exit_status.has_value()) << line.message;
  EXPECT_EQ(line.options.duration_ns, 30 * kNsPerSecond);
  EXPECT_DOUBLE_EQ(line.options.rate.PerSecondAt(15 * kNsPerSecond), 10'500);
  line = ParseHello({"--stages", "0s:1k,30s:20k", "-t", "10s"});
  EXPECT_EQ(line.options.duration_ns, 10 * kNsPerSecond);
  line = ParseHello({"--stages", "0s:1k,30s:20k", "-n", "100M"});
  EXPECT_EQ(line.options.duration_ns, kTimeNever) << "until they have come to be due";
  line = ParseHello({"--stages", "0s:1k,30s:0", "-n", "100M"});
  EXPECT_EQ(line.options.duration_ns, 30 * kNsPerSecond) << "nothing more will ever be due";
}

TEST(CommandLine, FindingTheMaximumChoosesRatesFromOneOn) {
  CommandLine line = ParseHello({"--find-max", "--slo", "p99<5ms,err<0.1%"});
  ASSERT_FALSE(line.exit_status.has_value()) << line.message;
  EXPECT_TRUE(line.options.finds_max);
  EXPECT_EQ(line.options.rate.PerSecondAt(0), 1'000);
  EXPECT_EQ(line.options.duration_ns, 3 * kNsPerSecond);
  EXPECT_EQ(line.options.warmup_ns, kNsPerSecond / 2);
  EXPECT_EQ(line.options.slo.text, "p99<5ms,err<0.1%");
  line = ParseHello(
      {"--find-max", "--slo", "p99<5ms", "--rate", "7k", "-t", "1s", "--warmup", "0s"});
  EXPECT_EQ(line.options.rate.PerSecondAt(0), 7'000);
  EXPECT_EQ(line.options.duration_ns, kNsPerSecond);
  EXPECT_EQ(line.options.warmup_ns, 0);
  line = ParseHello({"--slo", "p99<5ms"});
  EXPECT_FALSE(line.options.is_open_loop()) << "a closed loop may have one, too";
}

TEST(CommandLine, SaysWhatIsWrongWithARate) {
  const struct {
    std::vector<const char*> arguments;
    const char* want;
  } cases[] = {
      {{"--rate", "fast"}, "--rate 'fast' is not"},
      {{"--rate", "0"}, "--rate '0' is not between 1 and"},
      {{"--rate", "1k", "--arrival", "normal"}, "--arrival 'normal' is not uniform or poisson"},
      {{"--rate", "1k", "--stages", "0s:1"}, "--rate and --stages both say"},
      {{"--seed", "3"}, "--seed is for an open loop"},
      {{"--max-in-flight", "3"}, "--max-in-flight is for an open loop"},
      {{"--rate", "1k", "--max-in-flight", "0"}, "--max-in-flight '0' is not between 1 and"},
      {{"--stages", "1s:5"}, "--stages '1s:5' is not TIME:RATE"},
      {{"--stages", "0s:5,0s:6"}, "each behind the one before"},
      {{"--stages", "0s"}, "--stages '0s' is not TIME:RATE"},
      {{"--stages", "0s:0"}, "all its rates are 0"},
      {{"--slo", "p99<5"}, "--slo 'p99<5' is not a list of conditions"},
      {{"--find-max"}, "--find-max needs --slo"},
      {{"--find-max", "--slo", "p99<5ms", "-n", "9"}, "leave out -n"},
      {{"--find-max", "--slo", "p99<5ms", "--stages", "0s:1"}, "leave out --stages"},
  };
  for (const auto& [arguments, want] : cases) {
    SCOPED_TRACE(want);
    const CommandLine line = ParseHello(arguments);
    EXPECT_EQ(line.exit_status, kExitUsage);
    EXPECT_NE(line.message.find(want), std::string::npos) << line.message;
  }
}

TEST(CommandLine, AHeaderIsOneWordAndTheTargetMayFollowIt) {
  const CommandLine line = Parse({"--method", "a.B/C", "-H", "x-user: 7", "127.0.0.1:1"});
  ASSERT_FALSE(line.exit_status.has_value()) << line.message;
  EXPECT_EQ(line.options.target, "127.0.0.1:1");
  EXPECT_EQ(line.options.metadata.size(), 1u);
}

TEST(CommandLine, TakesEveryFlag) {
  const CommandLine line = Parse({"--method",
                                  "/a.B/C",
                                  "--payload-bytes",
                                  "1KiB",
                                  "-H",
                                  "X-User: 7",
                                  "-H",
                                  "y:z",
                                  "--deadline",
                                  "1s",
                                  "--connections",
                                  "10",
                                  "--streams-per-conn",
                                  "100",
                                  "-t",
                                  "4s",
                                  "-n",
                                  "10k",
                                  "--warmup",
                                  "1s",
                                  "--cpus",
                                  "1,3-4",
                                  "--shards",
                                  "2",
                                  "--io",
                                  "epoll",
                                  "--server-pid",
                                  "42",
                                  "--json",
                                  "out.json",
                                  "--quiet",
                                  "unix:/x"});
  ASSERT_FALSE(line.exit_status.has_value()) << line.message;
  const Options& options = line.options;
  EXPECT_EQ(options.target, "unix:/x");
  EXPECT_EQ(options.method, "a.B/C");
  EXPECT_EQ(options.message.size(), 1024u);
  const std::vector<std::pair<std::string, std::string>> metadata = {{"x-user", "7"}, {"y", "z"}};
  EXPECT_EQ(options.metadata, metadata);
  EXPECT_EQ(options.deadline_ns, kNsPerSecond);
  EXPECT_EQ(options.connections, 10u);
  EXPECT_EQ(options.streams_per_connection, 100u);
  EXPECT_EQ(options.duration_ns, 4 * kNsPerSecond);
  EXPECT_EQ(options.calls_max, 10'000);
  EXPECT_EQ(options.warmup_ns, kNsPerSecond);
  EXPECT_EQ(options.cpus, (std::vector<int>{1, 3, 4}));
  EXPECT_EQ(options.shards, 2u);
  EXPECT_EQ(options.io, reactor::IoMode::kEpoll);
  EXPECT_EQ(options.server_pid, 42);
  EXPECT_EQ(options.json_file, "out.json");
  EXPECT_TRUE(options.quiet);
  EXPECT_EQ(options.command_line.front(), "penstock-load");
}

TEST(CommandLine, TakesWhatIsToldAndJudged) {
  const CommandLine line =
      ParseHello({"-o", "out.csv", "-o", "out.hdr", "--repeat", "5", "--cooldown", "2s",
                  "--baseline", "old.json", "--max-regression", "2.5%"});
  ASSERT_FALSE(line.exit_status.has_value()) << line.message;
  EXPECT_EQ(line.options.output_files, (std::vector<std::string>{"out.csv", "out.hdr"}));
  EXPECT_EQ(line.options.repeats, 5u);
  EXPECT_EQ(line.options.cooldown_ns, 2 * kNsPerSecond);
  EXPECT_EQ(line.options.baseline_file, "old.json");
  EXPECT_EQ(line.options.regression_max, 0.025);
}

TEST(CommandLine, ABareNumberIsSecondsAsForServers) {
  const Options options = ParseHello({"-t", "30", "--warmup", "1.5", "--deadline", "2"}).options;
  EXPECT_EQ(options.duration_ns, 30 * kNsPerSecond);
  EXPECT_EQ(options.warmup_ns, 1'500 * kNsPerMs);
  EXPECT_EQ(options.deadline_ns, 2 * kNsPerSecond);
  EXPECT_EQ(ParseHello({"--reconnect-every", "30"}).options.reconnect_calls, 30u);
}

// As "$VAR" makes them in a script that does not set it: a gate must not open by it.
TEST(CommandLine, RefusesEmptyValues) {
  for (const char* flag :
       {"--slo", "--stages", "--rate", "--json", "--output", "--baseline", "--cacert", "--cert",
        "--deadline", "--repeat", "--data", "--header", "--duration", "--mix"}) {
    SCOPED_TRACE(flag);
    const CommandLine line = ParseHello({flag, ""});
    EXPECT_EQ(line.exit_status, kExitUsage);
    EXPECT_TRUE(line.message.starts_with("penstock-load: " + std::string(flag) + " is empty"))
        << line.message;
  }
  const std::string message = Parse({"--method", "a.B/C", ""}).message;
  EXPECT_TRUE(message.starts_with("penstock-load: TARGET is empty")) << message;
  EXPECT_EQ(ParseHello({"--cert", "", "--key", ""}).exit_status, kExitUsage);
}

TEST(ReadFile, DoesNotReadForEver) {
  std::string content;
  EXPECT_FALSE(ReadFile("/dev/zero", &content, 100'000));
  EXPECT_EQ(errno, EFBIG);
  EXPECT_LT(content.size(), 200'000u);
  EXPECT_TRUE(ReadFile("/dev/null", &content, 0));
}

TEST(CommandLine, ACountAloneHasNoTimeLimit) {
  EXPECT_EQ(ParseHello({"-n", "5"}).options.duration_ns, kTimeNever);
  EXPECT_EQ(ParseHello({"-n", "5", "-t", "2s"}).options.duration_ns, 2 * kNsPerSecond);
}

TEST(CommandLine, MakesAShardForEachCoreButNeverMoreThanConnections) {
  EXPECT_EQ(ParseHello({"--cpus", "0-3", "--connections", "8"}).options.shards, 4u);
  EXPECT_EQ(ParseHello({"--cpus", "0-3", "--connections", "2"}).options.shards, 2u);
}

TEST(CommandLine, TakesAMessageInHex) {
  EXPECT_EQ(ParseHello({"--payload-hex", "0a0161"}).options.message,
            "\x0a\x01"
            "a");
  EXPECT_EQ(Parse({"--method", "a.B/C", "x:1"}).options.message, "");
}

TEST(CommandLine, SaysWhatIsWrongAndWhatToDo) {
  const struct {
    std::vector<const char*> arguments;
    const char* want;
  } cases[] = {
      {{"--connectons", "3"}, "unknown flag --connectons, did you mean --connections?"},
      {{"second:1"}, "a second target"},
      {{"-t", "5x"}, "-t '5x' is not a number with ns, us, ms, s, m or h, such as 500ms or 1m30s"},
      {{"-t", "0s"}, "-t '0s' is not long enough: give 1ms or more"},
      {{"-n", "many"}, "-n 'many' is not a whole number"},
      {{"-n", "0"}, "-n '0' is not between 1 and"},
      {{"--connections", "0"}, "--connections '0' is not between 1 and 100000"},
      {{"--deadline", "1x"}, "--deadline '1x' is not a number with"},
      {{"--warmup", "1x"}, "--warmup '1x' is not a number with"},
      {{"--payload-bytes", "64K"}, "--payload-bytes '64K' is not a number of bytes"},
      {{"--payload-bytes", "1"}, "no message has one byte"},
      {{"--payload-bytes", "5", "--payload-hex", "00"}, "give one"},
      {{"--proto", "x.proto"}, "say what to send, for example -d '{}'"},
      {{"-d", "{}", "--proto", "x.proto", "--payload-hex", "00"}, "give one"},
      {{"-d", "{}", "--proto", "/no/such.proto"}, "--proto '/no/such.proto' is no file"},
      {{"-d", "@/no/such", "--proto", "x.proto"},
       "--data '@/no/such' cannot be read: No such file"},
      {{"-d", "@/", "--proto", "x.proto"}, "--data '@/' cannot be read: Is a directory"},
      {{"-d", "{}", "--descriptor-set", "/"},
       "--descriptor-set '/' cannot be read: Is a directory"},
      {{"--payload-hex", "0"}, "is not pairs of hex digits"},
      {{"--payload-hex", "zz"}, "is not pairs of hex digits"},
      {{"--kind", "streaming"},
       "--kind 'streaming' is not unary, client-stream, server-stream or bidi"},
      {{"--kind", "bidi", "-d", "{}"}, "of --data the schema says it, leave it out"},
      {{"--msgs-per-stream", "5"},
       "--msgs-per-stream is for methods that take a stream of messages, and "
       "helloworld.Greeter/SayHello is unary"},
      {{"--kind", "server-stream", "--msg-interval", "5ms"}, "--msg-interval is for methods that"},
      {{"--kind", "client-stream", "--in-flight", "5"},
       "--in-flight is for methods with a stream each way, and helloworld.Greeter/SayHello is "
       "client-stream"},
      {{"--kind", "bidi", "--in-flight", "70k"}, "--in-flight '70k' is not between 1 and 65536"},
      {{"--kind", "bidi", "--in-flight", "60k", "--msgs-per-stream", "60k", "--streams-per-conn",
        "2k"},
       "--in-flight 60000 on 2000 streams at once is more than is kept account of"},
      {{"--reconnect-every", "often"},
       "--reconnect-every 'often' is not a number of calls, such as 1k, or a time, as 10s"},
      {{"--reconnect-every", "1ms"}, "--reconnect-every '1ms' is not long enough: give 10ms"},
      {{"-H", "novalue"}, "-H 'novalue' is not KEY:VALUE"},
      {{"-H", "grpc-timeout: 1S"}, "would set grpc-timeout, which the protocol itself needs"},
      {{"-H", "te: x"}, "would set te, which the protocol itself needs"},
      {{"-H", "x-bin: !!!"}, "the value of a key that ends in -bin is written in base64"},
      {{"-H", "a b: x"}, "is not a header field that HTTP/2 can carry"},
      {{"--cpus", "a"}, "--cpus 'a' is not a list of cores"},
      {{"--shards", "0"}, "--shards '0' is not between 1 and 1024"},
      {{"--io", "iocp"}, "--io 'iocp' is not auto, uring or epoll"},
      {{"--server-pid", "x"}, "--server-pid 'x' is not a whole number"},
      {{"--repeat", "0"}, "--repeat '0' is not a count between 1 and 100"},
      {{"--cooldown", "1s"}, "--cooldown is a pause between runs: say --repeat, too"},
      {{"--repeat", "2", "--cooldown", "1x"}, "--cooldown '1x' is not a number with"},
      {{"--max-regression", "5%"}, "--max-regression says how much worse than --baseline"},
      {{"--baseline", "x", "--max-regression", "5"}, "'5' is not a percentage above 0"},
      {{"--find-max", "--slo", "p99<1ms", "--repeat", "2"}, "leave out --repeat"},
      {{"--find-max", "--slo", "p99<1ms", "--baseline", "x"}, "leave out --baseline"},
  };
  for (const auto& [arguments, want] : cases) {
    SCOPED_TRACE(want);
    const CommandLine line = ParseHello(arguments);
    EXPECT_EQ(line.exit_status, kExitUsage);
    EXPECT_TRUE(line.message.starts_with("penstock-load: ")) << line.message;
    EXPECT_NE(line.message.find(want), std::string::npos) << line.message;
  }
}

TEST(CommandLine, MissesTargetAndMethod) {
  EXPECT_NE(Parse({"--method", "a.B/C"}).message.find("the target is missing"), std::string::npos);
  EXPECT_NE(Parse({"x:1"}).message.find("--method is missing"), std::string::npos);
  for (const char* method : {"a", "a/", "/b", "a/b/c", "a b/c"}) {
    SCOPED_TRACE(method);
    const CommandLine line = Parse({"--method", method, "x:1"});
    EXPECT_EQ(line.exit_status, kExitUsage);
    EXPECT_NE(line.message.find("is not a method: write PKG.SERVICE/METHOD"), std::string::npos);
  }
}

TEST(CommandLine, HelpOpensWithThreeExamples) {
  const CommandLine line = Parse({"--help"});
  EXPECT_EQ(line.exit_status, kExitOk);
  size_t examples = 0;
  for (size_t at = 0; (at = line.message.find("\n  penstock-load ", at)) != std::string::npos;
       ++at) {
    ++examples;
  }
  EXPECT_EQ(examples, 4u) << line.message;
  EXPECT_LT(line.message.find("Examples:"), line.message.find("--connections N"));
}

TEST(CommandLine, KnowsItsVersion) {
  const CommandLine line = Parse({"--version"});
  EXPECT_EQ(line.exit_status, kExitOk);
  EXPECT_EQ(line.message, "penstock-load 0.1.0\n");
}

TEST(CommandLine, SpeaksTlsWhenAnyOfItsFlagsIsThere) {
  EXPECT_FALSE(ParseHello({}).options.tls.enabled);
  EXPECT_TRUE(ParseHello({"--tls"}).options.tls.enabled);
  const wire::TlsClientOptions tls = ParseHello({"--cacert", "ca.pem", "--cert", "me.pem", "--key",
                                                 "me.key", "--servername", "a.example"})
                                         .options.tls;
  EXPECT_TRUE(tls.enabled);
  EXPECT_EQ(tls.ca, "ca.pem");
  EXPECT_EQ(tls.own.certificate, "me.pem");
  EXPECT_EQ(tls.own.key, "me.key");
  EXPECT_EQ(tls.server_name, "a.example");
  EXPECT_FALSE(tls.insecure_skip_verification);
  EXPECT_TRUE(ParseHello({"--insecure-skip-verify"}).options.tls.insecure_skip_verification);
}

TEST(CommandLine, ACertificateNeedsItsKeyAndSkippingNeedsNoAuthority) {
  for (const auto& flags : std::vector<std::vector<const char*>>{
           {"--cert", "me.pem"},
           {"--key", "me.key"},
           {"--insecure-skip-verify", "--cacert", "ca.pem"}}) {
    const CommandLine line = ParseHello(flags);
    EXPECT_EQ(line.exit_status, kExitUsage);
    EXPECT_NE(line.message.find(flags[0]), std::string::npos) << line.message;
  }
}

TEST(CommandLine, JsonWithoutASchemaIsLeftToTheServersReflection) {
  const CommandLine line = ParseHello({"-d", "{}"});
  ASSERT_FALSE(line.exit_status.has_value()) << line.message;
  EXPECT_EQ(line.options.json, "{}");
  EXPECT_EQ(line.options.message, "");
}

}  // namespace
}  // namespace penstock::loadtest
