// Subchannel: one of a channel's connections, from attempt to attempt.
//
//     kIdle -> kConnecting -> kReady -> kIdle (lost, or the server said GOAWAY)
//                 |  ^
//                 v  | the backoff is over
//              kBackoff
//
// Ready means that the server's SETTINGS have come: what is not HTTP/2 never gets a call.
//
// Spec: gRPC connection-backoff.md
#ifndef PENSTOCK_CLIENT_SUBCHANNEL_H_
#define PENSTOCK_CLIENT_SUBCHANNEL_H_

#include <cstdint>
#include <random>
#include <string>

#include "penstock/client/options.h"
#include "penstock/client/target.h"
#include "penstock/reactor/socket.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/wire/time.h"

namespace penstock::client {

class ChannelCore;
class Connector;
class Session;

// How long after its begin the failed attempt of number `failures_count` (from 1 on) is followed by
// the next; `random` is from [0, 1).
TimeNs BackoffAfter(uint32_t failures_count, const ChannelOptions& options, double random);

class Subchannel {
 public:
  enum class Phase : uint8_t { kIdle, kConnecting, kReady, kBackoff };

  Subchannel(ChannelCore* core, uint32_t index);
  Subchannel(const Subchannel&) = delete;
  Subchannel& operator=(const Subchannel&) = delete;

  Phase phase() const { return phase_; }
  // Of a ready one.
  Session& session() const { return *session_; }
  // Begins an attempt if it is idle.
  void Connect();
  // Ends what is under way; nothing follows before Connect().
  void Shutdown();

  // --- for Connector
  void OnConnected(reactor::Socket& socket);
  // `error`: an errno; 0: the attempt was aborted.
  void OnConnectFailed(int error);

  // --- for Session
  void OnSettings();
  // Before it was ready: the attempt has failed. After that: the connection is lost.
  // `has_served`: a response has come on it.
  void OnSessionEnd(const std::string& why, bool has_served);
  // The session takes no more calls, and ends by itself. `why`: who says so, and how. `serves`:
  // there are calls that may still end well on it.
  void OnDraining(const std::string& why, bool has_served, bool serves);

 private:
  void Attempt();
  void FailAttempt(const std::string& why);
  void BackOff();
  // Behind a connection that was ready. `has_ended_at_once`: and no call could be served on it.
  void Reconnect(const std::string& why, bool has_served, bool has_ended_at_once);
  void Drop();
  static void OnTimer(void* context, TimeNs now);
  std::string address() const;

  ChannelCore& core_;
  const uint32_t index_;
  Phase phase_ = Phase::kIdle;
  Connector* connector_ = nullptr;
  Session* session_ = nullptr;
  uint32_t failures_count_ = 0;  // in a row
  uint32_t unserved_count_ = 0;  // connections in a row that ended before a call was served
  TimeNs attempt_began_at_ = 0;
  std::string resolve_failure_;
  std::minstd_rand random_;
  reactor::Timer timer_;  // kConnecting: it takes too long; kBackoff: the next attempt
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_SUBCHANNEL_H_
