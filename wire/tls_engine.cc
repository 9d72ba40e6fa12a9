#include "penstock/wire/tls_engine.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "penstock/wire/check.h"
#include "penstock/wire/tls_certificate.h"
#include "penstock/wire/tls_failure.h"

namespace penstock::wire {
namespace {

// Spec: RFC 8446 §5.1
constexpr size_t kRecordBytesMax = 16 * 1024;

bool IsIpAddress(const std::string& text) {
  in6_addr octets;
  return inet_pton(AF_INET, text.c_str(), &octets) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &octets) == 1;
}

}  // namespace

// --- Between OpenSSL and our chains

BIO_METHOD* TlsEngine::Method() {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "penstock");
    PENSTOCK_CHECK(method != nullptr, "OpenSSL has memory for a method");
    BIO_meth_set_read(method, &TlsEngine::ReadRecords);
    BIO_meth_set_write(method, &TlsEngine::WriteRecords);
    BIO_meth_set_ctrl(method, &TlsEngine::Control);
    return method;
  }();
  return kMethod;
}

int TlsEngine::ReadRecords(BIO* bio, char* out, int bytes) {
  auto& engine = *static_cast<TlsEngine*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const size_t count = std::min(engine.input_.size(), static_cast<size_t>(bytes));
  if (count == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::memcpy(out, engine.input_.data(), count);
  engine.input_ = engine.input_.subspan(count);
  return static_cast<int>(count);
}

int TlsEngine::WriteRecords(BIO* bio, const char* in, int bytes) {
  auto& engine = *static_cast<TlsEngine*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  engine.output_.Append({reinterpret_cast<const uint8_t*>(in), static_cast<size_t>(bytes)});
  return bytes;
}

long TlsEngine::Control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

TlsEngine& TlsEngine::Of(const SSL* ssl) { return *static_cast<TlsEngine*>(SSL_get_app_data(ssl)); }

TlsEngine::TlsEngine(TlsWorkspace* workspace, std::shared_ptr<const TlsContext> context)
    : workspace_(*workspace),
      context_(std::move(context)),
      ssl_(SSL_new(context_->first())),
      output_(workspace->slabs) {
  BIO* bio = BIO_new(Method());
  PENSTOCK_CHECK(ssl_ != nullptr && bio != nullptr, "OpenSSL has memory for a connection");
  ++workspace_.handshakes_count;
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_app_data(ssl_, this);
  is_server() ? SSL_set_accept_state(ssl_) : SSL_set_connect_state(ssl_);
}

TlsEngine::~TlsEngine() {
  EndHandshake();
  // Else OpenSSL forbids to take up the session of a connection that just went away.
  if (state_ != State::kFailed) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
}

// --- The handshake

void TlsEngine::Start(const std::string& server_name, TlsSessions* sessions) {
  server_name_ = server_name;
  sessions_ = sessions;
  if (server_name.empty()) {  // to OpenSSL it would mean that any name will do
    (void)FailWith("there is no name that the server's certificate must have: set server_name");
    return;
  }
  const bool is_address = IsIpAddress(server_name);
  if (!is_address) SSL_set_tlsext_host_name(ssl_, server_name.c_str());
  if (SSL_get_verify_mode(ssl_) != SSL_VERIFY_NONE) {
    SSL_set_hostflags(ssl_, kTlsHostFlags);
    is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), server_name.c_str())
               : SSL_set1_host(ssl_, server_name.c_str());
  }
  if (SSL_SESSION* session = sessions == nullptr ? nullptr : sessions->Take(context_)) {
    SSL_set_session(ssl_, session);
    SSL_SESSION_free(session);
  }
  (void)Handshake();  // waits for the server, if it does not fail
}

TlsEngine::Step TlsEngine::Handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return FinishHandshake();
  if (SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ) {
    drained_ = true;
    return Step::kNeedsMore;
  }
  return Fail();
}

TlsEngine::Step TlsEngine::FinishHandshake() {
  const unsigned char* protocol = nullptr;
  unsigned int bytes = 0;
  SSL_get0_alpn_selected(ssl_, &protocol, &bytes);
  if (std::string_view(reinterpret_cast<const char*>(protocol), bytes) != "h2") {
    return FailWith("the server does not choose HTTP/2 (ALPN h2): is it a gRPC port?");
  }
  state_ = State::kOpen;
  EndHandshake();
  ++workspace_.handshakes_done_count;
  workspace_.handshakes_resumed_count += resumed();
  // What was verified; a client that skips that learns of nobody.
  if (SSL_get_verify_mode(ssl_) != SSL_VERIFY_NONE && SSL_get_verify_result(ssl_) == X509_V_OK) {
    if (const X509* certificate = SSL_get0_peer_certificate(ssl_)) peer_ = IdentityOf(certificate);
  }
  return Step::kOpened;
}

void TlsEngine::EndHandshake() {
  workspace_.handshakes_count -= std::exchange(counted_, false);
}

TlsEngine::Step TlsEngine::Fail() {
  const unsigned long error = ERR_peek_error();
  if (!failure_.empty()) return FailWith(std::move(failure_));  // a callback knew
  std::string plaintext = DescribePlaintext(is_server(), {first_bytes_.data(), first_bytes_count_});
  return FailWith(!plaintext.empty() ? std::move(plaintext) : DescribeError(is_server(), error));
}

TlsEngine::Step TlsEngine::FailWith(std::string failure) {
  ERR_clear_error();
  if (state_ == State::kHandshaking) ++workspace_.handshakes_failed_count;
  state_ = State::kFailed;
  EndHandshake();
  failure_ = std::move(failure);
  input_ = {};
  return Step::kFailed;
}

void TlsEngine::NoteNoAlpn() {
  failure_ =
      "the client does not offer HTTP/2 (ALPN h2): gRPC needs it; a browser's or curl's HTTP/1.1 "
      "is not spoken here";
}

bool TlsEngine::TakeSession(SSL_SESSION* session) {
  return sessions_ != nullptr && sessions_->Put(session, context_.get());
}

int TlsEngine::OnVerify(int is_good, X509_STORE_CTX* store) {
  if (is_good == 1) return 1;
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  TlsEngine& engine = Of(ssl);
  engine.failure_ = DescribeVerification(engine.is_server(), store, engine.server_name_);
  return 0;
}

// Renegotiation is answered by a warning, and the peer might go on.
void TlsEngine::OnProgress(const SSL* ssl, int where, int value) {
  if (where != SSL_CB_WRITE_ALERT) return;
  constexpr int kDescription = 0xff;
  if ((value & kDescription) == SSL_AD_NO_RENEGOTIATION) Of(ssl).violated_ = true;
}

void TlsEngine::OnMessage(int is_sent, int, int type, const void*, size_t, SSL* ssl, void*) {
  if (type != SSL3_RT_HANDSHAKE || is_sent != 0) return;
  TlsEngine& engine = Of(ssl);
  if (engine.state_ == State::kOpen) ++engine.late_messages_count_;
}

// --- Receiving

void TlsEngine::Receive(Bytes records) {
  input_ = records;
  drained_ = false;
  if (PENSTOCK_LIKELY(first_bytes_count_ == kTlsFirstBytesMax)) return;
  const size_t count = std::min(records.size(), kTlsFirstBytesMax - first_bytes_count_);
  std::copy_n(records.begin(), count, first_bytes_.begin() + first_bytes_count_);
  first_bytes_count_ += static_cast<uint8_t>(count);
}

TlsEngine::Step TlsEngine::Decrypt(Bytes* plain) {
  if (PENSTOCK_UNLIKELY(state_ == State::kFailed)) return Step::kFailed;
  if (PENSTOCK_UNLIKELY(state_ == State::kClosed)) return Step::kClosed;
  if (drained_) return Step::kNeedsMore;
  if (PENSTOCK_UNLIKELY(state_ == State::kHandshaking)) return Handshake();
  const MutableBytes room = workspace_.plain();
  size_t filled = 0;
  Step end = Step::kNeedsMore;
  while (filled < room.size()) {
    size_t count = 0;
    ERR_clear_error();
    if (SSL_read_ex(ssl_, room.data() + filled, room.size() - filled, &count) != 1) {
      end = JudgeRead();
      break;
    }
    filled += count;
  }
  received_bytes_ += filled;
  if (PENSTOCK_UNLIKELY(late_messages_count_ >
                        kTlsLateMessagesMax + received_bytes_ / kTlsBytesPerMessage)) {
    failure_ = "the peer changes its keys again and again";
    return Step::kViolation;
  }
  if (PENSTOCK_UNLIKELY(violated_)) {
    failure_ = "renegotiation is not allowed";
    return Step::kViolation;
  }
  if (filled == 0) return end;
  *plain = room.first(filled);  // what `end` says comes next time
  return Step::kPlain;
}

TlsEngine::Step TlsEngine::JudgeRead() {
  switch (SSL_get_error(ssl_, 0)) {
    case SSL_ERROR_WANT_READ:
      drained_ = true;
      return Step::kNeedsMore;
    case SSL_ERROR_ZERO_RETURN:
      state_ = State::kClosed;
      input_ = {};
      return Step::kClosed;
    default:
      return Fail();
  }
}

void TlsEngine::ReceiveEnd() {
  if (state_ == State::kHandshaking) (void)FailWith(DescribeEarlyEnd(is_server()));
}

void TlsEngine::GiveUp() {
  if (state_ != State::kHandshaking) return;
  ++workspace_.handshakes_failed_count;
  state_ = State::kFailed;
  EndHandshake();
}

// --- Sending

namespace {

// A shorter piece is copied together with what follows it: another record would cost more.
constexpr size_t kAloneBytesMin = 2048;

// A frame's header stands alone before octets that the chain shares, and a full frame and its
// header are more than a record holds: what is over begins the next one.
Bytes NextRecord(const OutputChain& plain, TlsWorkspace& workspace) {
  std::array<Bytes, 16> pieces;
  const size_t count = plain.Gather(pieces);
  const Bytes first = pieces[0].first(std::min(pieces[0].size(), kRecordBytesMax));
  if (PENSTOCK_LIKELY(count < 2 || first.size() >= kAloneBytesMin)) return first;
  const MutableBytes room = workspace.plain();  // nothing decrypted is in it any more
  size_t filled = 0;
  for (size_t i = 0; i < count && filled < kRecordBytesMax; ++i) {
    const Bytes piece = pieces[i].first(std::min(pieces[i].size(), kRecordBytesMax - filled));
    std::memcpy(room.data() + filled, piece.data(), piece.size());
    filled += piece.size();
  }
  return room.first(filled);
}

}  // namespace

void TlsEngine::Encrypt(OutputChain& plain, size_t output_bytes_max) {
  input_ = {};  // what nobody decrypted is gone
  while (!plain.empty() && output_.size() < output_bytes_max) {
    if (state_ != State::kOpen || said_goodbye_) return;
    const Bytes piece = NextRecord(plain, workspace_);
    size_t count = 0;
    ERR_clear_error();
    if (SSL_write_ex(ssl_, piece.data(), piece.size(), &count) != 1) {
      (void)Fail();
      return;
    }
    plain.Consume(count);
  }
}

void TlsEngine::Close() {
  // A peer that said close_notify is still answered with ours.
  const bool may_say = state_ == State::kOpen || state_ == State::kClosed;
  if (std::exchange(said_goodbye_, true) || !may_say) return;
  input_ = {};
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

const char* TlsEngine::version() const { return SSL_get_version(ssl_); }

bool TlsEngine::resumed() const { return SSL_session_reused(ssl_) == 1; }

}  // namespace penstock::wire
