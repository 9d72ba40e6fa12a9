#include "penstock/loadtest/run_notes.h"

#include <algorithm>

#include "penstock/loadtest/units.h"

namespace penstock::loadtest {
namespace {

// The first that is not empty.
std::string FirstOf(const std::vector<const GeneratorMeasured*>& measured,
                    std::string GeneratorMeasured::* text) {
  for (const GeneratorMeasured* one : measured) {
    if (!(one->*text).empty()) return one->*text;
  }
  return "";
}

uint64_t SumOf(const std::vector<const GeneratorMeasured*>& measured,
               uint32_t GeneratorMeasured::* count) {
  uint64_t sum = 0;
  for (const GeneratorMeasured* one : measured) sum += one->*count;
  return sum;
}

std::string CountOfConnections(uint64_t count, const Options& options) {
  return std::to_string(count) + " of " + std::to_string(options.connections) + " connections";
}

// What of --shards and --cpus came otherwise than it may have been meant.
void AddShardNotes(const Options& options, std::vector<std::string>* notes) {
  if (!options.cpus.empty() && options.shards > options.cpus.size()) {
    notes->push_back(Plural(options.shards, "shard") + " shared the " +
                     Plural(options.cpus.size(), "core") + " of --cpus");
  }
}

void AddStreamNotes(const Options& options, const RunResult& result,
                    std::vector<std::string>* notes) {
  const MessageTally& messages = result.messages;
  if (messages.uneven_count > 0) {
    notes->push_back(Plural(messages.uneven_count, "stream") +
                     " had more or fewer responses than requests: there is no round trip");
  }
  if (messages.early_count > 0) {
    notes->push_back("the server ended " + Plural(messages.early_count, "stream") +
                     ", with OK, before it had all messages");
  }
  if (options.kind == CallKind::kBidi && result.stalled() &&
      options.messages_in_flight < options.messages_per_stream) {
    notes->push_back("a stream sends no more while " +
                     std::to_string(options.messages_in_flight) +
                     " of its messages lack a response: a server that does not answer each needs "
                     "a higher --in-flight");
  }
}

}  // namespace

std::string DescribeNoConnection(const std::string& target,
                                 const std::vector<const GeneratorMeasured*>& measured,
                                 const std::string& patience) {
  std::string why = FirstOf(measured, &GeneratorMeasured::first_failure);
  if (why.empty()) why = "no answer within " + patience;
  // What knows better says what to do.
  const bool is_advice = why.starts_with(kTlsFailed) || why.find("is it a ") != std::string::npos;
  if (is_advice) return "no connection to " + target + ": " + why;
  return "no connection to " + target + ": " + why +
         "; check that the server runs and that the address is right";
}

std::vector<std::string> MakeNotes(const Options& options,
                                   const std::vector<const GeneratorMeasured*>& measured,
                                   const RunResult& result) {
  std::vector<std::string> notes;
  if (const uint64_t failed = SumOf(measured, &GeneratorMeasured::connections_failed)) {
    notes.push_back(CountOfConnections(failed, options) +
                    " could not be made: " + FirstOf(measured, &GeneratorMeasured::first_failure));
  }
  if (const uint64_t lost = SumOf(measured, &GeneratorMeasured::connections_lost)) {
    notes.push_back(CountOfConnections(lost, options) +
                    " were lost: " + FirstOf(measured, &GeneratorMeasured::first_loss));
  }
  AddShardNotes(options, &notes);
  uint32_t streams_max = http2::kUnlimited;
  for (const GeneratorMeasured* one : measured) {
    streams_max = std::min(streams_max, one->peer_streams_max);
  }
  if (streams_max < options.streams_per_connection) {
    notes.push_back("the server allows " + Plural(streams_max, "stream") +
                    " on a connection: --streams-per-conn " +
                    std::to_string(options.streams_per_connection) + " was cut to that");
  }
  if (result.tally.count() == 0) {
    const std::string count = std::to_string(result.unfinished_count);
    notes.push_back(!options.streams()
                        ? "no call ended in the window; " + count +
                              " waited for an answer when it closed"
                        : "no stream ended in the window; " + count +
                              " were under way when it closed");
  }
  AddStreamNotes(options, result, &notes);
  if (result.misfits_count > 0) {
    notes.push_back(Plural(result.misfits_count, "message") +
                    " repeated the one before: what {{seq}} or another template "
                    "came to did not fit its field");
  }
  if (result.tally.count() > 0 && result.stalled()) {
    notes.push_back(Plural(result.unfinished_count, "call") +
                    " had no answer when the window closed, the oldest after " +
                    FormatDuration(static_cast<double>(result.longest_wait_ns)) +
                    ": max and percentiles are too low");
  }
  if (result.fell_behind()) {
    notes.push_back(Plural(result.unfinished_count, "call") +
                    " had begun, or waited to, when the window closed: the server did not keep up "
                    "with the rate");
  }
  if (result.slots_were_taken()) {
    const uint64_t slots = uint64_t{options.connections} * options.streams_per_connection;
    notes.push_back(Plural(result.slot_waits_count, "call") + " waited for one of the " +
                    std::to_string(slots) +
                    " slots: a server that could serve more at once shows it with more "
                    "--connections");
  }
  if (result.dropped_count > 0) {
    notes.push_back(Plural(result.dropped_count, "call") +
                    (result.dropped_count == 1 ? " was" : " were") + " dropped: when due, the " +
                    std::to_string(options.in_flight_max) +
                    " of --max-in-flight were in flight; in no latency");
  }
  if (!result.environment.io_reason.empty()) {
    notes.push_back("epoll instead of io_uring: " + result.environment.io_reason);
  }
  return notes;
}

}  // namespace penstock::loadtest
