// TlsPair: a client's engine and a server's, and what goes between them.
//
//     TlsPair pair(LoadServer(...), LoadClient(...), "localhost");
//     pair.Shake();
//     EXPECT_TRUE(pair.client.is_open());
//     EXPECT_EQ(pair.Say(pair.client, pair.server, "ping"), "ping");
#ifndef PENSTOCK_WIRE_TESTING_TLS_PAIR_H_
#define PENSTOCK_WIRE_TESTING_TLS_PAIR_H_

#include <memory>
#include <string>
#include <utility>

#include "penstock/wire/check.h"
#include "penstock/wire/slab_pool.h"
#include "penstock/wire/testing/certificates.h"
#include "penstock/wire/tls_engine.h"

namespace penstock::wire {

inline std::shared_ptr<const TlsContext> LoadOrDie(const TlsServerOptions& options) {
  std::string why;
  auto context = TlsContext::LoadServer(options, &why);
  PENSTOCK_CHECK(context != nullptr, why.c_str());
  return context;
}

inline std::shared_ptr<const TlsContext> LoadOrDie(const TlsClientOptions& options) {
  std::string why;
  auto context = TlsContext::LoadClient(options, &why);
  PENSTOCK_CHECK(context != nullptr, why.c_str());
  return context;
}

// Takes all that the engine has to send.
inline std::string TakeOutput(TlsEngine& engine) {
  std::string all;
  while (!engine.output().empty()) {
    Bytes piece;
    engine.output().Gather({&piece, 1});
    all += AsString(piece);
    engine.output().Consume(piece.size());
  }
  return all;
}

// What came of `records`: the plain octets are added to `*plain`.
inline TlsEngine::Step Feed(TlsEngine& engine, Bytes records, std::string* plain) {
  engine.Receive(records);
  for (;;) {
    Bytes some;
    const TlsEngine::Step step = engine.Decrypt(&some);
    if (step == TlsEngine::Step::kPlain) {
      *plain += AsString(some);
    } else if (step != TlsEngine::Step::kOpened) {
      return step;
    }
  }
}

class TlsPair {
  SlabPool slabs_;

 public:
  TlsPair(std::shared_ptr<const TlsContext> for_server,
          std::shared_ptr<const TlsContext> for_client, std::string server_name,
          TlsSessions* client_sessions = nullptr)
      : server(&workspace, std::move(for_server)),
        client(&workspace, std::move(for_client)),
        name(std::move(server_name)),
        sessions(client_sessions) {}

  // Until neither has anything to say.
  void Shake() {
    if (!started) client.Start(name, sessions);
    started = true;
    std::string ignored;
    while (!client.output().empty() || !server.output().empty()) {
      const std::string from_client = TakeOutput(client);
      if (!from_client.empty()) (void)Feed(server, AsBytes(from_client), &ignored);
      const std::string from_server = TakeOutput(server);
      if (!from_server.empty()) (void)Feed(client, AsBytes(from_server), &ignored);
    }
  }

  // The records that `text` becomes.
  std::string Sealed(TlsEngine& from, std::string_view text) {
    OutputChain plain(&slabs_);
    plain.Append(AsBytes(text));
    from.Encrypt(plain, SIZE_MAX);
    return TakeOutput(from);
  }

  // What `text` arrives as.
  std::string Say(TlsEngine& from, TlsEngine& to, std::string_view text) {
    std::string heard;
    (void)Feed(to, AsBytes(Sealed(from, text)), &heard);
    return heard;
  }

  TlsWorkspace workspace{&slabs_};
  TlsEngine server;
  TlsEngine client;
  const std::string name;
  TlsSessions* const sessions;
  bool started = false;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_TESTING_TLS_PAIR_H_
