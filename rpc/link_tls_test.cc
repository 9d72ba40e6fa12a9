// What a Link does with TLS while the peer takes nothing.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "penstock/http2/testing/frame_script.h"
#include "penstock/http2/workspace.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/testing/memory_net.h"
#include "penstock/rpc/link.h"
#include "penstock/wire/slab_pool.h"
#include "penstock/wire/testing/certificates.h"
#include "penstock/wire/testing/tls_pair.h"

namespace penstock::rpc {
namespace {

using http2::Limit;

// Speaks TLS, and answers nothing.
class TlsSession {
 public:
  using Link = rpc::Link<TlsSession>;

  TlsSession(Link& link, std::unique_ptr<wire::TlsEngine> engine, std::string* end)
      : link_(link), engine_(std::move(engine)), end_(*end) {}
  bool Admit(wire::Bytes) {
    if (engine_ == nullptr) return true;
    link_.BeginTls(std::move(engine_), 10 * kNsPerSecond);
    return false;
  }
  void OnEvent(const http2::Event&) {}
  void OnBatchEnd() {}
  void OnConnectionEnd(const http2::Error& error) { end_ = error.text; }
  void OnClosed() { delete &link_; }

 private:
  Link& link_;
  std::unique_ptr<wire::TlsEngine> engine_;  // until it begins
  std::string& end_;
};

class LinkTlsTest : public ::testing::TestWithParam<reactor::IoMode> {
 protected:
  void SetUp() override {
    std::string why;
    ASSERT_TRUE(shard_.Open(&why)) << why;
    workspace_ = std::make_unique<http2::Workspace>(&shard_.slabs());
    tls_workspace_ = std::make_unique<wire::TlsWorkspace>(&shard_.slabs());
    wire::TlsServerOptions server_options;
    server_options.certificates = {folder_.Write("server", ca_.Issue({}))};
    auto engine = std::make_unique<wire::TlsEngine>(tls_workspace_.get(),
                                                    wire::LoadOrDie(server_options));
    engine_ = engine.get();
    wire::TlsClientOptions client_options;
    client_options.ca = folder_.WriteFile("ca.pem", ca_.pem());
    client_ = std::make_unique<wire::TlsEngine>(&client_workspace_,
                                                wire::LoadOrDie(client_options));
    limits_.ping_strikes_max = UINT32_MAX;
    link_ = new TlsSession::Link(shard_, http2::Role::kServer, limits_, workspace_.get(), {},
                                 std::move(engine), &end_);
    link_->Attach(shard_.Adopt(-1, link_));
    client_->Start("localhost", nullptr);
    TakeTurns(8);
    Say(http2::kClientPreface);
    Say(Encode(http2::testing::SettingsFrame({})) + Encode(http2::testing::SettingsAck()));
    TakeTurns(8);
    ASSERT_TRUE(link_->connection().established()) << end_ << client_->failure();
    ASSERT_TRUE(engine_->output().empty());
  }
  void TearDown() override {
    shard_.Stop();
    shard_.Run();
  }

  static std::string Encode(const http2::testing::Frame& frame) {
    http2::HpackEncoder encoder;
    return http2::testing::Encode(frame, encoder);
  }
  void Say(std::string_view octets) {
    wire::OutputChain plain(&client_slabs_);
    plain.Append(wire::AsBytes(octets));
    client_->Encrypt(plain, SIZE_MAX);
  }
  // Each is answered by 17 octets.
  void SayPings(size_t count) {
    std::string pings;
    for (size_t i = 0; i < count; ++i) pings += Encode(http2::testing::Ping("12345678"));
    Say(pings);
    Turn();
  }
  void Turn() {
    const std::string said = wire::TakeOutput(*client_);
    if (!said.empty()) net_.newest().Write(said);
    shard_.Turn(0);
    const std::string heard = net_.newest().TakeRead();
    std::string ignored;
    if (!heard.empty()) (void)wire::Feed(*client_, wire::AsBytes(heard), &ignored);
  }
  void TakeTurns(int count) {
    for (int i = 0; i < count; ++i) Turn();
  }
  void Advance(TimeNs ns) {
    net_.Advance(ns);
    TakeTurns(2);
  }

  wire::TestAuthority ca_{"test CA"};
  wire::CertificateFolder folder_;
  reactor::MemoryNet net_{GetParam()};
  reactor::Shard shard_{{.simulation = &net_}};
  std::unique_ptr<http2::Workspace> workspace_;
  std::unique_ptr<wire::TlsWorkspace> tls_workspace_;
  wire::SlabPool client_slabs_;
  wire::TlsWorkspace client_workspace_{&client_slabs_};
  std::unique_ptr<wire::TlsEngine> client_;
  http2::Limits limits_;
  TlsSession::Link* link_ = nullptr;
  wire::TlsEngine* engine_ = nullptr;  // the link's
  std::string end_;
};

INSTANTIATE_TEST_SUITE_P(BothModes, LinkTlsTest,
                         ::testing::Values(reactor::IoMode::kEpoll, reactor::IoMode::kUring));

TEST_P(LinkTlsTest, APeerThatTakesNoRecordsIsCutOffInTime) {
  net_.newest().set_room_bytes(0);
  SayPings(10);
  const TimeNs timeout_ns = limits_.stalled_connection_timeout_ns;
  Advance(timeout_ns - 2 * kNsPerMs);
  EXPECT_EQ(end_, "");
  Advance(4 * kNsPerMs);
  EXPECT_EQ(end_, "closed");
  EXPECT_EQ(workspace_->limit_trips[Limit::kStalledConnection], 1u);
}

TEST_P(LinkTlsTest, APeerThatTakesSomeOctetsInTimeIsNot) {
  net_.newest().set_room_bytes(0);
  SayPings(10);
  const TimeNs timeout_ns = limits_.stalled_connection_timeout_ns;
  for (int i = 0; i < 3; ++i) {
    Advance(timeout_ns - 2 * kNsPerMs);
    net_.newest().set_room_bytes(1);
    TakeTurns(2);
    EXPECT_EQ(end_, "") << i;
  }
  Advance(timeout_ns + 2 * kNsPerMs);
  EXPECT_EQ(end_, "closed");
}

TEST_P(LinkTlsTest, TheTimeCountsFromWhenThereWasSomethingToTake) {
  const TimeNs timeout_ns = limits_.stalled_connection_timeout_ns;
  net_.newest().set_room_bytes(0);
  SayPings(10);
  net_.newest().set_room_bytes(SIZE_MAX);
  TakeTurns(3);
  Advance(timeout_ns - kNsPerSecond);
  net_.newest().set_room_bytes(0);
  SayPings(10);
  Advance(timeout_ns - 2 * kNsPerMs);
  EXPECT_EQ(end_, "");
  Advance(4 * kNsPerMs);
  EXPECT_EQ(end_, "closed");
}

// More than the socket will ever take is not hidden from the connection by being encrypted.
TEST_P(LinkTlsTest, WhatAPeerThatDoesNotReadMakesUsSayCountsForTheConnectionsLimits) {
  net_.newest().set_room_bytes(0);
  for (int i = 0; i < 10 && !link_->socket().receive_paused(); ++i) SayPings(500);
  EXPECT_TRUE(link_->socket().receive_paused());
  EXPECT_EQ(workspace_->limit_trips[Limit::kControlFramesQueued], 1u);
  EXPECT_LT(engine_->output().size(), 48u * 1024);
  net_.newest().set_room_bytes(SIZE_MAX);
  TakeTurns(20);
  EXPECT_FALSE(link_->socket().receive_paused());
  EXPECT_TRUE(engine_->output().empty());
  EXPECT_EQ(end_, "");
}

}  // namespace
}  // namespace penstock::rpc
