// TlsEngine: one TLS connection without a socket: records in, plain octets out, and the other way.
//
//     Receive    Receive(records), then Decrypt() until kNeedsMore
//     Send       Start() (a client's), Encrypt(plain chain), Close()
//     Take       output(): records to be sent, from the front; a handshake appends to it too
//     Getters    is_open(), failure(), peer()
//
//     engine.Receive(records);
//     for (;;) {
//       wire::Bytes plain;
//       switch (engine.Decrypt(&plain)) { case Step::kPlain: ... }
//     }
//
// Copies: OpenSSL keeps a record until it is whole (one), and hands out what it has decrypted in
// place (two); what is sent is copied into a record and from there to the output. No octet lies in
// a memory BIO.
//
// Ownership: the workspace, and a client's TlsSessions, outlive it.
// Limits:    kTlsLateMessagesMax; OpenSSL's own on the length of handshake messages (100 KiB of
//            certificates). Whoever sends bounds output() by what it gives to Encrypt().
#ifndef PENSTOCK_WIRE_TLS_ENGINE_H_
#define PENSTOCK_WIRE_TLS_ENGINE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "penstock/wire/bytes.h"
#include "penstock/wire/output_chain.h"
#include "penstock/wire/peer_identity.h"
#include "penstock/wire/slab_pool.h"
#include "penstock/wire/tls_context.h"
#include "penstock/wire/tls_sessions.h"

struct bio_method_st;
struct bio_st;
struct ssl_st;
struct ssl_session_st;
struct x509_store_ctx_st;

namespace penstock::wire {

// Messages of the handshake's protocol that a peer may send behind it (KeyUpdate, tickets), and one
// more for each kTlsBytesPerMessage octets: new keys cost us far more than 27 octets cost the peer.
// Past it: kViolation.
inline constexpr uint64_t kTlsLateMessagesMax = 32;
inline constexpr uint64_t kTlsBytesPerMessage = 1024 * 1024;

// So many of the first octets that came are kept, to say what they are if they are not TLS.
inline constexpr size_t kTlsFirstBytesMax = 9;

// What the engines of one shard share.
// Ownership: the pool outlives it.
struct TlsWorkspace {
  // Two records: what came together is handled together.
  static constexpr size_t kPlainBytes = 32 * 1024;

  explicit TlsWorkspace(SlabPool* slab_pool) : slabs(slab_pool) {}
  // Where Decrypt() puts what it has; made by the first connection.
  MutableBytes plain() {
    if (PENSTOCK_UNLIKELY(room == nullptr)) room = std::make_unique<uint8_t[]>(kPlainBytes);
    return {room.get(), kPlainBytes};
  }

  SlabPool* const slabs;
  std::unique_ptr<uint8_t[]> room;
  uint32_t handshakes_count = 0;  // under way
  uint64_t handshakes_done_count = 0;
  uint64_t handshakes_resumed_count = 0;  // of those
  uint64_t handshakes_failed_count = 0;
};

class TlsEngine {
 public:
  enum class Step : uint8_t {
    kNeedsMore,  // all that was received has been handled
    kOpened,     // the handshake is over: Encrypt() may begin
    kPlain,      // octets, valid until the next Decrypt() of the workspace's engines
    kClosed,     // the peer said close_notify; nothing follows
    kViolation,  // the peer does what is not allowed; we may still say so
    kFailed,     // see failure(); an alert may be in the output; nothing follows
  };

  TlsEngine(TlsWorkspace* workspace, std::shared_ptr<const TlsContext> context);
  ~TlsEngine();
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;

  // A client's first flight. `server_name`: a host or an IP address, which the certificate must
  // have. `sessions` may be null.
  void Start(const std::string& server_name, TlsSessions* sessions);

  // `records` are looked at until Decrypt() answers something else than kOpened and kPlain.
  void Receive(Bytes records);
  [[nodiscard]] Step Decrypt(Bytes* plain);
  // The peer says no more. What failure() says then is of a handshake that was under way.
  void ReceiveEnd();
  // A handshake under way ends here without a word, and counts for TlsWorkspace no more.
  void GiveUp();

  // Takes from the front of `plain` while the output is shorter than `output_bytes_max`.
  void Encrypt(OutputChain& plain, size_t output_bytes_max);
  // close_notify; no more is sent. Idempotent.
  void Close();
  OutputChain& output() { return output_; }

  bool is_server() const { return context_->is_server(); }
  bool is_open() const { return state_ == State::kOpen; }
  bool is_handshaking() const { return state_ == State::kHandshaking; }
  // Why it failed, or what was violated, as a sentence; "" while all is well.
  const std::string& failure() const { return failure_; }
  // Empty until it is open.
  const PeerIdentity& peer() const { return peer_; }
  // Of an open one: "TLSv1.3"; whether an earlier session was taken up.
  const char* version() const;
  bool resumed() const;

  // For tests, which make it do what it never does.
  ssl_st* native() { return ssl_; }

  // --- for TlsContext: OpenSSL's callbacks
  static TlsEngine& Of(const ssl_st* ssl);
  void NoteNoAlpn();
  bool TakeSession(ssl_session_st* session);
  static int OnVerify(int is_good, x509_store_ctx_st* store);
  static void OnProgress(const ssl_st* ssl, int where, int value);
  static void OnMessage(int is_sent, int version, int type, const void* bytes, size_t count,
                        ssl_st* ssl, void* argument);

 private:
  enum class State : uint8_t { kHandshaking, kOpen, kClosed, kFailed };

  static bio_method_st* Method();
  static int ReadRecords(bio_st* bio, char* out, int bytes);
  static int WriteRecords(bio_st* bio, const char* in, int bytes);
  static long Control(bio_st* bio, int command, long number, void* pointer);

  Step Handshake();
  Step FinishHandshake();
  Step JudgeRead();
  Step Fail();
  Step FailWith(std::string failure);
  void EndHandshake();

  TlsWorkspace& workspace_;
  const std::shared_ptr<const TlsContext> context_;
  ssl_st* ssl_;
  TlsSessions* sessions_ = nullptr;
  OutputChain output_;
  Bytes input_;
  State state_ = State::kHandshaking;
  bool counted_ = true;  // in handshakes_count
  bool drained_ = true;  // OpenSSL has said that it needs more
  bool violated_ = false;
  bool said_goodbye_ = false;
  uint8_t first_bytes_count_ = 0;
  std::array<uint8_t, kTlsFirstBytesMax> first_bytes_;  // of what came, for failure()
  uint64_t received_bytes_ = 0;
  uint64_t late_messages_count_ = 0;
  std::string server_name_;
  std::string failure_;
  PeerIdentity peer_;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_TLS_ENGINE_H_
