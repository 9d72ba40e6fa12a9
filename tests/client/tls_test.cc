// Calls over TLS, against our own server.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

#include "penstock/http2/limit.h"
#include "penstock/http2/testing/frame_script.h"
#include "penstock/server/testing/test_socket.h"
#include "penstock/tests/client/client_fixture.h"
#include "penstock/wire/testing/certificates.h"
#include "penstock/wire/testing/tls_pair.h"

namespace penstock::test::client {
namespace {

using wire::ClientCertificates;

// The beginning of a ClientHello.
constexpr std::string_view kHelloBegins = "\x16\x03\x01";

class TlsTest : public ClientTest {
 protected:
  TlsTest() {
    tls_.certificates = {folder_.Write("server", ca_.Issue({}))};
    tls_.client_ca = ca_file_;
    channel_.tls.enabled = true;
    channel_.tls.ca = ca_file_;
    change_options_ = [this](ServerOptions& options) { options.tls = tls_; };
  }

  // One call on a channel of its own: what became of it.
  Status Try(const ChannelOptions& options) {
    Channel channel(shard(), address(), options);
    return SayTo(channel, "hear").status();
  }
  ChannelOptions WithCertificate(const wire::TlsFiles& files) {
    ChannelOptions options = channel_;
    options.tls.own = files;
    return options;
  }

  const wire::TestAuthority ca_{"test CA"};
  const wire::CertificateFolder folder_;
  const std::string ca_file_ = folder_.WriteFile("ca.pem", ca_.pem());
  wire::TlsServerOptions tls_;
  ChannelOptions channel_;
};
INSTANTIATE_CLIENT_TEST(TlsTest);

void ExpectUnavailable(const Status& status, std::string_view because) {
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_NE(MessageOf(status).find(because), std::string_view::npos) << MessageOf(status);
}

TEST_P(TlsTest, RepliesComeBackSmallAndLarge) {
  StartServer();
  Channel channel(shard(), address(), channel_);
  EXPECT_EQ(SayTo(channel, "hear, hear").value(), "hear, hear");
  const std::string large(3'000'000, 'x');  // more than the windows, and than is encrypted ahead
  EXPECT_EQ(SayTo(channel, large).value(), large);
  EXPECT_EQ(channel.counters().connections_made, 1u);
}

TEST_P(TlsTest, TheHandlerSeesWhoCalls) {
  tls_.client_certificates = ClientCertificates::kRequest;
  StartServer([](Call& call, const Text&, Text& reply) {
    const PeerIdentity& who = call.peer_identity();
    reply.set_text(who.empty() ? "nobody" : who.common_name + " " + who.uris.at(0));
    return OkStatus();
  });
  Channel nobody(shard(), address(), channel_);
  EXPECT_EQ(SayTo(nobody, "").value(), "nobody");
  Channel billing(shard(), address(),
                  WithCertificate(folder_.Write(
                      "billing", ca_.Issue({.common_name = "billing", .names = "URI:spiffe://b"}))));
  EXPECT_EQ(SayTo(billing, "").value(), "billing spiffe://b");
}

TEST_P(TlsTest, AnInterceptorOfAClientSeesWhoServes) {
  StartServer();
  std::string seen;
  struct See {
    Status Before(Call& call) const {
      *seen += call.peer_identity().empty() ? "nobody yet" : "somebody";
      return OkStatus();
    }
    void After(Call& call, const Status&) const {
      const PeerIdentity& who = call.peer_identity();
      *seen += who.empty() ? ", nobody" : ", " + who.common_name + " " + who.dns_names.at(0);
    }
    std::string* seen;
  };
  channel_.Intercept(See{&seen});
  EXPECT_TRUE(Try(channel_).ok());
  EXPECT_EQ(seen, "nobody yet, server localhost");
  seen.clear();
  channel_.tls.ca = "";
  channel_.tls.insecure_skip_verification = true;  // what it showed may be anybody's
  EXPECT_TRUE(Try(channel_).ok());
  EXPECT_EQ(seen, "nobody yet, nobody");
}

TEST_P(TlsTest, TheStatusOfCallsSaysWhyThereIsNoTls) {
  tls_.client_certificates = ClientCertificates::kRequire;
  StartServer();
  const wire::TestAuthority stranger("another CA");
  const wire::TlsFiles ours = folder_.Write("client", ca_.Issue({.common_name = "client"}));
  const wire::TlsFiles theirs = folder_.Write("theirs", stranger.Issue({.common_name = "them"}));
  const std::string prefix = "TLS handshake with " + address() + " failed: ";
  EXPECT_TRUE(Try(WithCertificate(ours)).ok());
  ExpectUnavailable(Try(channel_), prefix + "the server requires a client certificate");
  ExpectUnavailable(Try(WithCertificate(theirs)), prefix + "the server does not take our certif");
  ChannelOptions options = WithCertificate(ours);
  options.tls.server_name = "db.example";
  ExpectUnavailable(Try(options), "is for localhost, 127.0.0.1, not for db.example");
  options.tls.server_name = "";
  options.tls.ca = "";
  ExpectUnavailable(Try(options), prefix + "the certificate of 'server' was issued by 'test CA'");
  options.tls.insecure_skip_verification = true;
  EXPECT_TRUE(Try(options).ok());
  options.tls.ca = "/no/such/ca.pem";
  options.tls.insecure_skip_verification = false;
  ExpectUnavailable(Try(options), "cannot use the CA file /no/such/ca.pem: No such file");
}

TEST_P(TlsTest, APlaintextPortIsTold) {
  tls_.certificates.clear();
  StartServer();
  ExpectUnavailable(Try(channel_), "failed: the peer refuses the handshake (alert handshake "
                                   "failure): is it a plaintext port");
}

TEST_P(TlsTest, ATlsPortIsToldToACleartextClient) {
  StartServer();
  ExpectUnavailable(Try(ChannelOptions()),
                    "before it spoke HTTP/2: is it a gRPC server, without TLS?");
}

TEST_P(TlsTest, OnePortMayTakeBoth) {
  tls_.allow_cleartext = true;
  StartServer();
  EXPECT_TRUE(Try(channel_).ok());
  EXPECT_TRUE(Try(ChannelOptions()).ok());
}

TEST_P(TlsTest, Http1OnATlsPortIsAnswered) {
  StartServer();
  TestSocket socket(address());
  socket.Write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  const std::string answer = socket.ReadToEnd();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
  EXPECT_NE(answer.find("HTTP/2 and TLS"), std::string::npos) << answer;
}

TEST_P(TlsTest, NewCertificatesServeNewConnectionsAndTheOldGoOn) {
  tls_.reload_ns = 0;
  StartServer();
  Channel old(shard(), address(), channel_);
  EXPECT_EQ(SayTo(old, "before").value(), "before");
  const wire::TestAuthority new_ca("new CA");
  folder_.Write("server", new_ca.Issue({}));
  ChannelOptions with_new = channel_;
  with_new.tls.ca = folder_.WriteFile("new-ca.pem", new_ca.pem());
  EXPECT_TRUE(Try(with_new).ok());
  EXPECT_EQ(SayTo(old, "after").value(), "after");
  ExpectUnavailable(Try(channel_), "was issued by 'new CA'");
  folder_.WriteFile("server.key", "nonsense");
  EXPECT_TRUE(Try(with_new).ok());
}

TEST_P(TlsTest, HandshakesUnderWayAreBounded) {
  tls_.handshakes_per_shard_max = 1;
  StartServer();
  {
    TestSocket slow(address());
    slow.Write(kHelloBegins);
    TestSocket next(address());
    next.Write(kHelloBegins);
    EXPECT_EQ(slow.ReadToEnd(), "");
  }
  StopServer();
  EXPECT_EQ(server_counters().limit_trips[http2::Limit::kTlsHandshakes], 1u);
}

TEST_P(TlsTest, AHandshakeMayNotTakeForEver) {
  tls_.handshake_timeout_ns = kNsPerMs;
  StartServer();
  {
    TestSocket slow(address());
    slow.Write(kHelloBegins);
    EXPECT_EQ(slow.ReadToEnd(), "");
  }
  StopServer();
  EXPECT_EQ(server_counters().limit_trips[http2::Limit::kTlsHandshakeTime], 1u);
}

// A client that says anything over TLS.
class RawTls {
 public:
  RawTls(const std::string& address, const wire::TlsClientOptions& options)
      : socket_(address), engine_(&workspace_, wire::LoadOrDie(options)) {
    engine_.Start("localhost", nullptr);
    while (!engine_.is_open() && !socket_.ended()) Read();
  }

  void Write(std::string_view text) {
    wire::OutputChain plain(&slabs_);
    plain.Append(wire::AsBytes(text));
    engine_.Encrypt(plain, SIZE_MAX);
    Flush();
  }
  std::string ReadUntil(std::string_view wanted) {
    while (heard_.find(wanted) == std::string::npos && !socket_.ended()) Read();
    return heard_;
  }

 private:
  void Flush() { socket_.Write(wire::TakeOutput(engine_)); }
  void Read() {
    Flush();
    const std::string records = socket_.Read();
    (void)wire::Feed(engine_, wire::AsBytes(records), &heard_);
    Flush();
  }

  wire::SlabPool slabs_;
  wire::TlsWorkspace workspace_{&slabs_};
  TestSocket socket_;
  wire::TlsEngine engine_;
  std::string heard_;
};

TEST_P(TlsTest, ARequestThatSaysHttpIsReset) {
  StartServer();
  RawTls client(address(), channel_.tls);
  http2::HpackEncoder encoder;
  client.Write(std::string(http2::kClientPreface) +
               Encode(http2::testing::SettingsFrame({}), encoder) +
               Encode(http2::testing::Headers(1).Post(Echo::Say.path).End(), encoder));
  const std::string reset("\0\0\4\3\0\0\0\0\1\0\0\0\1", 13);  // RST_STREAM(PROTOCOL_ERROR)
  EXPECT_NE(client.ReadUntil(reset).find(reset), std::string::npos);
}

TEST_P(TlsTest, Http1OverTlsIsAnsweredToo) {
  StartServer();
  RawTls client(address(), channel_.tls);
  client.Write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_NE(client.ReadUntil("https://...").find("HTTP/1.1 400 "), std::string::npos);
}

}  // namespace
}  // namespace penstock::test::client
