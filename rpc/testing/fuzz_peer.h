// FuzzPeer: the far end of a simulated connection, which says what a fuzzer made up: frames that
// are well-formed more often than chance would have it, octets that are not, and time that passes.
// It reads what our side says as a strict HTTP/2 peer would.
//
//     FuzzPeer peer(&net, &shard, http2::Role::kClient, kMenu);
//     while (!input.empty()) peer.TakeStep(input);
//
// It speaks on the newest connection of the net.
#ifndef PENSTOCK_RPC_TESTING_FUZZ_PEER_H_
#define PENSTOCK_RPC_TESTING_FUZZ_PEER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/http2/connection.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/testing/frame_script.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/testing/memory_net.h"
#include "penstock/wire/testing/fuzz_input.h"

namespace penstock::rpc::testing {

class FuzzPeer {
 public:
  using MenuField = std::pair<std::string_view, std::string_view>;

  // `role` is the peer's; `menu` holds the fields of which its heads are made.
  FuzzPeer(reactor::MemoryNet* net, reactor::Shard* shard, http2::Role role,
           std::span<const MenuField> menu);

  // The preface where it is due, SETTINGS, and the acknowledgement of ours.
  void Greet();
  // Takes one step from the input: see Step.
  void TakeStep(wire::testing::FuzzInput& input);
  // Reads all, leaves, and waits until every connection is gone.
  void Leave();

 private:
  //   [step, its top bit: the shard turns afterwards], then:
  enum Step : uint8_t {
    kRaw,      // [length in two octets, octets as they are]
    kFrame,    // [type, flags, stream, length in two octets, payload]
    kHead,     // [flags, stream, count of fields, for each: its place on the menu]
    kMessage,  // [flags, stream, prefix: 0 true, else a lie, length, message]
    kWindow,   // [stream, increment in four octets]
    kTime,     // [binary logarithm of nanoseconds]
    kRoom,     // [octets in two octets that the peer will read until the next such step]
    kEnd,      // [whether the connection breaks, or only our half ends]
    kSteps,
  };
  // Of what our side said on one stream.
  struct Heard {
    bool head = false;
    bool ended = false;
    bool reset = false;
  };

  bool HasWork() const;
  void Write(std::string_view bytes);
  void WriteFrame(http2::FrameType type, uint8_t flags, uint32_t id, std::string_view payload);
  void WriteHead(wire::testing::FuzzInput& input);
  void WriteMessage(wire::testing::FuzzInput& input);
  void Turn();
  void Read();
  void ObeySettings(std::string_view payload);
  void CheckFrame(const http2::testing::Frame& frame);

  reactor::MemoryNet& net_;
  reactor::Shard& shard_;
  const http2::Role role_;
  const std::span<const MenuField> menu_;
  // Of the newest connection:
  size_t connection_ = 0;
  http2::HpackEncoder encoder_;
  std::unique_ptr<http2::testing::FrameScanner> scanner_;
  size_t preface_bytes_left_ = 0;
  uint32_t goaway_id_ = http2::kStreamIdMax;
  std::map<uint32_t, Heard> heard_;
};

}  // namespace penstock::rpc::testing

#endif  // PENSTOCK_RPC_TESTING_FUZZ_PEER_H_
