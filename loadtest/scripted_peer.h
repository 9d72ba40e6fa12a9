// ScriptedPeer: a server for tests that answers every call as its script says, wrongly if need be.
//
//     ScriptedPeer peer({.answer = Answer::kReset});
//     ... connect to peer.address() ...
//     EXPECT_EQ(peer.calls_count(), 100);
//
// Threading: its calls come on a thread of its own; the counters may be read from any.
#ifndef PENSTOCK_LOADTEST_SCRIPTED_PEER_H_
#define PENSTOCK_LOADTEST_SCRIPTED_PEER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "penstock/http2/limits.h"

namespace penstock::loadtest {

enum class Answer {
  kOk,                // PeerScript::messages of 3 bytes each, status 0
  kEcho,              // such a message for each of the request, as they come, then status 0
  kOkEarly,           // status 0, "Trailers-Only", at the first message of the request
  kOkWithoutMessage,  // status 0, "Trailers-Only"
  kUnavailable,       // status 14, "try later, 100%", "Trailers-Only"
  kUnavailableEarly,  // the same, before the request is whole
  kReset,             // RST_STREAM(REFUSED_STREAM)
  kHttp503,           // a response of a proxy, without any grpc-status
  kDataWithoutTrailers,
  kBrokenHead,  // a response without :status
  kNever,
  kClose,  // closes the connection without a word
};

struct PeerScript {
  Answer answer = Answer::kOk;
  uint64_t messages = 1;  // of a response
  // With the answer to the call of this number on each connection goes a GOAWAY. 0: never.
  uint64_t goaway_after = 0;
  // Of the calls on all connections each so many-th is refused with REFUSED_STREAM. 0: none.
  uint64_t refuse_each = 0;
  http2::Limits limits = {};
  // On the peer's thread, when a request is whole; `count` of them have come.
  std::function<void(uint64_t count)> on_request = {};
};

class ScriptedPeer {
 public:
  explicit ScriptedPeer(PeerScript script);
  ~ScriptedPeer();

  const std::string& address() const { return address_; }

  struct Counters {
    std::atomic<uint64_t> requests{0};  // that were whole
    std::atomic<uint64_t> request_bytes{0};
    std::atomic<uint64_t> messages{0};  // of requests
    std::atomic<uint64_t> connections{0};
    std::atomic<uint64_t> streams_open_max{0};  // on any connection
    std::atomic<uint64_t> resets{0};            // RST_STREAM from the client
    std::atomic<uint64_t> timeouts{0};          // requests with a grpc-timeout
  };
  const Counters& counters() const { return counters_; }

 private:
  class Acceptance;
  struct Running;

  const PeerScript script_;
  Counters counters_;
  std::string address_;
  std::unique_ptr<Running> running_;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_SCRIPTED_PEER_H_
