#include "penstock/wire/tls_sessions.h"

#include <openssl/ssl.h>

namespace penstock::wire {

TlsSessions::~TlsSessions() {
  for (SSL_SESSION* session : sessions_) SSL_SESSION_free(session);
}

void TlsSessions::Put(SSL_SESSION* session) {
  if (sessions_.size() == kTlsSessionsMax) {
    SSL_SESSION_free(sessions_.front());
    sessions_.erase(sessions_.begin());
  }
  sessions_.push_back(session);
}

SSL_SESSION* TlsSessions::Take() {
  if (sessions_.empty()) return nullptr;
  SSL_SESSION* session = sessions_.back();
  sessions_.pop_back();
  return session;
}

}  // namespace penstock::wire
