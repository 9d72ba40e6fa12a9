// TlsSessions: what a client keeps of its connections to one target, so that the next handshake is
// the short one. Tickets of TLS 1.3 are used once: whoever sees one twice could tell that it is the
// same client.
//
// They are of the files that the connection began with, its TlsContext: with another one in use
// they are dropped, since a handshake that takes one up verifies no certificate.
//
// Ownership: outlives the engines that it is given to.
// Limits:    kTlsSessionsMax; a newer one takes the place of the oldest.
// Spec:      RFC 8446 appendix C.4
#ifndef PENSTOCK_WIRE_TLS_SESSIONS_H_
#define PENSTOCK_WIRE_TLS_SESSIONS_H_

#include <cstddef>
#include <memory>
#include <vector>

struct ssl_session_st;

namespace penstock::wire {

class TlsContext;

inline constexpr size_t kTlsSessionsMax = 4;

class TlsSessions {
 public:
  TlsSessions() = default;
  ~TlsSessions();
  TlsSessions(const TlsSessions&) = delete;
  TlsSessions& operator=(const TlsSessions&) = delete;

  // Takes over one reference to it, of a connection that began with `context`. False: it is of
  // another one than the last to take, and the reference stays the caller's.
  [[nodiscard]] bool Put(ssl_session_st* session, const TlsContext* context);
  // The newest, with its reference; null: there is none for a connection that begins with
  // `context`.
  ssl_session_st* Take(const std::shared_ptr<const TlsContext>& context);
  size_t size() const { return sessions_.size(); }

 private:
  void Clear();

  std::shared_ptr<const TlsContext> context_;  // whose they are
  std::vector<ssl_session_st*> sessions_;  // the oldest first
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_TLS_SESSIONS_H_
