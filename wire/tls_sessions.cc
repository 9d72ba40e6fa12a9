#include "penstock/wire/tls_sessions.h"

#include <openssl/ssl.h>

#include "penstock/wire/tls_context.h"

namespace penstock::wire {

TlsSessions::~TlsSessions() { Clear(); }

void TlsSessions::Clear() {
  for (SSL_SESSION* session : sessions_) SSL_SESSION_free(session);
  sessions_.clear();
}

bool TlsSessions::Put(SSL_SESSION* session, const TlsContext* context) {
  if (context != context_.get()) return false;
  if (sessions_.size() == kTlsSessionsMax) {
    SSL_SESSION_free(sessions_.front());
    sessions_.erase(sessions_.begin());
  }
  sessions_.push_back(session);
  return true;
}

SSL_SESSION* TlsSessions::Take(const std::shared_ptr<const TlsContext>& context) {
  if (context_ != context) Clear();
  context_ = context;
  if (sessions_.empty()) return nullptr;
  SSL_SESSION* session = sessions_.back();
  sessions_.pop_back();
  return session;
}

}  // namespace penstock::wire
