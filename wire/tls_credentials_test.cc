#include "penstock/wire/tls_credentials.h"

#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "penstock/wire/testing/certificates.h"
#include "penstock/wire/testing/tls_pair.h"

namespace penstock::wire {
namespace {

class TlsCredentialsTest : public ::testing::Test {
 protected:
  TlsCredentialsTest() {
    options_.certificates = {folder_.Write("server", ca_.Issue({.common_name = "first"}))};
    client_options_.ca = folder_.WriteFile("ca.pem", ca_.pem());
  }

  // The common name of what a server with `context` shows; "" when the handshake fails.
  std::string Shown(std::shared_ptr<const TlsContext> context) {
    TlsPair pair(std::move(context), LoadOrDie(client_options_), "localhost");
    pair.Shake();
    return pair.client.peer().common_name;
  }

  TestAuthority ca_{"test CA"};
  CertificateFolder folder_;
  TlsServerOptions options_;
  TlsClientOptions client_options_;
  std::string why_;
};

TEST_F(TlsCredentialsTest, NewFilesServeNewConnections) {
  TlsCredentials credentials(options_);
  ASSERT_TRUE(credentials.Load(0, &why_)) << why_;
  const auto before = credentials.Current(1);
  EXPECT_EQ(Shown(before), "first");
  folder_.Write("server", ca_.Issue({.common_name = "second"}));
  EXPECT_EQ(credentials.Current(options_.reload_ns - 1), before);  // not asked so soon
  EXPECT_EQ(Shown(credentials.Current(options_.reload_ns)), "second");
  EXPECT_EQ(credentials.reloads_count(), 1u);
  EXPECT_EQ(Shown(before), "first");  // who has it keeps it
}

TEST_F(TlsCredentialsTest, NewFilesOfAClientAreShownToServersAndItsNewCaIsTrusted) {
  options_.client_ca = client_options_.ca;
  options_.client_certificates = ClientCertificates::kRequire;
  client_options_.own = folder_.Write("client", ca_.Issue({.common_name = "first client"}));
  TlsCredentials credentials(client_options_);
  ASSERT_TRUE(credentials.Load(0, &why_)) << why_;
  TimeNs now = 0;
  // Who the server says has come.
  const auto told = [&] {
    TlsPair pair(LoadOrDie(options_), credentials.Current(now), "localhost");
    pair.Shake();
    return pair.server.peer().common_name;
  };
  EXPECT_EQ(told(), "first client");
  folder_.Write("client", ca_.Issue({.common_name = "second client"}));
  now += client_options_.reload_ns - 1;
  EXPECT_EQ(told(), "first client");  // not asked so soon
  now += 1;
  EXPECT_EQ(told(), "second client");
  const TestAuthority new_ca("new CA");
  options_.certificates = {folder_.Write("new-server", new_ca.Issue({}))};
  EXPECT_EQ(told(), "") << "it does not trust the server's";
  folder_.WriteFile("client-ca.pem", ca_.pem());
  options_.client_ca = folder_.path() + "/client-ca.pem";
  folder_.WriteFile("ca.pem", new_ca.pem());
  now += client_options_.reload_ns;
  EXPECT_EQ(told(), "second client");
  EXPECT_EQ(credentials.reloads_count(), 2u);
}

TEST_F(TlsCredentialsTest, LinksAreFollowedAsKubernetesSwapsThem) {
  namespace fs = std::filesystem;
  const auto write = [&](const char* version, const char* name) {
    fs::create_directory(folder_.path() + "/" + version);
    folder_.Write(std::string(version) + "/tls", ca_.Issue({.common_name = name}));
  };
  write("v1", "first");
  write("v2", "second");
  const std::string data = folder_.path() + "/..data";
  fs::create_directory_symlink("v1", data);
  options_.certificates = {{data + "/tls.pem", data + "/tls.key"}};
  TlsCredentials credentials(options_);
  ASSERT_TRUE(credentials.Load(0, &why_)) << why_;
  EXPECT_EQ(Shown(credentials.Current(0)), "first");
  fs::create_directory_symlink("v2", data + "_new");
  fs::rename(data + "_new", data);
  EXPECT_EQ(Shown(credentials.Current(options_.reload_ns)), "second");
}

TEST_F(TlsCredentialsTest, BadFilesLeaveTheOldOnesInUse) {
  const TestCertificate second = ca_.Issue({.common_name = "second"});
  TlsCredentials credentials(options_);
  ASSERT_TRUE(credentials.Load(0, &why_)) << why_;
  TimeNs now = 0;
  const auto check = [&](const char* shown, const char* said) {
    now += options_.reload_ns;
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(Shown(credentials.Current(now)), shown);
    const std::string line = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(line.find(said), std::string::npos) << line;
    EXPECT_EQ(line.empty(), *said == '\0') << line;
  };
  // The certificate is there before its key: for a moment they do not fit together.
  folder_.WriteFile("server.pem", second.certificate_pem);
  check("first", "those before stay in use: cannot use the key ");
  check("first", "");  // said once
  folder_.WriteFile("server.key", second.key_pem);
  check("second", "");
  std::filesystem::remove(folder_.path() + "/server.pem");
  check("second", "No such file or directory");
  folder_.WriteFile("server.pem", "nonsense");
  check("second", "server.pem: ");
  EXPECT_EQ(credentials.failed_reloads_count(), 3u);
}

TEST_F(TlsCredentialsTest, WhatCannotBeLoadedIsNamed) {
  const TlsFiles good = options_.certificates.front();
  const TlsFiles other = folder_.Write("other", ca_.Issue({}));
  const auto with = [](TlsFiles files, std::string ca, ClientCertificates wanted) {
    TlsServerOptions options;
    options.certificates = {std::move(files)};
    options.client_ca = std::move(ca);
    options.client_certificates = wanted;
    return options;
  };
  TlsServerOptions both = with(good, good.certificate, ClientCertificates::kRequire);
  both.allow_cleartext = true;
  const struct {
    const char* what;
    TlsServerOptions options;
    std::string want;
  } cases[] = {
      {"cleartext beside what is required", both, "allow_cleartext lets clients in without"},
      {"no file", with({"/nowhere.pem", good.key}, "", ClientCertificates::kNone),
       "cannot use the certificate file /nowhere.pem: No such file or directory"},
      {"a key in its place", with({good.key, good.key}, "", ClientCertificates::kNone),
       good.key + ": there is none in it, in PEM: is it another file, or DER?"},
      {"a key of another",
       with({good.certificate, other.key}, "", ClientCertificates::kNone),
       "is it the key of " + good.certificate},
      {"no client CA", with(good, "", ClientCertificates::kRequire),
       "no client_ca says who issues them"},
      {"a client CA that is none", with(good, good.key, ClientCertificates::kRequest),
       "cannot use the client CA file " + good.key},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.what);
    TlsCredentials credentials(each.options);
    EXPECT_FALSE(credentials.Load(0, &why_));
    EXPECT_NE(why_.find(each.want), std::string::npos) << why_;
  }
  client_options_.ca = good.key;
  TlsCredentials client(client_options_);
  EXPECT_FALSE(client.Load(0, &why_));
  EXPECT_NE(why_.find("cannot use the CA file "), std::string::npos) << why_;
}

TEST_F(TlsCredentialsTest, OneThatHasExpiredIsTold) {
  options_.certificates = {folder_.Write("old", ca_.Issue({.valid_until_s = -60}))};
  TlsCredentials credentials(options_);
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(credentials.Load(0, &why_)) << why_;
  const std::string line = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(line.find("old.pem expired on "), std::string::npos) << line;
}

TEST_F(TlsCredentialsTest, TellsWhenTheFirstExpires) {
  options_.certificates.push_back(folder_.Write("soon", ca_.Issue({.valid_until_s = 600})));
  TlsCredentials credentials(options_);
  EXPECT_EQ(credentials.expires_at_s(), 0);
  ASSERT_TRUE(credentials.Load(0, &why_)) << why_;
  const int64_t left_s = credentials.expires_at_s() - static_cast<int64_t>(std::time(nullptr));
  EXPECT_GT(left_s, 0);
  EXPECT_LE(left_s, 600);
}

}  // namespace
}  // namespace penstock::wire
