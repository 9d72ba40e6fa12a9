#include "penstock/http2/limit.h"

#include <array>

namespace penstock::http2 {
namespace {

struct Name {
  Limit limit;
  const char* text;
};

// In the order of the enumeration.
constexpr std::array<Name, kLimitsCount> kNames = {{
    {Limit::kConcurrentStreams, "concurrent_streams_max"},
    {Limit::kHeaderList, "header_list_bytes_max"},
    {Limit::kStalledStream, "stalled_stream_timeout"},
    {Limit::kSlowRequest, "slow_request_timeout"},
    {Limit::kMemoryStreams, "memory_streams_percent"},
    {Limit::kMessageBytes, "message_bytes_max"},
    {Limit::kControlFramesQueued, "control_frames_queued_max"},
    {Limit::kResetsReceived, "resets_received_burst"},
    {Limit::kResetsShare, "resets_share_percent_max"},
    {Limit::kFaultResets, "fault_resets_burst"},
    {Limit::kGlitches, "glitches_burst"},
    {Limit::kHeaderListClose, "header_list_close_factor"},
    {Limit::kHeaderBlockBytes, "header_block_bytes_max"},
    {Limit::kHeaderBlockTime, "header_block_timeout"},
    {Limit::kFrameTime, "frame_timeout"},
    {Limit::kContinuations, "continuations_max"},
    {Limit::kSettingsEntries, "settings_entries_max"},
    {Limit::kSettingsRate, "settings_per_second_max"},
    {Limit::kEmptyFrames, "empty_frames_max"},
    {Limit::kSmallData, "small_data_budget"},
    {Limit::kWindowUpdates, "window_updates_base"},
    {Limit::kPriorities, "priorities_per_stream_max"},
    {Limit::kPings, "too_many_pings"},  // the name that gRPC's clients look for
    {Limit::kOutputFlood, "output_bytes_max"},
    {Limit::kControlFramesStuck, "control_frames_stuck_timeout"},
    {Limit::kStalledConnection, "stalled_connection_timeout"},
    {Limit::kRunningHandlers, "too_many_early_resets"},  // as other servers call it
    {Limit::kPreface, "preface_timeout"},
    {Limit::kTlsHandshakeTime, "handshake_timeout"},
    {Limit::kSettingsAck, "settings_ack_timeout"},
    {Limit::kMemoryIdle, "memory_idle_percent"},
    {Limit::kIdleWithoutStream, "idle_without_stream_timeout"},
    {Limit::kConnectionsOfShard, "connections_per_shard_max"},
    {Limit::kConnectionsOfProcess, "connections_max"},
    {Limit::kMemoryConnections, "memory_connections_percent"},
    {Limit::kTlsHandshakes, "handshakes_per_shard_max"},
}};

constexpr bool NamesAreInOrder() {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (static_cast<size_t>(kNames[i].limit) != i || kNames[i].text == nullptr) return false;
  }
  return true;
}
static_assert(NamesAreInOrder());

}  // namespace

const char* NameOf(Limit limit) { return kNames[static_cast<size_t>(limit)].text; }

}  // namespace penstock::http2
