#include "penstock/http2/limit.h"

namespace penstock::http2 {

const char* NameOf(Limit limit) {
  switch (limit) {
    case Limit::kConcurrentStreams:
      return "concurrent_streams_max";
    case Limit::kHeaderList:
      return "header_list_bytes_max";
    case Limit::kStalledStream:
      return "stalled_stream_timeout";
    case Limit::kSlowRequest:
      return "slow_request_timeout";
    case Limit::kMemoryStreams:
      return "memory_streams_percent";
    case Limit::kMessageBytes:
      return "message_bytes_max";
    case Limit::kControlFramesQueued:
      return "control_frames_queued_max";
    case Limit::kResetsReceived:
      return "resets_received_burst";
    case Limit::kResetsShare:
      return "resets_share_percent_max";
    case Limit::kFaultResets:
      return "fault_resets_burst";
    case Limit::kGlitches:
      return "glitches_burst";
    case Limit::kHeaderListClose:
      return "header_list_bytes_max_x4";
    case Limit::kHeaderBlockBytes:
      return "header_block_bytes_max";
    case Limit::kHeaderBlockTime:
      return "header_block_timeout";
    case Limit::kFrameTime:
      return "frame_timeout";
    case Limit::kContinuations:
      return "continuations_max";
    case Limit::kSettingsEntries:
      return "settings_entries_max";
    case Limit::kSettingsRate:
      return "settings_per_second_max";
    case Limit::kEmptyFrames:
      return "empty_frames_max";
    case Limit::kSmallData:
      return "small_data_budget";
    case Limit::kWindowUpdates:
      return "window_updates_base";
    case Limit::kPriorities:
      return "priorities_per_stream_max";
    case Limit::kPings:
      return "too_many_pings";  // the name that gRPC's clients look for
    case Limit::kOutputFlood:
      return "output_bytes_max";
    case Limit::kControlFramesStuck:
      return "control_frames_stuck_timeout";
    case Limit::kStalledConnection:
      return "stalled_connection_timeout";
    case Limit::kPreface:
      return "preface_timeout";
    case Limit::kSettingsAck:
      return "settings_ack_timeout";
    case Limit::kMemoryIdle:
      return "memory_idle_percent";
    case Limit::kIdleWithoutStream:
      return "idle_without_stream_timeout";
    case Limit::kConnectionsOfShard:
      return "connections_per_shard_max";
    case Limit::kConnectionsOfProcess:
      return "connections_max";
    case Limit::kMemoryConnections:
      return "memory_connections_percent";
  }
  return "unknown limit";
}

}  // namespace penstock::http2
