// Drain: the graceful end of a connection, in two steps, so that no request that the peer has sent
// is lost: a GOAWAY that refuses nothing, with a PING behind it, and, once the peer has answered
// the PING, and so knows, the GOAWAY that refuses what it opens from then on. When its last stream
// has ended the connection closes; what grace is left when it does not is the caller's to say.
//
//     drain.Begin(now, grace_ns);              // GOAWAY(2^31-1) and PING(kPingOpaque) go out
//     if (drain.ReceivePingAck(opaque)) ...    // GOAWAY(last) goes out
//     switch (drain.Expire(now)) ...           // at next_expiry()
//
// Pure: it says what is to be done, and its session does it.
// Spec:   RFC 9113 §6.8; gRPC A9
// Limits: a peer that does not answer the PING is refused after kNoticeNsMax.
#ifndef PENSTOCK_RPC_DRAIN_H_
#define PENSTOCK_RPC_DRAIN_H_

#include <algorithm>
#include <cstdint>

#include "penstock/wire/time.h"

namespace penstock::rpc {

class Drain {
 public:
  // How long the peer may open streams after the notice. Source: grpc-go waits as long.
  static constexpr TimeNs kNoticeNsMax = 5 * kNsPerSecond;
  // Of the PING behind the notice: "draining".
  static constexpr uint64_t kPingOpaque = 0x64726169'6e696e67;

  enum class Step : uint8_t {
    kNone,
    kRefuse,  // the notice has been out for long enough: GOAWAY(last)
    kForce,   // the grace is over: the connection is closed, whatever is open
  };

  bool begun() const { return phase_ != Phase::kServing; }
  // The second step is done: closes when nothing is open any more.
  bool refuses() const { return phase_ == Phase::kRefusing; }

  // kTimeNever: no force. Begun again, it goes on where it is, with the shorter grace.
  void Begin(TimeNs now, TimeNs grace_ns) {
    force_at_ = std::min(force_at_, SaturatingAdd(now, grace_ns));
    if (begun()) return;
    phase_ = Phase::kNoticed;
    refuse_at_ = SaturatingAdd(now, kNoticeNsMax);
  }
  // True: the peer has read the notice, and it is time for the second step, which is taken.
  [[nodiscard]] bool ReceivePingAck(uint64_t opaque) {
    if (phase_ != Phase::kNoticed || opaque != kPingOpaque) return false;
    Refuse();
    return true;
  }

  TimeNs next_expiry() const { return std::min(refuse_at_, force_at_); }
  // The step that is due, which is taken with that.
  [[nodiscard]] Step Expire(TimeNs now) {
    if (now >= force_at_) {
      force_at_ = kTimeNever;
      Refuse();
      return Step::kForce;
    }
    if (now < refuse_at_) return Step::kNone;
    Refuse();
    return Step::kRefuse;
  }

 private:
  enum class Phase : uint8_t { kServing, kNoticed, kRefusing };

  void Refuse() {
    phase_ = Phase::kRefusing;
    refuse_at_ = kTimeNever;
  }

  TimeNs refuse_at_ = kTimeNever;
  TimeNs force_at_ = kTimeNever;
  Phase phase_ = Phase::kServing;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_DRAIN_H_
