// TlsSessions: what a client keeps of its connections to one target, so that the next handshake is
// the short one. Tickets of TLS 1.3 are used once: whoever sees one twice could tell that it is the
// same client.
//
// Ownership: outlives the engines that it is given to.
// Limits:    kTlsSessionsMax; a newer one takes the place of the oldest.
// Spec:      RFC 8446 appendix C.4
#ifndef PENSTOCK_WIRE_TLS_SESSIONS_H_
#define PENSTOCK_WIRE_TLS_SESSIONS_H_

#include <cstddef>
#include <vector>

struct ssl_session_st;

namespace penstock::wire {

inline constexpr size_t kTlsSessionsMax = 4;

class TlsSessions {
 public:
  TlsSessions() = default;
  ~TlsSessions();
  TlsSessions(const TlsSessions&) = delete;
  TlsSessions& operator=(const TlsSessions&) = delete;

  // Takes over one reference to it.
  void Put(ssl_session_st* session);
  // The newest, with its reference; null: there is none.
  ssl_session_st* Take();
  size_t size() const { return sessions_.size(); }

 private:
  std::vector<ssl_session_st*> sessions_;  // the oldest first
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_TLS_SESSIONS_H_
