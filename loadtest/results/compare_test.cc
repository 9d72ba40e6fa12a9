// Figures, comparisons, what --baseline says, and merged results.
#include "penstock/loadtest/results/compare.h"

#include <gtest/gtest.h>

#include "penstock/loadtest/report.h"
#include "penstock/loadtest/results/figures.h"
#include "penstock/loadtest/results/merge.h"
#include "penstock/loadtest/results/repeats_report.h"
#include "penstock/loadtest/testing/sample_record.h"

namespace penstock::loadtest {
namespace {

using testing::ClosedRecord;
using testing::OpenRecord;
using testing::Scaled;

// Runs with so many times the calls and the latency of ClosedRecord(); the middle one is told.
RunRecord RecordOf(std::initializer_list<std::pair<double, double>> runs) {
  RunRecord record = ClosedRecord();
  record.result.notes.clear();
  const RunRecord one = record;
  for (const auto& [calls, latency] : runs) record.repeats.push_back(Scaled(one, calls, latency));
  record.median_repeat = record.repeats.size() / 2;
  record.result = record.repeats[record.median_repeat];
  if (record.repeats.size() == 1) record.repeats.clear();
  return record;
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Figures, AreTheMedianAndTheRangeOfTheRepeats) {
  const RunRecord record = RecordOf({{1, 3}, {0.5, 1}, {0.8, 2}});
  const std::vector<Figure> figures = FiguresOf(record);
  ASSERT_EQ(figures[0].name, "rps");
  EXPECT_EQ(figures[0].value, 8'050);
  EXPECT_EQ(figures[0].low, 5'050);
  EXPECT_EQ(figures[0].high, 10'050);
  EXPECT_EQ(figures[0].runs_count, 3u);
  ASSERT_EQ(figures[3].name, "p99");
  EXPECT_EQ(figures[3].value, 200'000) << "of another run than the median rps";
  EXPECT_EQ(figures[5].value, std::nullopt) << "too few calls for p99.99";
  EXPECT_EQ(FiguresOf(RecordOf({{1, 1}}))[0].runs_count, 1u);
}

TEST(Figures, DifferWithinTheNoiseWhereRangesOverlap) {
  const RunRecord before = RecordOf({{1, 1}, {0.9, 1}, {0.8, 1}});
  const struct {
    const char* name;
    RunRecord after;
    bool is_within_noise;
  } cases[] = {
      {"inside", RecordOf({{0.85, 1}}), true},
      {"below", RecordOf({{0.75, 1}}), false},
      {"touching", RecordOf({{0.8, 1}, {0.7, 1}, {0.6, 1}}), true},
      {"apart", RecordOf({{0.79, 1}, {0.7, 1}, {0.6, 1}}), false},
  };
  for (const auto& [name, after, is_within_noise] : cases) {
    SCOPED_TRACE(name);
    const std::optional<Change> change = ChangeOf(FiguresOf(before)[0], FiguresOf(after)[0]);
    ASSERT_TRUE(change.has_value());
    EXPECT_TRUE(change->noise_is_known);
    EXPECT_EQ(change->is_within_noise, is_within_noise);
    EXPECT_GT(change->worse_by, 0);
  }
  const std::optional<Change> single =
      ChangeOf(FiguresOf(RecordOf({{1, 1}}))[0], FiguresOf(RecordOf({{1, 1}}))[0]);
  EXPECT_FALSE(single->noise_is_known);
  EXPECT_EQ(ChangeOf(FiguresOf(RecordOf({{1, 1}}))[5], FiguresOf(RecordOf({{1, 1}}))[5]),
            std::nullopt);
}

TEST(Compare, IsThis) {
  EXPECT_EQ(
      FormatComparison({"old.json", RecordOf({{0.9, 1}, {1, 1}, {1.1, 1}})},
                       {"new.json", RecordOf({{1.45, 1.01}, {1.5, 1}, {1.6, 0.99}})}),
      "penstock-load compare\n"
      " A  old.json   unary helloworld.Greeter/SayHello  closed loop  1 shard  10 connections x 100"
      " streams  2s (+1s warm-up)  uring   2026-01-31T23:59:59Z   3 runs\n"
      " B  new.json   unary helloworld.Greeter/SayHello  closed loop  1 shard  10 connections x 100"
      " streams  2s (+1s warm-up)  uring   2026-01-31T23:59:59Z   3 runs\n"
      "                               A          B      B/A\n"
      " rps                      10.05k     15.05k    1.498   49.8 % better\n"
      " p50                       100us      100us    1.000   within the noise\n"
      " p90                       100us      100us    1.000   within the noise\n"
      " p99                       100us      100us    1.000   within the noise\n"
      " p99.9                     100us      100us    1.000   within the noise\n"
      " server cpu per RPC      4.000us    2.672us    0.668   33.2 % better\n"
      " the noise is all between the lowest and the highest of the repeats\n");
}

TEST(Compare, SaysWhatElseDiffers) {
  RunRecord other = OpenRecord();
  other.options.connections = 20;
  const std::string text = FormatComparison({"a", ClosedRecord()}, {"b", other});
  EXPECT_TRUE(Has(text, "\n differs  loop closed loop and open loop 10.00k/s poisson\n")) << text;
  EXPECT_TRUE(Has(text, "\n differs  connections 10 and 20\n")) << text;
  EXPECT_TRUE(Has(text, "\n how much of it is noise nobody knows: --repeat 5 tells\n")) << text;
}

TEST(Compare, SaysWhichPartOfTheLoadDiffers) {
  const struct {
    const char* difference;
    RunRecord record;
    void (*change)(RunRecord* record);
  } cases[] = {
      {"TLS off and on", ClosedRecord(), [](RunRecord* r) { r->options.tls.enabled = true; }},
      {"transport TCP and a Unix socket", ClosedRecord(),
       [](RunRecord* r) { r->options.target = "unix:/tmp/s"; }},
      {"transport TCP and a Unix socket", ClosedRecord(),
       [](RunRecord* r) { r->options.target = "unix-abstract:s"; }},
      {"", ClosedRecord(), [](RunRecord* r) { r->options.target = "127.0.0.2:80"; }},
      {"shards 1 and 2", ClosedRecord(), [](RunRecord* r) { r->result.shards = 2; }},
      {"calls in flight at most 1000000 and 5", OpenRecord(),
       [](RunRecord* r) { r->options.in_flight_max = 5; }},
      {"", ClosedRecord(), [](RunRecord* r) { r->options.in_flight_max = 5; }},
      {"deadline of shop.Cart/Get 1s and none", testing::MixRecord(),
       [](RunRecord* r) { r->options.mix[0].deadline_ns = 0; }},
      {"message bytes of shop.Cart/Get 0 and 3", testing::MixRecord(),
       [](RunRecord* r) { r->options.mix[0].message = "abc"; }},
      {"messages per stream of shop.Cart/Watch 10 and 11", testing::MixRecord(),
       [](RunRecord* r) { r->options.mix[1].messages_per_stream = 11; }},
      {"message interval of shop.Cart/Watch 1ms and 1us", testing::MixRecord(),
       [](RunRecord* r) { r->options.mix[1].message_interval_ns = kNsPerUs; }},
      {"messages in flight of shop.Cart/Watch 5 and 1", testing::MixRecord(),
       [](RunRecord* r) { r->options.mix[1].messages_in_flight = 1; }},
  };
  for (const auto& [difference, record, change] : cases) {
    SCOPED_TRACE(difference);
    RunRecord other = record;
    change(&other);
    const std::vector<std::string> differences = DifferencesOf(record, other);
    ASSERT_EQ(differences.size(), *difference == '\0' ? 0u : 1u);
    if (!differences.empty()) EXPECT_EQ(differences[0], difference);
  }
}

TEST(Compare, PrintsWhatStrangersWroteAsText) {
  RunRecord other = RecordOf({{1, 1}, {1, 1}});
  other.repeats[0].notes = other.repeats[1].notes = {"a\x1b[2J"};
  other.options.method = other.result.environment.cpu_model = "a\x1b[2J";
  other.result.environment.started_at = "a\x1b[2J";
  const std::string text =
      FormatComparison({"a", ClosedRecord()}, {"b", other}) + FormatRepeats(other);
  EXPECT_FALSE(Has(text, "\x1b")) << text;
  EXPECT_TRUE(Has(text, " differs  machine A CPU and a [2J\n")) << text;
}

TEST(Baseline, JudgesBySizeAndByNoise) {
  const RunRecord steady = RecordOf({{1, 1}, {0.99, 1}, {0.98, 1}});
  const struct {
    const char* name;
    RunRecord before;
    RunRecord after;
    bool has_regressed;
    const char* note;  // "": none
  } cases[] = {
      {"the same", steady, steady, false, ""},
      {"better", steady, RecordOf({{2, 0.5}}), false, ""},
      {"a little worse", steady, RecordOf({{0.97, 1.04}}), false, ""},
      {"fewer calls", RecordOf({{1, 1}}), RecordOf({{0.5, 1}}), true,
       "--baseline old.json: rps fell by 49.8 %, from 10.05k to 5.050k; --max-regression allows "
       "5.0 %. How much of it is noise --repeat would tell"},
      {"fewer, beyond the noise", steady, RecordOf({{0.5, 1}}), true, "and the repeats lie apart"},
      {"later", steady, RecordOf({{1, 2}}), true,
       "p99 rose by 100.0 %, from 100us to 200us; --max-regression allows 5.0 %, and"},
      {"later, within the noise", RecordOf({{1, 1}, {1, 1}, {1, 3}}), RecordOf({{1, 2}}), false,
       "p99 rose by 100.0 %, from 100us to 200us; that is within the noise of the repeats, 100us "
       "to 300us and now 200us to 200us"},
      {"later, but for one run", RecordOf({{1, 1}, {1, 1.01}, {1, 1.02}}),
       RecordOf({{1, 1.01}, {1, 9}, {1, 9}, {1, 9}, {1, 9}}), true, "p99 rose by 79"},
  };
  for (const auto& [name, before, after, has_regressed, note] : cases) {
    SCOPED_TRACE(name);
    const Verdict verdict = JudgeByBaseline({"old.json", before}, after, 0.05);
    EXPECT_EQ(verdict.has_regressed, has_regressed);
    std::string all;
    for (const std::string& one : verdict.notes) all += one + "\n";
    EXPECT_EQ(*note == '\0', verdict.notes.empty()) << all;
    EXPECT_TRUE(Has(all, note)) << all;
  }
}

TEST(Baseline, SaysWhatCannotBeCompared) {
  RunRecord after = RecordOf({{1, 1}});
  after.result.server.reset();
  after.options.method = "a.B/C";
  const Verdict verdict = JudgeByBaseline({"old.json", RecordOf({{1, 1}})}, after, 0.05);
  EXPECT_FALSE(verdict.has_regressed);
  ASSERT_EQ(verdict.notes.size(), 2u);
  EXPECT_EQ(verdict.notes[0],
            "--baseline old.json: another load: method unary helloworld.Greeter/SayHello and unary "
            "a.B/C");
  EXPECT_EQ(verdict.notes[1],
            "--baseline old.json: server cpu per RPC is not known now, and was 4.000us");
}

TEST(Baseline, KnowsAFigureOfZero) {
  RunRecord none = RecordOf({{1, 1}});
  none.result.tally.Clear();
  none.result.carried_ok_count = 0;
  const Verdict verdict = JudgeByBaseline({"old.json", none}, RecordOf({{1, 1}}), 0.05);
  EXPECT_FALSE(verdict.has_regressed);
  ASSERT_EQ(verdict.notes.size(), 1u);
  EXPECT_EQ(verdict.notes[0],
            "--baseline old.json: rps was 0, and is 10.05k: of zero there is no share to judge by");
}

TEST(Merge, AddsUpWhatRunsInARowDid) {
  RunRecord merged;
  ASSERT_EQ(MergeRecords({{"a", OpenRecord()}, {"b", OpenRecord()}}, MergeOf::kRunsInARow, &merged),
            "");
  const RunResult& result = merged.result;
  EXPECT_EQ(result.tally.ok_count(), 40'000u);
  EXPECT_EQ(result.tally.response().count(), 40'000u);
  EXPECT_EQ(result.tally.errors()[kUnavailable].count, 6u);
  EXPECT_EQ(result.offered_count, 2 * OpenRecord().result.offered_count);
  EXPECT_EQ(result.measured_ns, 4 * kNsPerSecond);
  EXPECT_EQ(result.rps(), OpenRecord().result.rps());
  EXPECT_EQ(result.generator_cpu_total, 0.5);
  EXPECT_EQ(result.PerRpc(result.server->cpu_ns), 4'000);
  ASSERT_EQ(result.series.size(), 4u);
  EXPECT_EQ(result.series[2].at_s, 3);
  ASSERT_EQ(result.notes.size(), 3u);
  EXPECT_EQ(result.notes[0],
            "2 results are merged: histograms and counts are sums, the time is that of all "
            "windows");
  EXPECT_EQ(result.notes[2], "b: a note");
}

TEST(Merge, AddsUpTheThroughputOfRunsSideBySide) {
  RunRecord shorter = ClosedRecord();
  shorter.result.measured_ns = kNsPerSecond;
  shorter.result.server.reset();
  shorter.options.connections = 5;
  RunRecord merged;
  ASSERT_EQ(
      MergeRecords({{"a", ClosedRecord()}, {"b", shorter}}, MergeOf::kRunsSideBySide, &merged), "");
  EXPECT_EQ(merged.result.measured_ns, 2 * kNsPerSecond);
  EXPECT_EQ(merged.result.rps(), 20'100);
  EXPECT_EQ(merged.result.shards, 2u);
  EXPECT_TRUE(merged.result.series.empty());
  EXPECT_FALSE(merged.result.server.has_value()) << "of one alone it would be too little";
  EXPECT_TRUE(Has(FormatReport(merged.options, merged.result),
                  " note        b is of another load: connections 10 and 5\n"));
}

TEST(Merge, SaysWhoseTheConnectionsAre) {
  RunRecord other = OpenRecord();
  other.options.connections = 20;
  other.options.rate.stages[0].per_second = 5'000;
  other.options.in_flight_max = 7;
  RunRecord merged;
  ASSERT_EQ(MergeRecords({{"a", OpenRecord()}, {"b", other}}, MergeOf::kRunsInARow, &merged), "");
  EXPECT_EQ(merged.options.connections, 10u);
  EXPECT_TRUE(Has(merged.result.notes[0], "all windows; the first line is of a")) <<
      merged.result.notes[0];
  ASSERT_EQ(MergeRecords({{"a", OpenRecord()}, {"b", other}}, MergeOf::kRunsSideBySide, &merged),
            "");
  EXPECT_TRUE(Has(FormatReport(merged.options, merged.result),
                  "  open loop 15.00k/s poisson  2 shards  30 connections x 100 streams  "))
      << FormatReport(merged.options, merged.result);
  EXPECT_EQ(merged.options.in_flight_max, Options::kInFlightMaxDefault + 7);
  other.options.rate.stages.push_back({kNsPerSecond, 0});
  ASSERT_EQ(MergeRecords({{"a", OpenRecord()}, {"b", other}}, MergeOf::kRunsSideBySide, &merged),
            "");
  EXPECT_EQ(merged.options.rate.stages[0].per_second, 10'000) << "nothing to add them to";
  EXPECT_TRUE(Has(FormatReport(merged.options, merged.result),
                  "the first line lacks the rates of b, which are at other times"));
}

TEST(Merge, TakesAllRunsOfARepeatedOne) {
  RunRecord merged;
  const RunRecord repeated = RecordOf({{1, 1}, {1, 1}, {1, 1}});
  ASSERT_EQ(MergeRecords({{"a", repeated}}, MergeOf::kRunsInARow, &merged), "");
  EXPECT_EQ(merged.repeats.size(), 3u) << "one alone stays as it is";
  ASSERT_EQ(MergeRecords({{"a", repeated}, {"b", repeated}}, MergeOf::kRunsInARow, &merged), "");
  EXPECT_EQ(merged.result.tally.ok_count(), 6 * 20'000u);
  EXPECT_EQ(merged.result.measured_ns, 12 * kNsPerSecond);
}

TEST(Merge, AddsUpEachMethodOfAMix) {
  const RunRecord mix = testing::MixRecord();
  RunRecord merged;
  ASSERT_EQ(MergeRecords({{"a", mix}, {"b", mix}}, MergeOf::kRunsInARow, &merged), "");
  EXPECT_EQ(merged.result.messages.sent_count, 120u);
  ASSERT_EQ(merged.result.methods.size(), 2u);
  EXPECT_EQ(merged.result.methods[0].tally.ok_count(), 40'000u);
  EXPECT_EQ(merged.result.methods[1].messages.round_trip.count(), 120u);
  RunRecord other = mix;
  other.options.mix[1].weight = 5;
  EXPECT_NE(MergeRecords({{"a", mix}, {"b", other}}, MergeOf::kRunsInARow, &merged), "");
  const std::string text = FormatComparison({"a", mix}, {"b", other});
  EXPECT_TRUE(Has(text, " differs  the methods of the mix\n")) << text;
  EXPECT_TRUE(Has(text, " messages received/s")) << text;
}

TEST(Merge, AddsUpWhatStreamsAndNewConnectionsCameTo) {
  const RunRecord streams = testing::StreamRecord();
  RunRecord merged;
  ASSERT_EQ(MergeRecords({{"a", streams}, {"b", streams}}, MergeOf::kRunsInARow, &merged), "");
  EXPECT_EQ(merged.result.connections_made, 40u);
  EXPECT_EQ(merged.result.connects.count(), 40u);
  const std::string text = FormatReport(merged.options, merged.result);
  EXPECT_TRUE(Has(text, "  bidi helloworld.Greeter/SayHello  10 messages each, 5 in flight  "));
  EXPECT_TRUE(Has(text, " messages    sent 400000 "));
  EXPECT_TRUE(Has(text, " connects    made anew 40 (10/s)\n")) << text;
  RunRecord other = streams;
  other.options.reconnect_calls = 0;
  EXPECT_TRUE(Has(FormatComparison({"a", streams}, {"b", other}),
                  " differs  reconnects every 1000 calls and never\n"));
}

TEST(Merge, RefusesAnotherMethodAndAnotherLoop) {
  RunRecord other = ClosedRecord();
  other.options.method = "a.B/C";
  RunRecord merged;
  EXPECT_EQ(MergeRecords({{"a", ClosedRecord()}, {"b", other}}, MergeOf::kRunsInARow, &merged),
            "results of different methods cannot be merged: a is of unary "
            "helloworld.Greeter/SayHello, b of unary a.B/C");
  EXPECT_EQ(
      MergeRecords({{"a", ClosedRecord()}, {"b", OpenRecord()}}, MergeOf::kRunsInARow, &merged),
      "results of different loops cannot be merged: a is of a closed loop, b of an open loop");
}

TEST(RepeatsReport, IsThis) {
  RunRecord record = RecordOf({{0.9, 1}, {1, 1}, {1.1, 1.5}});
  record.repeats[0].notes = {"a note"};
  record.repeats[1].notes = {"stands in the table above"};
  EXPECT_EQ(FormatRepeats(record),
            " repeats            rps       p50       p99     p99.9    errors     cpu per RPC\n"
            "   1             9.050k     100us     100us     100us         4       4.442us\n"
            "   2 median      10.05k     100us     100us     100us         4       4.000us\n"
            "   3             11.05k     150us     150us     150us         4       3.638us\n"
            " spread          19.9 %    50.0 %    50.0 %    50.0 %                  20.1 %\n"
            " note        run 1: a note\n");
  EXPECT_EQ(FormatRepeats(ClosedRecord()), "");
}

}  // namespace
}  // namespace penstock::loadtest
