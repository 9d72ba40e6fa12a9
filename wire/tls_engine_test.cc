#include "penstock/wire/tls_engine.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "penstock/wire/testing/any_split.h"
#include "penstock/wire/testing/certificates.h"
#include "penstock/wire/testing/tls_pair.h"

namespace penstock::wire {
namespace {

using Step = TlsEngine::Step;

class TlsEngineTest : public ::testing::Test {
 protected:
  TlsEngineTest() {
    server_options_.certificates = {folder_.Write("server", ca_.Issue({}))};
    server_options_.client_ca = folder_.WriteFile("ca.pem", ca_.pem());
    client_options_.ca = server_options_.client_ca;
  }

  std::unique_ptr<TlsPair> NewPair(TlsSessions* sessions = nullptr,
                                   std::string name = "localhost") {
    return std::make_unique<TlsPair>(LoadOrDie(server_options_), LoadOrDie(client_options_),
                                     std::move(name), sessions);
  }

  TestAuthority ca_{"test CA"};
  CertificateFolder folder_;
  TlsServerOptions server_options_;
  TlsClientOptions client_options_;
};

TEST_F(TlsEngineTest, CarriesOctetsBothWays) {
  auto pair = NewPair();
  pair->Shake();
  ASSERT_TRUE(pair->client.is_open()) << pair->client.failure();
  ASSERT_TRUE(pair->server.is_open()) << pair->server.failure();
  EXPECT_STREQ(pair->server.version(), "TLSv1.3");
  EXPECT_EQ(pair->workspace.handshakes_count, 0u);
  EXPECT_EQ(pair->Say(pair->client, pair->server, "ping"), "ping");
  const std::string large(200'000, 'x');  // many records, more than Decrypt() hands out at once
  EXPECT_EQ(pair->Say(pair->server, pair->client, large), large);
}

TEST_F(TlsEngineTest, RecordsMayComeInAnyPieces) {
  auto pair = NewPair();
  pair->Shake();
  // Records are numbered: the same ones are not taken twice, so each way has its own.
  const auto seal_both = [&] {
    std::string records = pair->Sealed(pair->client, "one");
    return records += pair->Sealed(pair->client, "two");
  };
  const std::string sample = seal_both();
  std::string heard;
  (void)Feed(pair->server, AsBytes(sample), &heard);
  ForEachSplit(AsBytes(sample), [&](std::span<const Bytes> cut) {
    const std::string records = seal_both();
    ASSERT_EQ(records.size(), sample.size());
    std::string came;
    size_t at = 0;
    for (const Bytes piece : cut) {
      const SplitInput own = [&] {
        SplitInput input;
        input.Add(AsBytes(records).subspan(at, piece.size()));
        return input;
      }();
      EXPECT_EQ(Feed(pair->server, own.pieces().front(), &came), Step::kNeedsMore);
      at += piece.size();
    }
    EXPECT_EQ(came, "onetwo");
  });
}

TEST_F(TlsEngineTest, AHandshakeMayComeOctetByOctet) {
  auto pair = NewPair();
  pair->client.Start("localhost", nullptr);
  std::string plain;
  for (int flight = 0; flight < 4; ++flight) {
    for (auto* from : {&pair->client, &pair->server}) {
      TlsEngine& to = from == &pair->client ? pair->server : pair->client;
      const std::string records = TakeOutput(*from);
      for (size_t i = 0; i < records.size(); ++i) {
        ASSERT_EQ(Feed(to, AsBytes(records).subspan(i, 1), &plain), Step::kNeedsMore);
      }
    }
  }
  EXPECT_TRUE(pair->client.is_open());
  EXPECT_TRUE(pair->server.is_open());
}

TEST_F(TlsEngineTest, CloseIsTold) {
  auto pair = NewPair();
  pair->Shake();
  pair->client.Close();
  pair->client.Close();
  const std::string goodbye = TakeOutput(pair->client);
  std::string plain;
  EXPECT_EQ(Feed(pair->server, AsBytes(goodbye), &plain), Step::kClosed);
  pair->server.Close();
  EXPECT_FALSE(pair->server.output().empty());
}

TEST_F(TlsEngineTest, ATamperedRecordEndsTheConnection) {
  auto pair = NewPair();
  pair->Shake();
  std::string records = pair->Sealed(pair->client, "good");
  records += pair->Sealed(pair->client, "evil");
  records.back() = static_cast<char>(records.back() ^ 1);
  std::string plain;
  EXPECT_EQ(Feed(pair->server, AsBytes(records), &plain), Step::kFailed);
  EXPECT_EQ(plain, "good");
  EXPECT_NE(pair->server.failure(), "");
  EXPECT_FALSE(pair->server.output().empty());  // the alert
}

TEST_F(TlsEngineTest, OutputStopsAtTheBound) {
  auto pair = NewPair();
  pair->Shake();
  SlabPool slabs;
  OutputChain plain(&slabs);
  plain.Append(AsBytes(std::string(300'000, 'x')));
  pair->client.Encrypt(plain, 64 * 1024);
  EXPECT_GE(pair->client.output().size(), 64u * 1024);
  EXPECT_LT(pair->client.output().size(), 96u * 1024);
  EXPECT_GT(plain.size(), 200'000u);
}

TEST_F(TlsEngineTest, AFramesHeaderIsNoRecordOfItsOwn) {
  constexpr size_t kRecordCostBytes = 5 + 1 + 16;  // RFC 8446 §5.2: header, type and tag
  const std::string header = "header of";          // as long as that of a frame
  const struct {
    size_t pieces, piece_bytes, want_records;
  } cases[] = {
      {4, 10'000, 4},
      {8, 16'384, 9},     // of the most that a record holds: each record is full but the last
      {400, 16'384, 402}  // what is over grows by a header each frame until it is no longer little
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.piece_bytes);
    auto pair = NewPair();
    pair->Shake();
    SlabPool slabs;
    OutputChain plain(&slabs);
    LargeBlock* const block = slabs.large().Take(c.piece_bytes);
    std::fill_n(block->data(), c.piece_bytes, uint8_t{'x'});
    std::string said;
    for (size_t i = 0; i < c.pieces; ++i) {
      plain.AppendShared(AsBytes(header), {block->data(), c.piece_bytes}, block);
      said += header + std::string(c.piece_bytes, 'x');
    }
    slabs.large().Give(block);
    pair->client.Encrypt(plain, SIZE_MAX);
    const std::string records = TakeOutput(pair->client);
    std::string heard;
    EXPECT_EQ(Feed(pair->server, AsBytes(records), &heard), Step::kNeedsMore);
    EXPECT_EQ(heard, said);
    EXPECT_EQ((records.size() - said.size()) / kRecordCostBytes, c.want_records);
  }
}

TEST_F(TlsEngineTest, ASecondConnectionTakesUpTheSession) {
  TlsSessions sessions;
  const auto for_server = LoadOrDie(server_options_);
  const auto for_client = LoadOrDie(client_options_);
  for (const bool want : {false, true, true}) {
    TlsPair pair(for_server, for_client, "localhost", &sessions);
    pair.Shake();
    ASSERT_TRUE(pair.client.is_open()) << pair.client.failure();
    EXPECT_EQ(pair.client.resumed(), want);
    EXPECT_EQ(pair.server.resumed(), want);
    EXPECT_EQ(sessions.size(), 1u);
  }
}

// Else whom the new files do not trust would be taken for as long as it gives out tickets.
TEST_F(TlsEngineTest, ASessionIsNotTakenUpWithOtherFiles) {
  TlsSessions sessions;
  const auto for_server = LoadOrDie(server_options_);
  const auto before = LoadOrDie(client_options_);
  TlsPair first(for_server, before, "localhost", &sessions);
  first.Shake();
  ASSERT_EQ(sessions.size(), 1u);
  client_options_.ca = folder_.WriteFile("other-ca.pem", TestAuthority("other CA").pem());
  TlsPair second(for_server, LoadOrDie(client_options_), "localhost", &sessions);
  second.Shake();
  EXPECT_NE(second.client.failure().find("not among those that are trusted"), std::string::npos)
      << second.client.failure();
  EXPECT_EQ(sessions.size(), 0u);
  TlsPair third(for_server, before, "localhost", &sessions);
  third.Shake();
  EXPECT_FALSE(third.client.resumed());
}

TEST_F(TlsEngineTest, SessionsAreBounded) {
  TlsSessions sessions;
  const auto for_server = LoadOrDie(server_options_);
  const auto for_client = LoadOrDie(client_options_);
  std::vector<std::unique_ptr<TlsPair>> pairs;
  for (size_t i = 0; i < kTlsSessionsMax + 1; ++i) {
    pairs.push_back(std::make_unique<TlsPair>(for_server, for_client, "localhost", nullptr));
    pairs.back()->client.Start("localhost", &sessions);
    pairs.back()->started = true;
  }
  for (auto& pair : pairs) pair->Shake();
  EXPECT_EQ(sessions.size(), kTlsSessionsMax);
}

TEST_F(TlsEngineTest, TheServerKnowsWhoShowsACertificate) {
  server_options_.client_certificates = ClientCertificates::kRequire;
  client_options_.own = folder_.Write(
      "client", ca_.Issue({.common_name = "billing",
                           .names = "DNS:billing.internal,URI:spiffe://prod/billing,"
                                    "email:ops@example.com,IP:10.0.0.7"}));
  TlsSessions sessions;
  const auto for_server = LoadOrDie(server_options_);
  const auto for_client = LoadOrDie(client_options_);
  for (const bool resumed : {false, true}) {  // a ticket carries it
    TlsPair pair(for_server, for_client, "localhost", &sessions);
    pair.Shake();
    ASSERT_TRUE(pair.server.is_open()) << pair.server.failure();
    EXPECT_EQ(pair.server.resumed(), resumed);
    const PeerIdentity& who = pair.server.peer();
    EXPECT_EQ(who.common_name, "billing");
    EXPECT_TRUE(who.HasDnsName("billing.internal"));
    EXPECT_TRUE(who.HasUri("spiffe://prod/billing"));
    EXPECT_EQ(who.emails, std::vector<std::string>{"ops@example.com"});
    EXPECT_EQ(who.ip_addresses, std::vector<std::string>{"10.0.0.7"});
    EXPECT_EQ(who.sha256_fingerprint.size(), 64u);
    EXPECT_EQ(pair.client.peer().common_name, "server");
  }
}

TEST_F(TlsEngineTest, NamesWithANulAreNobodys) {
  using std::string_literals::operator""s;
  server_options_.client_certificates = ClientCertificates::kRequire;
  client_options_.own = folder_.Write(
      "client", ca_.Issue({.common_name = "admin\0.evil.example"s,
                           .names = "DNS:evil.example",
                           .raw_dns_name = "admin.internal\0.evil.example"s}));
  auto pair = NewPair();
  pair->Shake();
  ASSERT_TRUE(pair->server.is_open()) << pair->server.failure();
  const PeerIdentity& who = pair->server.peer();
  EXPECT_FALSE(who.empty());
  EXPECT_EQ(who.common_name, "");
  EXPECT_EQ(who.dns_names, std::vector<std::string>{"evil.example"});
}

TEST_F(TlsEngineTest, AServersNameWithANulIsNotTheOneBeforeIt) {
  using std::string_literals::operator""s;
  server_options_.certificates = {folder_.Write(
      "server", ca_.Issue({.names = "DNS:evil.example",
                           .raw_dns_name = "localhost\0.evil.example"s}))};
  auto pair = NewPair();
  pair->Shake();
  EXPECT_FALSE(pair->client.is_open());
  EXPECT_NE(pair->client.failure().find("not for localhost"), std::string::npos)
      << pair->client.failure();
}

// Two hours later, to the server: the certificate of the session has expired by then.
TEST_F(TlsEngineTest, ASessionIsNotTakenUpOnceTheClientsCertificateHasExpired) {
  constexpr int64_t kHourS = 3600;
  server_options_.client_certificates = ClientCertificates::kRequire;
  client_options_.own =
      folder_.Write("client", ca_.Issue({.common_name = "client", .valid_until_s = kHourS}));
  const auto for_server = LoadOrDie(server_options_);
  const auto for_client = LoadOrDie(client_options_);
  TlsSessions sessions;
  TlsPair now(for_server, for_client, "localhost", &sessions);
  now.Shake();
  ASSERT_EQ(now.server.peer().common_name, "client") << now.server.failure();
  ASSERT_EQ(sessions.size(), 1u);
  TlsPair later(for_server, for_client, "localhost", &sessions);
  X509_VERIFY_PARAM_set_time(SSL_get0_param(later.server.native()),
                             std::time(nullptr) + 2 * kHourS);
  later.Shake();
  EXPECT_FALSE(later.server.resumed());
  EXPECT_FALSE(later.server.is_open());
  EXPECT_NE(later.server.failure().find("'client' expired on"), std::string::npos)
      << later.server.failure();
}

TEST_F(TlsEngineTest, ARequestedCertificateMayBeMissing) {
  server_options_.client_certificates = ClientCertificates::kRequest;
  auto pair = NewPair();
  pair->Shake();
  ASSERT_TRUE(pair->server.is_open()) << pair->server.failure();
  EXPECT_TRUE(pair->server.peer().empty());
}

TEST_F(TlsEngineTest, TheNameThatIsAskedForChoosesTheCertificate) {
  for (const char* const name : {"a", "b"}) {
    const std::string host = std::string("DNS:") + name + ".example,DNS:*." + name + ".example";
    server_options_.certificates.push_back(
        folder_.Write(name, ca_.Issue({.common_name = name, .names = host})));
  }
  const struct {
    const char* asked;
    const char* got;
  } cases[] = {{"a.example", "a"}, {"x.b.example", "b"}, {"localhost", "server"}};
  for (const auto& each : cases) {
    SCOPED_TRACE(each.asked);
    auto pair = NewPair(nullptr, each.asked);
    pair->Shake();
    ASSERT_TRUE(pair->client.is_open()) << pair->client.failure();
    EXPECT_EQ(pair->client.peer().common_name, each.got);
  }
}

TEST_F(TlsEngineTest, AFloodOfKeyUpdatesIsAViolation) {
  auto pair = NewPair();
  pair->Shake();
  std::string plain;
  Step step = Step::kNeedsMore;
  for (uint64_t i = 0; i < kTlsLateMessagesMax; ++i) {
    SSL_key_update(pair->client.native(), SSL_KEY_UPDATE_REQUESTED);
    step = Feed(pair->server, AsBytes(pair->Sealed(pair->client, "x")), &plain);
    ASSERT_EQ(step, Step::kNeedsMore) << i;
  }
  SSL_key_update(pair->client.native(), SSL_KEY_UPDATE_REQUESTED);
  EXPECT_EQ(Feed(pair->server, AsBytes(pair->Sealed(pair->client, "x")), &plain),
            Step::kViolation);
}

TEST_F(TlsEngineTest, RenegotiationIsAViolation) {
  auto pair = NewPair();
  SSL* client = pair->client.native();
  SSL_set_max_proto_version(client, TLS1_2_VERSION);
  SSL_clear_options(client, SSL_OP_NO_RENEGOTIATION);
  pair->Shake();
  ASSERT_TRUE(pair->server.is_open()) << pair->server.failure();
  ASSERT_STREQ(pair->server.version(), "TLSv1.2");
  ASSERT_EQ(SSL_renegotiate(client), 1);
  SSL_do_handshake(client);
  std::string plain;
  EXPECT_EQ(Feed(pair->server, AsBytes(TakeOutput(pair->client)), &plain), Step::kViolation);
  EXPECT_EQ(pair->server.failure(), "renegotiation is not allowed");
}

}  // namespace
}  // namespace penstock::wire
