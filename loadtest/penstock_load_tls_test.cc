// The program from outside, over TLS: against the example server with a certificate.
#include <gtest/gtest.h>

#include <list>
#include <string>
#include <utility>
#include <vector>

#include "penstock/loadtest/child_process.h"
#include "penstock/wire/testing/certificates.h"

namespace penstock::loadtest {
namespace {

constexpr char kProgram[] = "loadtest/penstock-load";
constexpr char kServer[] = "examples/helloworld/server";

class PenstockLoadTls : public ::testing::Test {
 protected:
  std::string StartServer(const std::vector<std::string>& flags) {
    std::vector<std::string> arguments = {kServer, "--listen", "127.0.0.1:0", "--shards", "1"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return TakeAddress(servers_.emplace_back(std::move(arguments)));
  }
  std::vector<std::string> OwnCertificate() const {
    return {"--tls-cert", server_.certificate, "--tls-key", server_.key};
  }

  // What the program says of ten calls, and with what it must end.
  std::string Load(const std::string& target, std::vector<std::string> flags, int want_exit) {
    const std::vector<std::string> all = {kProgram, "--method", "helloworld.Greeter/SayHello", "-n",
                                          "10",     target};
    flags.insert(flags.begin(), all.begin(), all.end());
    ChildProcess program(flags);
    const std::string output = program.ReadAll();
    EXPECT_EQ(program.Wait(), want_exit) << output;
    return output;
  }

  const wire::TestAuthority ca_{"test CA"};
  const wire::CertificateFolder folder_;
  const std::string ca_file_ = folder_.WriteFile("ca.pem", ca_.pem());
  const wire::TlsFiles server_ = folder_.Write("server", ca_.Issue({}));
  const wire::TlsFiles client_ =
      folder_.Write("client", ca_.Issue({.common_name = "load", .names = "DNS:load.example"}));
  std::list<ChildProcess> servers_;
};

void ExpectSays(const std::string& output, const std::string& want) {
  EXPECT_NE(output.find(want), std::string::npos) << output;
}

TEST_F(PenstockLoadTls, CallsAServerWhoseCertificateIsGood) {
  const std::string target = StartServer(OwnCertificate());
  ExpectSays(Load(target, {"--cacert", ca_file_, "--connections", "2"}, 0), "OK 10   errors 0");
  ExpectSays(Load(target, {"--cacert", ca_file_, "--servername", "localhost"}, 0), "OK 10 ");
  ExpectSays(Load(target, {"--insecure-skip-verify"}, 0), "OK 10   errors 0");
}

TEST_F(PenstockLoadTls, ShowsACertificateToAServerThatRequiresOne) {
  std::vector<std::string> flags = OwnCertificate();
  flags.insert(flags.end(), {"--tls-client-ca", ca_file_});
  const std::string target = StartServer(flags);
  ExpectSays(Load(target,
                  {"--cacert", ca_file_, "--cert", client_.certificate, "--key", client_.key}, 0),
             "OK 10   errors 0");
  ExpectSays(Load(target, {"--cacert", ca_file_}, 2), "the server requires a client certificate");
}

TEST_F(PenstockLoadTls, SaysInASentenceWhyThereIsNoConnection) {
  const std::string tls = StartServer(OwnCertificate());
  const std::string cleartext = StartServer({});
  const std::string other_ca =
      folder_.WriteFile("other.pem", wire::TestAuthority("another CA").pem());
  const struct {
    const char* name;
    std::string target;
    std::vector<std::string> flags;
    std::string want;
  } kCases[] = {
      {"cleartext to a TLS port", tls, {}, "is it a gRPC server, without TLS?"},
      {"TLS to a cleartext port", cleartext, {"--tls"}, "is it a plaintext port"},
      {"an authority that is not trusted",
       tls,
       {"--cacert", other_ca},
       "was issued by 'test CA', which is not among those that are trusted"},
      {"another name",
       tls,
       {"--cacert", ca_file_, "--servername", "other.example"},
       "not for other.example"},
  };
  for (const auto& each : kCases) {
    SCOPED_TRACE(each.name);
    const std::string output = Load(each.target, each.flags, 2);
    ExpectSays(output, "penstock-load: no connection to " + each.target + ": ");
    ExpectSays(output, each.want);
  }
}

TEST_F(PenstockLoadTls, AFileThatIsNotThereIsWrongUsage) {
  ExpectSays(Load("127.0.0.1:1", {"--cacert", folder_.path() + "/none.pem"}, 64), "none.pem");
}

}  // namespace
}  // namespace penstock::loadtest
