// FlowWindow: how many octets of DATA one direction of a stream or a connection may still carry.
//
// Spec: RFC 9113 §6.9. A window may go negative when SETTINGS shrink it: with 65,535 granted and
// 60,000 sent, INITIAL_WINDOW_SIZE 10,000 leaves 5,535 - 55,535 = -50,000; nothing is sent until
// WINDOW_UPDATE has brought it above zero.
#ifndef PENSTOCK_HTTP2_FLOW_WINDOW_H_
#define PENSTOCK_HTTP2_FLOW_WINDOW_H_

#include <cstdint>

namespace penstock::http2 {

inline constexpr int64_t kWindowBytesLimit = 0x7fff'ffff;
inline constexpr uint32_t kWindowBytesDefault = 65'535;

// Invariant: available() never exceeds kWindowBytesLimit.
class FlowWindow {
 public:
  explicit FlowWindow(int64_t bytes = kWindowBytesDefault) : available_(bytes) {}

  // Octets that may pass now; negative after a shrinking SETTINGS.
  int64_t available() const { return available_; }

  // `bytes` passed. The caller has checked available() (when sending) or checks the sign
  // afterwards.
  void Spend(int64_t bytes) { available_ -= bytes; }

  // Grants `bytes` (negative to shrink). False when the window would exceed 2^31-1; it is then
  // unchanged.
  [[nodiscard]] bool Grant(int64_t bytes) {
    if (available_ + bytes > kWindowBytesLimit) return false;
    available_ += bytes;
    return true;
  }

 private:
  int64_t available_;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_FLOW_WINDOW_H_
