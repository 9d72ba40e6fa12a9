// Plan: everything that a seed decides before the run begins: who talks to whom, with which limits,
// what goes wrong how often, which calls are made, and how it all ends. What is left to chance
// within the run is drawn by the SimNet from the same seed.
//
//     const Plan plan = MakePlan(42);
#ifndef PENSTOCK_TESTS_SIM_PLAN_H_
#define PENSTOCK_TESTS_SIM_PLAN_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "penstock/client/options.h"
#include "penstock/reactor/io_mode.h"
#include "penstock/reactor/testing/sim_net.h"
#include "penstock/rpc/status.h"
#include "penstock/server/options.h"
#include "penstock/wire/time.h"

namespace penstock::test::sim {

enum class Kind : uint8_t { kAsk, kAskLater, kDownload, kUpload, kTalk };

// What a handler does at one of its pieces.
enum class Act : uint8_t {
  kNothing,
  kFail,   // ends with FAILED_PRECONDITION
  kThrow,  // an exception leaves it
  kRest,   // neither reads nor writes for a while
  kLeave,  // ends with OK
  kHang,   // waits for what does not come
};

// What a caller does at one of the pieces that it reads or writes.
enum class Whim : uint8_t {
  kNone,
  kRest,    // neither reads nor writes for a while
  kCancel,  // the call
  kDrop,    // lets go of it without a word
};

struct CallPlan {
  Kind kind = Kind::kAsk;
  TimeNs begin_at = 0;
  uint32_t count = 0;  // of pieces, where there are several
  uint32_t bytes = 0;  // of a piece's content, at most
  Act act = Act::kNothing;
  uint32_t act_at = 0;
  Whim whim = Whim::kNone;
  uint32_t whim_at = 0;
  TimeNs rest_ns = 0;
  TimeNs timeout_ns = kTimeNever;
  TimeNs cancel_at = kTimeNever;  // the scope of the call
  bool waits_for_ready = false;
  std::string compression;  // of requests
  bool is_reply_compressed = false;
};

enum class End : uint8_t {
  kOrderly,      // the channel goes when all calls have ended
  kChannelGoes,  // with calls under way
  kClientStops,  // its shard does, with calls under way
  kServerStops,
  kServerCloses,  // says GOAWAY on every connection, and takes new ones
  kServerDrains,  // the same gracefully: no call ends because of it
};

struct Plan {
  // Both ends of a stream may rest for ever with full windows: somebody has to end it.
  Plan() { channel.http2.stalled_stream_timeout_ns = 30 * kNsPerSecond; }

  uint64_t seed = 0;
  // Nothing goes wrong, and no limit is tight: every call ends as its own plan says.
  bool is_calm = false;
  // Of the client's shard and of the server's, of which there are none where both share one.
  std::array<reactor::IoMode, 3> modes{};
  int server_shards_count = 0;
  reactor::SimFaults faults;
  TimeNs faults_end_at = 0;
  client::ChannelOptions channel;
  ServerOptions server;
  int interceptors_count = 0;  // 1: a plain pair; 2: a coroutine as well
  std::vector<CallPlan> calls;
  End end = End::kOrderly;
  TimeNs end_at = kTimeNever;
};

Plan MakePlan(uint64_t seed);

// How the call would end if nothing came in between.
StatusCode ExpectedCode(const CallPlan& call);

// For people, and for the trace.
const char* NameOf(Kind kind);
const char* NameOf(Act act);
const char* NameOf(Whim whim);
const char* NameOf(End end);

}  // namespace penstock::test::sim

#endif  // PENSTOCK_TESTS_SIM_PLAN_H_
