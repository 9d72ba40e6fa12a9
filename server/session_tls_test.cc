// Sessions of a server over TLS, several on one shard, turn by turn.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/http2/testing/frame_script.h"
#include "penstock/server/testing/simulated_session.h"
#include "penstock/wire/slab_pool.h"
#include "penstock/wire/testing/certificates.h"
#include "penstock/wire/testing/tls_pair.h"
#include "penstock/wire/tls_credentials.h"

namespace penstock::server {
namespace {

using http2::FrameType;
using http2::testing::Headers;
using http2::testing::SettingsFrame;
using reactor::MemoryEnd;

class SessionTlsTest : public SimulatedSession {
 protected:
  // The session of the fixture says nothing.
  void SetUp() override {
    options_.tls.certificates = {folder_.Write("server", ca_.Issue({}))};
    credentials_ = std::make_unique<wire::TlsCredentials>(options_.tls);
    std::string why;
    ASSERT_TRUE(credentials_->Load(0, &why)) << why;
    SimulatedSession::SetUp();
    state_->tls = credentials_.get();
  }

  // The far end of one more connection.
  MemoryEnd& Connect() {
    auto* link = new Session::Link(shard_, http2::Role::kServer, options_.http2,
                                   &state_->workspace,
                                   rpc::MeaningOfRequests(&state_->routes), state_.get());
    link->Attach(shard_.Adopt(-1, link));
    return net_.newest();
  }

  std::shared_ptr<const wire::TlsContext> ForClient() const {
    wire::TlsClientOptions options;
    options.ca = folder_.WriteFile("ca.pem", ca_.pem());
    return wire::LoadOrDie(options);
  }

  const wire::TestAuthority ca_{"test CA"};
  const wire::CertificateFolder folder_;
  std::unique_ptr<wire::TlsCredentials> credentials_;
};

class Client {
 public:
  Client(reactor::Shard* shard, MemoryEnd* end, std::shared_ptr<const wire::TlsContext> context)
      : shard_(*shard), end_(*end), tls_(&workspace_, std::move(context)) {
    tls_.Start("localhost", nullptr);
    TakeTurns(6);
  }

  bool is_open() const { return tls_.is_open(); }
  std::vector<http2::testing::Frame> Ask(std::string_view octets) {
    wire::OutputChain plain(&slabs_);
    plain.Append(wire::AsBytes(octets));
    tls_.Encrypt(plain, SIZE_MAX);
    TakeTurns(4);
    return scanner_.Scan(std::exchange(heard_, {}));
  }

 private:
  void TakeTurns(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string said = wire::TakeOutput(tls_);
      if (!said.empty()) end_.Write(said);
      shard_.Turn(0);
      const std::string records = end_.TakeRead();
      if (!records.empty()) (void)wire::Feed(tls_, wire::AsBytes(records), &heard_);
    }
  }

  reactor::Shard& shard_;
  MemoryEnd& end_;
  wire::SlabPool slabs_;
  wire::TlsWorkspace workspace_{&slabs_};
  wire::TlsEngine tls_;
  http2::testing::FrameScanner scanner_{4096};
  std::string heard_;
};

constexpr std::string_view kHelloBegins = "\x16\x03";

TEST_F(SessionTlsTest, TheOldestHandshakeMakesRoomForAnHonestClient) {
  options_.tls.handshakes_per_shard_max = 3;
  std::vector<MemoryEnd*> silent;
  for (int i = 0; i < 3; ++i) {
    silent.push_back(&Connect());
    silent.back()->Write(kHelloBegins);
    shard_.Turn(0);
  }
  for (int i = 0; i < 2; ++i) {
    Client client(&shard_, &Connect(), ForClient());
    EXPECT_TRUE(client.is_open());
    EXPECT_EQ(state_->tls_workspace.handshakes_count, 2u);
  }
  EXPECT_TRUE(silent[0]->closed());
  EXPECT_FALSE(silent[1]->closed());
  EXPECT_FALSE(silent[2]->closed());
  EXPECT_EQ(state_->workspace.limit_trips[http2::Limit::kTlsHandshakes], 1u);
}

TEST_F(SessionTlsTest, WithoutAnyPlaceANewHandshakeIsClosed) {
  options_.tls.handshakes_per_shard_max = 0;
  Client client(&shard_, &Connect(), ForClient());
  EXPECT_FALSE(client.is_open());
  EXPECT_EQ(state_->workspace.limit_trips[http2::Limit::kTlsHandshakes], 1u);
}

TEST_F(SessionTlsTest, AConnectionThatHasEndedHoldsNoPlaceWhileItsSocketLingers) {
  MemoryEnd& silent = Connect();
  silent.Write(kHelloBegins);
  shard_.Turn(0);
  EXPECT_EQ(state_->tls_workspace.handshakes_count, 1u);
  net_.Advance(options_.tls.handshake_timeout_ns + 2 * kNsPerMs);
  shard_.Turn(0);
  EXPECT_FALSE(silent.closed());
  EXPECT_EQ(state_->tls_workspace.handshakes_count, 0u);
}

TEST_F(SessionTlsTest, WhatIsPushedHasTheSchemeOfTheConnection) {
  registry_.HandleGet("/", [](const HttpRequest&, HttpReply& reply) { reply.Push("/style"); });
  registry_.HandleGet("/style", [](const HttpRequest&, HttpReply&) {});
  Client client(&shard_, &Connect(), ForClient());
  ASSERT_TRUE(client.is_open());
  http2::HpackEncoder encoder;
  const auto frames = client.Ask(std::string(http2::kClientPreface) +
                                 Encode(SettingsFrame({}), encoder) +
                                 Encode(Headers(1)
                                            .Field(":method", "GET")
                                            .Field(":scheme", "https")
                                            .Field(":authority", "localhost")
                                            .Field(":path", "/")
                                            .End(),
                                        encoder));
  int promises_count = 0;
  for (const http2::testing::Frame& frame : frames) {
    if (frame.type != FrameType::kPushPromise) continue;
    ++promises_count;
    ASSERT_GE(frame.fields.size(), 2u);
    EXPECT_EQ(frame.fields[1], (std::pair<std::string, std::string>{":scheme", "https"}));
  }
  EXPECT_EQ(promises_count, 1);
}

}  // namespace
}  // namespace penstock::server
