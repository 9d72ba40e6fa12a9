// FrameTap: watches the frames of one connection for a while, either way, and keeps a bounded list
// of them: what somebody needs to see who wonders what a peer really does. It reads along and
// changes nothing; what is inside of header blocks and messages is not kept.
//
//     FrameTap tap(shard.now() + 5 * kNsPerSecond);
//     link.SetTap(&tap);              // and SetTap(nullptr), before it dies; Link forgets it by
//                                     // itself when something comes or goes behind its time
//     for (const FrameTap::Record& record : tap.records()) ...
//
// Threading: its connection's shard.
// Limits:    kRecordsMax frames; those behind them are counted and left out.
#ifndef PENSTOCK_RPC_FRAME_TAP_H_
#define PENSTOCK_RPC_FRAME_TAP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "penstock/http2/frame.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/output_chain.h"
#include "penstock/wire/time.h"

namespace penstock::rpc {

class FrameTap {
 public:
  static constexpr size_t kRecordsMax = 2000;

  struct Record {
    TimeNs at = 0;  // its turn
    bool is_sent = false;
    http2::FrameHeader header;
    // The first four octets of the payload, as a number: the code of RST_STREAM, the increment of
    // WINDOW_UPDATE, the last stream of GOAWAY.
    uint32_t detail = 0;
  };

  // Watches until then; the memory for all records is taken here.
  explicit FrameTap(TimeNs until) : until_(until) { records_.reserve(kRecordsMax); }

  // --- for Link
  // `received_whole`: the next octet that comes begins a frame; else it is told later.
  void Begin(const wire::OutputChain& output, bool received_whole);
  void OnReceived(wire::Bytes bytes, TimeNs now);
  void NoteReceivedWhole() { received_.in_step = true; }
  // Whenever output has been appended, frames whole, and before it is taken away.
  void OnOutput(const wire::OutputChain& output, TimeNs now);

  // Nothing more will be noted.
  bool is_over(TimeNs now) const { return now > until_; }

  const std::vector<Record>& records() const { return records_; }
  uint64_t left_out_count() const { return left_out_count_; }

 private:
  // Follows one direction.
  struct Cutter {
    bool in_step = false;  // knows where frames begin
    size_t head_bytes = 0;
    std::array<uint8_t, http2::kFrameHeaderBytes + 4> head;  // the header, and the detail
    size_t skip_bytes = 0;                                   // of the payload behind that
  };

  void BeginAnew();  // with what is sent next
  void Follow(Cutter& cutter, bool is_sent, wire::Bytes bytes, TimeNs now);
  void Note(const Cutter& cutter, bool is_sent, TimeNs now);

  const TimeNs until_;
  Cutter received_;
  Cutter sent_;
  uint64_t output_seen_bytes_ = 0;  // of all that the chain ever held
  uint64_t left_out_count_ = 0;
  std::vector<Record> records_;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_FRAME_TAP_H_
