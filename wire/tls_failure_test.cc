// Handshakes that fail, and what each end says of it.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <functional>
#include <initializer_list>
#include <string>

#include "penstock/wire/testing/certificates.h"
#include "penstock/wire/testing/tls_pair.h"

namespace penstock::wire {
namespace {

using Step = TlsEngine::Step;

struct World {
  TestAuthority ca{"test CA"};
  TestAuthority stranger{"another CA"};
  CertificateFolder folder;
  TlsServerOptions server;
  TlsClientOptions client;
  std::string name = "localhost";
  std::function<void(TlsPair&)> tweak = [](TlsPair&) {};

  World() {
    server.certificates = {folder.Write("server", ca.Issue({}))};
    server.client_ca = folder.WriteFile("ca.pem", ca.pem());
    client.ca = server.client_ca;
  }
};

struct Case {
  const char* what;
  std::function<void(World&)> arrange;
  const char* client_says;  // a part of it
  const char* server_says;
};

void ExpectBothSayWhy(std::initializer_list<Case> cases) {
  for (const Case& each : cases) {
    SCOPED_TRACE(each.what);
    World world;
    each.arrange(world);
    TlsPair pair(LoadOrDie(world.server), LoadOrDie(world.client), world.name);
    world.tweak(pair);
    pair.Shake();
    EXPECT_FALSE(pair.server.is_open());
    EXPECT_NE(pair.client.failure().find(each.client_says), std::string::npos)
        << pair.client.failure();
    EXPECT_NE(pair.server.failure().find(each.server_says), std::string::npos)
        << pair.server.failure();
    EXPECT_EQ(pair.workspace.handshakes_count, 0u);
  }
}

TEST(TlsFailure, BothEndsSayWhatIsWrongWithACertificate) {
  constexpr int64_t kDay = 24 * 3600;
  ExpectBothSayWhy({
      {"expired",
       [](World& w) {
         w.server.certificates = {w.folder.Write(
             "old", w.ca.Issue({.valid_from_s = -2 * kDay, .valid_until_s = -kDay}))};
       },
       "the certificate of 'server' expired on ", "does not take this server's certificate"},
      {"not yet valid",
       [](World& w) {
         w.server.certificates = {w.folder.Write(
             "new", w.ca.Issue({.valid_from_s = kDay, .valid_until_s = 2 * kDay}))};
       },
       "check the clocks", "does not take this server's certificate"},
      {"wrong name", [](World& w) { w.name = "db.example"; },
       "the server's certificate is for localhost, 127.0.0.1, not for db.example: call it by",
       "does not take this server's certificate"},
      {"wrong address", [](World& w) { w.name = "10.0.0.9"; },
       "is for localhost, 127.0.0.1, not for 10.0.0.9", "does not take this server's certificate"},
      {"a common name is no host",
       [](World& w) {
         w.server.certificates = {w.folder.Write(
             "named", w.ca.Issue({.common_name = "localhost", .names = "URI:spiffe://a/b"}))};
       },
       "the server's certificate is for no host, not for localhost",
       "does not take this server's certificate"},
      {"unknown CA",
       [](World& w) { w.client.ca = w.folder.WriteFile("other.pem", w.stranger.pem()); },
       "the certificate of 'server' was issued by 'test CA', which is not among those that are "
       "trusted (ca, or the system's",
       "(alert unknown CA): give the client the CA"},
      {"the system's CAs do not know a test's", [](World& w) { w.client.ca = ""; },
       "was issued by 'test CA'", "alert unknown CA"},
      {"no client certificate",
       [](World& w) { w.server.client_certificates = ClientCertificates::kRequire; },
       "the server requires a client certificate", "the client shows no certificate"},
      {"a stranger's client certificate",
       [](World& w) {
         w.server.client_certificates = ClientCertificates::kRequest;
         w.client.own =
             w.folder.Write("client", w.stranger.Issue({.common_name = "mallory"}));
       },
       "the server does not take our certificate (alert unknown CA)",
       "the certificate of 'mallory' was issued by 'another CA', which is not among those that "
       "are trusted (client_ca"},
  });
}

TEST(TlsFailure, BothEndsSayWhatTheyHaveNotInCommon) {
  ExpectBothSayWhy({
      {"the client offers no ALPN",
       [](World& w) {
         w.tweak = [](TlsPair& pair) { SSL_set_alpn_protos(pair.client.native(), nullptr, 0); };
       },
       "the peer does not speak HTTP/2 over TLS", "the client does not offer HTTP/2 (ALPN h2)"},
      {"the client offers HTTP/1.1",
       [](World& w) {
         w.tweak = [](TlsPair& pair) {
           const unsigned char http1[] = "\x08http/1.1";
           SSL_set_alpn_protos(pair.client.native(), http1, sizeof http1 - 1);
         };
       },
       "the peer does not speak HTTP/2 over TLS", "the client does not offer HTTP/2 (ALPN h2)"},
      {"TLS 1.1",
       [](World& w) {
         w.tweak = [](TlsPair& pair) {
           SSL* ssl = pair.client.native();
           SSL_set_security_level(ssl, 0);
           SSL_set_min_proto_version(ssl, TLS1_1_VERSION);
           SSL_set_max_proto_version(ssl, TLS1_1_VERSION);
           SSL_set_cipher_list(ssl, "ALL");
         };
       },
       "no version of TLS in common", "no version of TLS in common"},
      {"a suite of TLS 1.2 without AEAD",
       [](World& w) {
         w.tweak = [](TlsPair& pair) {
           SSL_set_max_proto_version(pair.client.native(), TLS1_2_VERSION);
           SSL_set_cipher_list(pair.client.native(), "ECDHE-ECDSA-AES128-SHA256");
         };
       },
       "the peer refuses the handshake", "no cipher suite in common"},
  });
}

TEST(TlsFailure, WhoDoesNotVerifyTakesEverything) {
  World world;
  world.client.ca = "";
  world.client.insecure_skip_verification = true;
  TlsPair pair(LoadOrDie(world.server), LoadOrDie(world.client), "anything.example");
  pair.Shake();
  EXPECT_TRUE(pair.client.is_open()) << pair.client.failure();
  EXPECT_TRUE(pair.client.peer().empty());
}

TEST(TlsFailure, PlaintextIsTold) {
  const World world;
  const struct {
    std::string_view said;
    const char* want;
  } cases[] = {
      {{"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64", 15},
       "the peer spoke plaintext HTTP/2 (use insecure credentials, or a TLS port)"},
      {{"\x00\x00\x08\x07\x00\x00\x00\x00\x00", 9},
       "the peer spoke plaintext HTTP/2 (use insecure credentials, or a TLS port)"},
      {"HTTP/1.1 400 Bad Request\r\n",
       "the peer spoke plaintext HTTP/1.1 (use insecure credentials, or a TLS port)"},
      {"SSH-2.0-OpenSSH", "the peer does not speak TLS (use insecure credentials, or a TLS port)"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.want);
    SlabPool slabs;
    TlsWorkspace workspace(&slabs);
    TlsEngine client(&workspace, LoadOrDie(world.client));
    client.Start("localhost", nullptr);
    TakeOutput(client);
    std::string plain;
    EXPECT_EQ(Feed(client, AsBytes(each.said), &plain), Step::kFailed);
    EXPECT_EQ(client.failure(), each.want);
    EXPECT_EQ(workspace.handshakes_failed_count, 1u);
  }
}

TEST(TlsFailure, WithoutANameNobodyIsBelieved) {
  const World world;
  TlsPair pair(LoadOrDie(world.server), LoadOrDie(world.client), "");
  pair.Shake();
  EXPECT_FALSE(pair.client.is_open());
  EXPECT_NE(pair.client.failure().find("set server_name"), std::string::npos);
}

TEST(TlsFailure, AnEndInTheHandshakeIsTold) {
  const World world;
  TlsPair pair(LoadOrDie(world.server), LoadOrDie(world.client), "localhost");
  pair.client.Start("localhost", nullptr);
  pair.client.ReceiveEnd();
  pair.server.ReceiveEnd();
  EXPECT_NE(pair.client.failure().find("is it a TLS port?"), std::string::npos);
  EXPECT_NE(pair.server.failure().find("the client closed the connection"), std::string::npos);
}

}  // namespace
}  // namespace penstock::wire
