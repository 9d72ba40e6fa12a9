// Limit: every bound whose reaching is counted, by name. The name is that of the option
// (http2/limits.h, server/options.h) without its unit; it stands in the GOAWAY's debug data, in the
// log, and beside its counter. docs/limits.md says what each stops.
//
//     ++trips[Limit::kGlitches];
//     NameOf(Limit::kGlitches)  // "glitches_max"
#ifndef PENSTOCK_HTTP2_LIMIT_H_
#define PENSTOCK_HTTP2_LIMIT_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace penstock::http2 {

enum class Limit : uint8_t {
  // The peer is told by RST_STREAM or a status; the connection goes on.
  kConcurrentStreams,
  kHeaderList,
  kStalledStream,
  kSlowRequest,
  kMemoryStreams,
  kMessageBytes,
  // Reading rests.
  kControlFramesQueued,
  // The connection ends.
  kResetsReceived,
  kResetsShare,
  kFaultResets,
  kGlitches,
  kHeaderListClose,
  kHeaderBlockBytes,
  kHeaderBlockTime,
  kFrameTime,
  kContinuations,
  kSettingsEntries,
  kSettingsRate,
  kEmptyFrames,
  kSmallData,
  kWindowUpdates,
  kPriorities,
  kPings,
  kOutputFlood,
  kControlFramesStuck,
  kStalledConnection,
  kRunningHandlers,
  kPreface,
  kTlsHandshakeTime,
  kSettingsAck,
  kMemoryIdle,
  kIdleWithoutStream,
  // The connection is closed before it says anything.
  kConnectionsOfShard,
  kConnectionsOfProcess,
  kMemoryConnections,
  kTlsHandshakes,
};

inline constexpr size_t kLimitsCount = static_cast<size_t>(Limit::kTlsHandshakes) + 1;

// A literal: it may stand in an Error.
const char* NameOf(Limit limit);

// How often each was reached. Threading: one shard's, or a sum of theirs.
class LimitTrips {
 public:
  uint64_t& operator[](Limit limit) { return counts_[static_cast<size_t>(limit)]; }
  uint64_t operator[](Limit limit) const { return counts_[static_cast<size_t>(limit)]; }

  void Add(const LimitTrips& other) {
    for (size_t i = 0; i < kLimitsCount; ++i) counts_[i] += other.counts_[i];
  }
  uint64_t total() const {
    uint64_t sum = 0;
    for (const uint64_t count : counts_) sum += count;
    return sum;
  }

 private:
  std::array<uint64_t, kLimitsCount> counts_{};
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_LIMIT_H_
