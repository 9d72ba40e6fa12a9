// Copier: the floor server's second mode, for figures of large payloads: it reads a whole request
// and answers with the same octets. HelloReply has the same form as HelloRequest, so that what
// comes back is a message. Each octet is copied twice: out of the receive buffer, and into the
// output.
//
// Unlike canned replies these do fill the client's windows, which are therefore kept.
//
// Limits: kBodyBytesMax of a request; what is longer is cut. kOutputBytesMax written ahead of the
//         socket. Padding, which no client of gRPC sends, would be copied as if it were payload.
// Spec: RFC 9113 §5.2, §6.9
#ifndef PENSTOCK_LOADTEST_PEERS_FLOOR_COPIER_H_
#define PENSTOCK_LOADTEST_PEERS_FLOOR_COPIER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "penstock/loadtest/peers/floor/output.h"
#include "penstock/wire/bytes.h"

namespace penstock::loadtest::floor {

class Copier {
 public:
  static constexpr size_t kBodyBytesMax = 64 << 20;
  static constexpr size_t kOutputBytesMax = 256 << 10;

  void ReceiveHead(uint32_t stream_id);
  void ReceiveData(uint32_t stream_id, wire::Bytes octets);
  void ReceiveEnd(uint32_t stream_id);
  void ReceiveReset(uint32_t stream_id) { streams_.erase(stream_id); }
  // `stream_id` 0: the connection.
  void ReceiveCredit(uint32_t stream_id, uint32_t bytes);
  void ReceiveInitialWindow(uint32_t bytes);

  // Writes what the windows and kOutputBytesMax allow.
  void Write(Output& output);
  // It was `output` that Write() had to stop for: to be called again when that was sent.
  bool wants_output() const { return wants_output_; }

 private:
  struct Stream {
    std::vector<uint8_t> body;
    size_t written_bytes = 0;
    int64_t window_bytes = 0;  // negative after a smaller SETTINGS_INITIAL_WINDOW_SIZE
    bool ended = false;
    bool head_written = false;
  };

  bool WriteReply(uint32_t stream_id, Stream& stream, Output& output);

  std::unordered_map<uint32_t, Stream> streams_;
  std::deque<uint32_t> ended_;                 // whose requests are whole, in their order
  std::vector<std::vector<uint8_t>> bodies_;   // to be used again
  int64_t window_bytes_ = 65'535;              // the connection's
  int64_t initial_window_bytes_ = 65'535;
  bool wants_output_ = false;
};

}  // namespace penstock::loadtest::floor

#endif  // PENSTOCK_LOADTEST_PEERS_FLOOR_COPIER_H_
