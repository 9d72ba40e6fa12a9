// Keepalive: when a connection sends a PING to learn whether its peer is still there, and when it
// takes the peer for gone.
//
//     keepalive.Begin(now, options);
//     switch (keepalive.Expire(now, link.silent_since(), has_calls)) ...        // at next_expiry()
//     if (keepalive.dormant() && keepalive.Wake(now, link.silent_since())) ...  // a call begins
//
// Time is measured from the last octet that was read, and any octet answers a PING. So a busy
// connection costs a look each time_ns, and an octet or a call nothing.
//
// Pure: it says what is to be done, and its session does it.
// Spec:   gRPC A8, A9
#ifndef PENSTOCK_RPC_KEEPALIVE_H_
#define PENSTOCK_RPC_KEEPALIVE_H_

#include <algorithm>
#include <cstdint>

#include "penstock/wire/time.h"

namespace penstock::rpc {

struct KeepaliveOptions {
  TimeNs time_ns = kTimeNever;  // of silence, until a PING is sent; kTimeNever: none is
  TimeNs timeout_ns = 20 * kNsPerSecond;  // of silence after it, until the peer is gone
  bool without_calls = false;
};

class Keepalive {
 public:
  // Of its PINGs: "keepaliv".
  static constexpr uint64_t kPingOpaque = 0x6b656570'616c6976;

  enum class Step : uint8_t {
    kNone,
    kPing,
    kLost,  // the peer has not answered: the connection is over
  };

  // Nothing happens before.
  void Begin(TimeNs now, const KeepaliveOptions& options) {
    options_ = options;
    due_at_ = SaturatingAdd(now, options.time_ns);
  }

  TimeNs next_expiry() const { return due_at_; }
  // `received_at`: when an octet was read last. The step is taken with that.
  [[nodiscard]] Step Expire(TimeNs now, TimeNs received_at, bool has_calls) {
    if (now < due_at_) return Step::kNone;
    if (pinged_at_ != kTimeNever && received_at < pinged_at_) {
      due_at_ = SaturatingAdd(pinged_at_, options_.timeout_ns);
      if (now < due_at_) return Step::kNone;
      due_at_ = kTimeNever;
      return Step::kLost;
    }
    pinged_at_ = kTimeNever;
    due_at_ = SaturatingAdd(received_at, options_.time_ns);
    return now < due_at_ ? Step::kNone : Ping(now, has_calls);
  }

  // There is no call, and so nothing is sent until one begins.
  bool dormant() const { return dormant_; }
  // A call begins. True: the silence was too long, so that a PING goes out before it.
  [[nodiscard]] bool Wake(TimeNs now, TimeNs received_at) {
    dormant_ = false;
    due_at_ = SaturatingAdd(received_at, options_.time_ns);
    return due_at_ <= now && Ping(now, true) == Step::kPing;
  }

 private:
  Step Ping(TimeNs now, bool has_calls) {
    if (!has_calls && !options_.without_calls) {
      dormant_ = true;
      due_at_ = kTimeNever;
      return Step::kNone;
    }
    pinged_at_ = now;
    due_at_ = SaturatingAdd(now, std::min(options_.time_ns, options_.timeout_ns));
    return Step::kPing;
  }

  KeepaliveOptions options_;
  TimeNs due_at_ = kTimeNever;
  TimeNs pinged_at_ = kTimeNever;  // while nothing has been seen to answer
  bool dormant_ = false;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_KEEPALIVE_H_
