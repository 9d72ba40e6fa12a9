#include "penstock/loadtest/report.h"

#include <gtest/gtest.h>

#include "penstock/loadtest/printable.h"
#include "penstock/loadtest/progress_line.h"

namespace penstock::loadtest {
namespace {

Options MakeOptions() {
  Options options;
  options.method = "helloworld.Greeter/SayHello";
  options.connections = 10;
  options.streams_per_connection = 100;
  options.duration_ns = 4 * kNsPerSecond;
  options.warmup_ns = kNsPerSecond;
  return options;
}

RunResult MakeResult() {
  RunResult result;
  result.environment.version = "0.1.0";
  result.environment.io_mode = "uring";
  result.measured_ns = 4 * kNsPerSecond;
  // 98 %, 1.9 % and 0.1 % of 100,000 calls, in values that are the highest of their bucket.
  for (int i = 0; i < 98'000; ++i) result.tally.RecordOk(181'247);
  for (int i = 0; i < 1'900; ++i) result.tally.RecordOk(1'900'543);
  for (int i = 0; i < 100; ++i) result.tally.RecordOk(12'320'767);
  result.generator_cpu_total = 0.38;
  result.generator_cpu_busiest = 0.44;
  return result;
}

TEST(Report, IsThis) {
  RunResult result = MakeResult();
  result.server = ProcessUsage{39'100'000, 21'000'000, 18'100'000, 5'452'595};
  EXPECT_EQ(
      FormatReport(MakeOptions(), result),
      "penstock-load 0.1.0  unary helloworld.Greeter/SayHello  closed loop  1 shard  10 connections"
      " x 100 streams  4s (+1s warm-up)  uring\n"
      " a closed loop hides queueing: a slot sends its next call only when the last one has ended\n"
      " done 4.00s   25.00k rps   OK 100000   errors 0\n"
      "                p50      p90      p99    p99.9   p99.99      max\n"
      " service      181us    181us   1.90ms   1.90ms   12.3ms   12.3ms   from the actual send\n"
      " generator   cpu 38 % (busiest core 44 %)   ok\n"
      " server      cpu 0.391us per RPC (user 0.210us, system 0.181us)   0.01 cores   RSS 5.20 MiB"
      "\n");
}

TEST(Report, OfStreamsHasTheirMessages) {
  Options options = MakeOptions();
  options.kind = CallKind::kBidi;
  options.messages_per_stream = 100;
  options.message_interval_ns = kNsPerMs;
  options.messages_in_flight = 10;
  RunResult result = MakeResult();
  result.messages.sent_count = 4'000'000;
  result.messages.received_count = 3'999'000;
  for (int i = 0; i < 100; ++i) result.messages.round_trip.Record(12'320'767);
  std::string text = FormatReport(options, result);
  EXPECT_NE(text.find("  bidi helloworld.Greeter/SayHello  100 messages each, 1ms apart, 10 in "
                      "flight  closed loop"),
            std::string::npos)
      << text;
  EXPECT_NE(
      text.find(" 1st msg        n/a      n/a      n/a      n/a      n/a      n/a   from the send"
                " of its call\n"
                " roundtrip   12.3ms   12.3ms      n/a      n/a      n/a   12.3ms   from the due "
                "time of each message\n"
                " messages    sent 4000000 (1.000M/s)   received 3999000 (999.8k/s)\n"),
      std::string::npos)
      << text;
  result.messages.uneven_count = 1;
  text = FormatReport(options, result);
  EXPECT_NE(text.find(" roundtrip      n/a\n"), std::string::npos) << text;
}

TEST(Report, OfAMixHasALineForEachMethod) {
  Options options = MakeOptions();
  options.method = "mix shop.json";
  options.mix.resize(2);
  options.mix[0].method = "shop.Cart/Get";
  options.mix[1].method = "shop.Cart/Watch";
  options.mix[1].kind = CallKind::kServerStream;
  RunResult result = MakeResult();
  result.methods.resize(2);
  for (int i = 0; i < 100; ++i) result.methods[0].tally.RecordOk(181'247);
  result.methods[1].tally.RecordError(kUnavailable, "");
  result.methods[1].messages.sent_count = 1;
  const std::string text = FormatReport(options, result);
  EXPECT_NE(text.find("  mix shop.json  closed loop  "), std::string::npos) << text;
  EXPECT_NE(text.find(" method      shop.Cart/Get   OK 100   errors 0   p50 181us   p99 n/a\n"
                      " method      shop.Cart/Watch   OK 0   errors 1   p50 n/a   p99 n/a   sent 1"
                      "   received 0\n"),
            std::string::npos)
      << text;
}

TEST(Report, TellsWhatItCostToConnectAnew) {
  Options options = MakeOptions();
  options.reconnect_calls = 10;
  RunResult result = MakeResult();
  result.connections_made = 10'000;
  result.connects.Record(181'247);
  const std::string text = FormatReport(options, result);
  EXPECT_NE(text.find("    181us   from the begin to the server's SETTINGS\n"
                      " connects    made anew 10000 (2.500k/s)\n"),
            std::string::npos)
      << text;
}

TEST(Report, OfAnOpenLoopHasBothLatencies) {
  Options options = MakeOptions();
  options.rate.stages = {{0, 50'000}};
  options.poisson = true;
  RunResult result = MakeResult();
  result.is_open_loop = true;
  result.offered_count = 100'020;
  result.dropped_count = 20;
  result.repeated_count = 3;
  for (int i = 0; i < 98'000; ++i) result.tally.RecordResponse(190'463);
  for (int i = 0; i < 2'000; ++i) result.tally.RecordResponse(12'320'767);
  for (int i = 0; i < 2'000; ++i) result.lateness.Record(9'023);
  EXPECT_EQ(
      FormatReport(options, result),
      "penstock-load 0.1.0  unary helloworld.Greeter/SayHello  open loop 50.00k/s poisson  1 shard"
      "  10 connections x 100 streams  4s (+1s warm-up)  uring\n"
      " done 4.00s   25.00k rps (offered 25.00k, dropped 20)   OK 100000   errors 0   repeated 3\n"
      "                p50      p90      p99    p99.9   p99.99      max\n"
      " response     190us    190us   12.3ms   12.3ms   12.3ms   12.3ms   from the intended start\n"
      " service      181us    181us   1.90ms   1.90ms   12.3ms   12.3ms   from the actual send\n"
      " generator   cpu 38 % (busiest core 44 %)   lateness p99 9.02us   ok\n");
  options.deadline_ns = kNsPerSecond;
  result.timely_ok_count = 80'000;
  EXPECT_NE(FormatReport(options, result).find(", dropped 20)   goodput 20.00k   OK 100000 "),
            std::string::npos);
  for (int i = 0; i < 1'000; ++i) result.lateness.Record(20'000);
  EXPECT_TRUE(result.generator_bound()) << "later than a tenth of the median";
  options.rate.stages = {{0, 1'000}, {30 * kNsPerSecond, 20'000}};
  options.poisson = false;
  EXPECT_NE(FormatReport(options, result)
                .find("  open loop 1.000k/s at 0s, 20.00k/s at 30s uniform  "),
            std::string::npos)
      << FormatReport(options, result);
}

TEST(Report, ListsErrorsByStatusWithTheFirstMessage) {
  RunResult result = MakeResult();
  result.tally.RecordError(kUnavailable, "try\nlater");
  result.tally.RecordError(kUnavailable, "never");
  result.tally.RecordError(kInternal, "");
  result.notes = {"a note"};
  const std::string report = FormatReport(MakeOptions(), result);
  EXPECT_NE(report.find("OK 100000   errors 3\n"), std::string::npos) << report;
  EXPECT_NE(report.find(" errors      INTERNAL 1   first: (no message)\n"
                        "             UNAVAILABLE 2   first: try later\n"
                        " note        a note\n"),
            std::string::npos)
      << report;
}

// Of a file that a stranger wrote: no text of it steers the terminal, or makes a line of its own.
TEST(Report, PrintsWhatStrangersWroteAsText) {
  const std::string evil = "a\x1b[2J\nb\xc2\x9b" "1mc\x7f";
  Options options = MakeOptions();
  options.method = evil;
  RunResult result = MakeResult();
  result.environment.version = result.environment.io_mode = evil;
  result.tally.RecordError(kInternal, evil);
  result.notes = {evil};
  std::string text = FormatReport(options, result);
  options.mix.resize(1);
  options.mix[0].method = evil;
  result.methods.resize(1);
  text += FormatReport(options, result);
  EXPECT_EQ(text.find_first_of("\x1b\x7f\x9b"), std::string::npos) << text;
  EXPECT_NE(text.find("penstock-load a [2J b 1mc   unary a [2J b 1mc   closed loop"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\n note        a [2J b 1mc \n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n method      a [2J b 1mc    OK 0"), std::string::npos) << text;
  EXPECT_EQ(Printable("\xc3\xa4 \xc2\xa0"), "\xc3\xa4 \xc2\xa0") << "letters stay";
}

TEST(Report, TellsNoPercentileWithFewerThanTenSamplesAboveIt) {
  RunResult result;
  result.measured_ns = kNsPerSecond;
  for (int i = 0; i < 100; ++i) result.tally.RecordOk(100);
  EXPECT_NE(FormatReport(MakeOptions(), result)
                .find(" service      100ns    100ns      n/a      n/a      n/a    100ns"),
            std::string::npos);
  EXPECT_NE(FormatReport(MakeOptions(), RunResult{})
                .find(" service        n/a      n/a      n/a      n/a      n/a      n/a"),
            std::string::npos);
}

TEST(Report, SaysWhenTheGeneratorWasTheLimit) {
  RunResult result = MakeResult();
  result.generator_cpu_busiest = 0.91;
  EXPECT_NE(FormatReport(MakeOptions(), result)
                .find("(busiest core 91 %)   its busiest core had no time left; generator-bound: "
                      "the result is a lower bound\n"),
            std::string::npos);
  result.generator_cpu_busiest = 0.5;
  result.generator_waited = 0.25;
  EXPECT_NE(FormatReport(MakeOptions(), result)
                .find("other programs had its core 25 % of the time; generator-bound: "),
            std::string::npos);
}

TEST(Report, DoesNotJudgeTheGeneratorByAFewCalls) {
  const std::string none = "   too few calls, or too short, to judge it\n";
  RunResult result = MakeResult();
  result.generator_cpu_busiest = 0.99;
  result.measured_ns = 2 * kNsPerMs;
  EXPECT_FALSE(result.generator_bound());
  EXPECT_NE(FormatReport(MakeOptions(), result).find("(busiest core 99 %)" + none),
            std::string::npos);
  result = MakeResult();
  result.is_open_loop = true;
  for (int i = 0; i < 999; ++i) result.lateness.Record(kNsPerMs);
  for (int i = 0; i < 999; ++i) result.tally.RecordResponse(kNsPerMs);
  EXPECT_NE(FormatReport(MakeOptions(), result).find("lateness p99 n/a" + none), std::string::npos);
  result.lateness.Record(kNsPerMs);
  EXPECT_NE(FormatReport(MakeOptions(), result)
                .find("   calls were late by more than a tenth of the median response; "
                      "generator-bound: the result is a lower bound\n"),
            std::string::npos);
}

TEST(Report, NamesTheExtentThatWasAskedFor) {
  Options options = MakeOptions();
  options.calls_max = 1;
  EXPECT_NE(FormatReport(options, MakeResult()).find("  4s or 1 call (+1s warm-up)  "),
            std::string::npos);
  options.duration_ns = kTimeNever;
  options.warmup_ns = 0;
  EXPECT_NE(FormatReport(options, MakeResult()).find(" streams  1 call  uring"), std::string::npos);
}

TEST(Report, SaysThatItWasInterrupted) {
  RunResult result = MakeResult();
  result.interrupted = true;
  EXPECT_NE(FormatReport(MakeOptions(), result).find(" interrupted after 4.00s   25.00k rps"),
            std::string::npos);
}

TEST(Progress, ShowsHowFarTheRunIsAndWhatIsLeft) {
  Options options = MakeOptions();
  const ProgressNow now{3'004 * kNsPerMs, 1'499'998, 2, 512'340};
  EXPECT_EQ(FormatProgress(options, now), "3s of 4s, 1s left   512.3k rps   OK 1499998   errors 2");
  options.duration_ns = kTimeNever;
  options.calls_max = 6'000'000;
  EXPECT_EQ(FormatProgress(options, now),
            "3s, 9s left   512.3k rps   OK 1499998 of 6000000   errors 2");
  options.duration_ns = 7'200 * kNsPerSecond;
  EXPECT_EQ(FormatProgress(options, now),
            "3s of 2h, 9s left   512.3k rps   OK 1499998 of 6000000   errors 2")
      << "whatever comes first";
  EXPECT_EQ(FormatProgress(options, {kNsPerSecond, 0, 0, 0}),
            "1s of 2h, 1h59m59s left   0 rps   OK 0 of 6000000   errors 0");
}

// What a line of progress leaves in a file that is no terminal.
std::string ShownInMinutes(ProgressMode mode, int seconds) {
  std::FILE* const file = std::tmpfile();
  ProgressLine line(mode, file);
  line.ShowNote("warming up");
  for (int second = 1; second <= seconds; ++second) line.Show(std::to_string(second));
  line.Clear();
  std::string text(static_cast<size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

TEST(Progress, IsALineAMinuteWhereThereIsNoTerminal) {
  EXPECT_EQ(ShownInMinutes(ProgressMode::kLines, 130), " 60\n 120\n");
  EXPECT_EQ(ShownInMinutes(ProgressMode::kNone, 130), "");
  EXPECT_EQ(ShownInMinutes(ProgressMode::kInPlace, 1),
            "\r\x1b[K warming up\r\x1b[K 1\r\x1b[K");
}

}  // namespace
}  // namespace penstock::loadtest
