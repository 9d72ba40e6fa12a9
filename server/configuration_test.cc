#include "penstock/server/configuration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

namespace penstock::server {
namespace {

std::string TakeVariables(std::vector<const char*> variables, Configuration* configuration) {
  variables.push_back(nullptr);
  return configuration->TakeEnvironment(variables.data());
}

const Option& OptionOf(const Configuration& configuration, const std::string& name) {
  const auto& table = configuration.table();
  return *std::find_if(table.begin(), table.end(),
                       [&name](const Option& option) { return option.name == name; });
}

void ExpectIn(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(OptionTable, EveryRowTakesBackWhatItShows) {
  const ServerOptions defaults;
  for (const Option& option : OptionTable()) {
    SCOPED_TRACE(option.name);
    ServerOptions options;
    std::vector<std::string> shown = option.show(defaults);
    if (shown.empty()) shown = {""};
    EXPECT_EQ(option.take(shown, &options), "");
    EXPECT_EQ(option.show(options), option.show(defaults));
    EXPECT_TRUE(option.repeatable || shown.size() == 1);
  }
}

TEST(OptionTable, NamesAreUniqueAndNoneIsOneThatKubernetesMakes) {
  std::set<std::string> names;
  for (const Option& option : OptionTable()) {
    SCOPED_TRACE(option.name);
    EXPECT_TRUE(names.insert(option.name).second);
    EXPECT_EQ(option.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
              std::string::npos);
    EXPECT_FALSE(option.name.starts_with("no-"));
    EXPECT_FALSE(option.help.empty());
    EXPECT_EQ(VariableOf(option.name).find("_PORT"), std::string::npos);
    EXPECT_EQ(VariableOf(option.name).find("_SERVICE_HOST"), std::string::npos);
  }
}

TEST(OptionTable, IsWhatTheDocumentationHas) {
  std::ifstream file("docs/configuration.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  const std::string begin = "<!-- server/option_table.cc -->\n", end = "\n<!-- end -->";
  const size_t from = document.find(begin), to = document.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const size_t start = from + begin.size();
  EXPECT_EQ(document.substr(start, to - start), DescribeTable(OptionTable()))
      << "put the second between " << begin << "and the end in docs/configuration.md";
}

TEST(Configuration, AFlagGoesBeforeAVariableBeforeTheFileBeforeTheCode) {
  ServerOptions coded;
  coded.shards = 1;
  coded.workers = 1;
  coded.drain_grace_ns = kNsPerSecond;
  coded.compression = "gzip";
  Configuration configuration(coded);
  EXPECT_EQ(configuration.TakeText("x.conf", "shards = 2\nworkers = 2\n\ndrain-grace = 2s\n"), "");
  EXPECT_EQ(TakeVariables({"PENSTOCK_SHARDS=3", "PENSTOCK_WORKERS=3"}, &configuration), "");
  EXPECT_EQ(configuration.TakeFlag(OptionOf(configuration, "shards"), {"4"}), "");
  EXPECT_EQ(configuration.Finish(), "");
  const ServerOptions& options = configuration.options();
  EXPECT_EQ(options.shards, 4);
  EXPECT_EQ(options.workers, 3);
  EXPECT_EQ(options.drain_grace_ns, 2 * kNsPerSecond);
  EXPECT_EQ(options.compression, "gzip");
  EXPECT_EQ(configuration.OriginOf("shards"), "--shards");
  EXPECT_EQ(configuration.OriginOf("workers"), "PENSTOCK_WORKERS");
  EXPECT_EQ(configuration.OriginOf("drain-grace"), "x.conf:4");
  EXPECT_EQ(configuration.OriginOf("compression"), "code");
  EXPECT_EQ(configuration.OriginOf("io"), "default");
}

TEST(Configuration, AFileHasCommentsAndLinesForEachOfSeveral) {
  Configuration configuration{ServerOptions()};
  EXPECT_EQ(configuration.TakeText("x.conf",
                                   "# where\r\n"
                                   "listen=127.0.0.1:1\r\n"
                                   "\t listen = unix-abstract:a#b # and a comment\n"
                                   "\n"
                                   "  # indented\n"
                                   "shards=2#"),
            "x.conf:6: shards = 2#: write a whole number, at least 0 and at most 1024");
  EXPECT_EQ(configuration.options().listen,
            (std::vector<std::string>{"127.0.0.1:1", "unix-abstract:a#b"}));
  EXPECT_EQ(configuration.OriginOf("listen"), "x.conf:2");
}

TEST(Configuration, WhatIsWrongInAFileIsNamedWithItsLine) {
  const struct {
    const char* text;
    const char* why;
  } cases[] = {
      {"shrads = 2", "x.conf:1: shrads is no option, did you mean shards?"},
      {"\n\nserver_name = x", "x.conf:3: server_name is no option"},
      {"drain_grace = 2s", "x.conf:1: drain_grace is no option, did you mean drain-grace?"},
      {"[server]", "x.conf:1: [server]: write NAME = VALUE, or # and a comment"},
      {"= 2", "x.conf:1: = 2: write NAME = VALUE"},
      {"shards = 2\nio = auto\nshards = 3", "x.conf:3: shards is set in line 1, too"},
      {"shards = many", "x.conf:1: shards = many: write a whole number"},
      {"shards =", "x.conf:1: shards = : write a whole number"},
      {"listen = 127.0.0.1:1\nlisten = localhost", "x.conf:2: listen = localhost: "},
      {"healthz = maybe", "x.conf:1: healthz = maybe: write true or false"},
      {"config = y.conf", "x.conf:1: config is no option"},
      {"\xef\xbb\xbfshards = many", "x.conf:1: shards = many: "},
      {"\x1b[2J\x7f", "x.conf:1: \\x1b[2J\\x7f: write NAME = VALUE"},
      {"\a = 1", "x.conf:1: \\x07 is no option"},
      {"io = \x1bx", "x.conf:1: io = \\x1bx: write auto, "},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    Configuration configuration{ServerOptions()};
    const std::string why = configuration.TakeText("x.conf", c.text);
    EXPECT_TRUE(why.starts_with(c.why)) << why;
  }
}

TEST(Configuration, ALongLineIsNotRepeatedWhole) {
  Configuration configuration{ServerOptions()};
  const std::string line(kConfigFileBytesMax, 'x');
  EXPECT_EQ(configuration.TakeText("x.conf", line),
            "x.conf:1: " + line.substr(0, 100) + "...: write NAME = VALUE, or # and a comment");
}

TEST(Configuration, SeveralInAVariableStandBetweenCommas) {
  Configuration configuration{ServerOptions()};
  EXPECT_EQ(TakeVariables({"PENSTOCK_LISTEN=127.0.0.1:1, unix:/x", "PENSTOCK_CPUS=0,2"},
                          &configuration),
            "");
  EXPECT_EQ(configuration.options().listen, (std::vector<std::string>{"127.0.0.1:1", "unix:/x"}));
  EXPECT_EQ(configuration.options().cpus, (std::vector<int>{0, 2}));
}

TEST(Configuration, VariablesThatAreNotOursOrAreEmptyAreLeftAlone) {
  Configuration configuration{ServerOptions()};
  EXPECT_EQ(TakeVariables({"PATH=/bin", "PENSTOCK", "PENSTOCK_CONFIG=x", "PENSTOCK_SHARDS=",
                           "PENSTOCK_SERVICE_HOST=10.0.0.1", "PENSTOCK_SERVICE_PORT=1",
                           "PENSTOCK_SERVICE_PORT_GRPC=1", "PENSTOCK_PORT=tcp://10.0.0.1:1",
                           "PENSTOCK_PORT_1_TCP_ADDR=10.0.0.1",
                           "PENSTOCK_CART_PORT=udp://10.0.0.2:1",
                           "PENSTOCK_CART_SERVICE_HOST=10.0.0.2"},
                          &configuration),
            "");
  EXPECT_EQ(configuration.Print(), Configuration(ServerOptions()).Print());
}

TEST(Configuration, AVariableWithAPortThatNoServiceHasIsASlip) {
  for (const char* variable : {"PENSTOCK_PORT=8080", "PENSTOCK_ADMIN_PORT=9901",
                               "PENSTOCK_LISTEN_PORT=443", "PENSTOCK_SERVICE_PORT=50051",
                               "PENSTOCK_PORT_50051_TCP=tcp://10.0.0.1:50051"}) {
    const std::string name = std::string(variable).substr(0, std::string(variable).find('='));
    Configuration configuration{ServerOptions()};
    const std::string why =
        TakeVariables({"PENSTOCK_CART_SERVICE_HOST=10.0.0.2", "OTHER_SERVICE_HOST=10.0.0.1",
                       variable}, &configuration);
    EXPECT_TRUE(why.starts_with("the environment's " + name + " is no option")) << why;
    EXPECT_EQ(why.find("PENSTOCK_IO"), std::string::npos) << why;
  }
  // Whoever overrides what Kubernetes has made means something by it.
  Configuration configuration{ServerOptions()};
  ExpectIn(TakeVariables({"PENSTOCK_SERVICE_HOST=10.0.0.1", "PENSTOCK_PORT=8080"}, &configuration),
           "PENSTOCK_PORT is no option");
}

TEST(Configuration, ValuesThatMakeAServerUselessAreRefused) {
  for (const char* line : {"max-message-bytes = 0", "http2-stream-window-bytes = 0",
                           "http2-connection-window-bytes = 1000", "memory-idle-percent = 0",
                           "http2-output-bytes-max = 1KiB", "http2-header-fields-max = 8",
                           "http2-header-list-bytes-advertised = 0",
                           "http2-header-list-bytes-max = 512", "http2-header-block-bytes-max = 1",
                           "http2-window-updates-base = 0"}) {
    Configuration configuration{ServerOptions()};
    ExpectIn(configuration.TakeText("x.conf", line), std::string("x.conf:1: ") + line + ": write ");
  }
}

TEST(Configuration, WhatIsWrongWithAVariableIsNamed) {
  const struct {
    const char* variable;
    const char* why;
  } cases[] = {
      {"PENSTOCK_SHRADS=1",
       "the environment's PENSTOCK_SHRADS is no option, did you mean PENSTOCK_SHARDS?"},
      {"PENSTOCK_SHARDS=many", "PENSTOCK_SHARDS=many: write a whole number"},
      {"PENSTOCK_LISTEN=127.0.0.1:1,", "PENSTOCK_LISTEN=127.0.0.1:1,: "},
  };
  for (const auto& c : cases) {
    Configuration configuration{ServerOptions()};
    const std::string why = TakeVariables({c.variable}, &configuration);
    EXPECT_TRUE(why.starts_with(c.why)) << why;
  }
}

TEST(Configuration, CertificatesAndKeysArePairsInTheirOrder) {
  Configuration configuration{ServerOptions()};
  EXPECT_EQ(configuration.TakeText("x.conf",
                                   "tls-key = 1.key\ntls-cert = 1.pem\n"
                                   "tls-cert = 2.pem\ntls-key = 2.key\n"),
            "");
  EXPECT_EQ(configuration.Finish(), "");
  const auto& pairs = configuration.options().tls.certificates;
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[1].certificate, "2.pem");
  EXPECT_EQ(pairs[1].key, "2.key");
  EXPECT_EQ(configuration.TakeFlag(OptionOf(configuration, "tls-cert"), {"3.pem"}), "");
  EXPECT_EQ(configuration.Finish(),
            "x.conf:1: tls-key: tls-cert and tls-key go together, for each certificate its key, in "
            "that order");
  EXPECT_EQ(configuration.TakeFlag(OptionOf(configuration, "tls-key"), {"3.key"}), "");
  EXPECT_EQ(configuration.Finish(), "");
  ASSERT_EQ(configuration.options().tls.certificates.size(), 1u);
  EXPECT_EQ(configuration.options().tls.certificates[0].certificate, "3.pem");
}

TEST(Configuration, AClientCaRequiresCertificatesUnlessToldOtherwise) {
  const std::string tls = "tls-cert = 1.pem\ntls-key = 1.key\n";
  Configuration required{ServerOptions()};
  EXPECT_EQ(required.TakeText("x.conf", tls + "tls-client-ca = ca.pem\n"), "");
  EXPECT_EQ(required.Finish(), "");
  EXPECT_EQ(required.options().tls.client_certificates, wire::ClientCertificates::kRequire);
  EXPECT_EQ(required.OriginOf("tls-client-certificates"), "x.conf:3");
  Configuration requested{ServerOptions()};
  EXPECT_EQ(requested.TakeText("x.conf", tls + "tls-client-ca = ca.pem\n"
                                               "tls-client-certificates = request\n"),
            "");
  EXPECT_EQ(requested.Finish(), "");
  EXPECT_EQ(requested.options().tls.client_certificates, wire::ClientCertificates::kRequest);
  Configuration without{ServerOptions()};
  EXPECT_EQ(without.TakeText("x.conf", tls + "tls-client-certificates = require\n"), "");
  ExpectIn(without.Finish(), "x.conf:3: tls-client-certificates needs tls-client-ca");
}

TEST(Configuration, WhatTlsRequiresOfClientsCleartextDoesNotUndo) {
  const std::string text =
      "tls-cert = 1.pem\ntls-key = 1.key\ntls-client-ca = ca.pem\ntls-allow-cleartext = true\n";
  Configuration implied{ServerOptions()};
  EXPECT_EQ(implied.TakeText("x.conf", text), "");
  EXPECT_TRUE(implied.Finish().starts_with(
      "x.conf:4: tls-allow-cleartext lets clients in without a certificate, and x.conf:3: "
      "tls-client-ca requires one: "))
      << implied.Finish();
  Configuration said{ServerOptions()};
  EXPECT_EQ(said.TakeText("x.conf", text), "");
  EXPECT_EQ(TakeVariables({"PENSTOCK_TLS_CLIENT_CERTIFICATES=require"}, &said), "");
  ExpectIn(said.Finish(), ", and PENSTOCK_TLS_CLIENT_CERTIFICATES requires one: ");
  Configuration requested{ServerOptions()};
  EXPECT_EQ(requested.TakeText("x.conf", text + "tls-client-certificates = request\n"), "");
  EXPECT_EQ(requested.Finish(), "");
}

// Who writes them believes that they do something.
TEST(Configuration, WhatWouldDoNothingIsRefused) {
  const struct {
    const char* text;
    const char* why;
  } cases[] = {
      {"tls-allow-cleartext = true\n",
       "x.conf:1: tls-allow-cleartext is for servers that speak TLS"},
      {"tls-cert = 1.pem\ntls-key = 1.key\ntls-client-ca = ca.pem\n"
       "tls-client-certificates = none\n",
       "x.conf:4: tls-client-certificates = none asks nobody for a certificate, and x.conf:3: "
       "tls-client-ca does nothing then"},
  };
  for (const auto& [text, why] : cases) {
    Configuration configuration{ServerOptions()};
    EXPECT_EQ(configuration.TakeText("x.conf", text), "");
    ExpectIn(configuration.Finish(), why);
  }
}

TEST(Configuration, WhatIsPrintedIsAFile) {
  Configuration configuration{ServerOptions()};
  EXPECT_EQ(configuration.TakeText("x.conf",
                                   "listen = 127.0.0.1:1\nlisten = unix:/x\ncpus = 0,2-3\n"
                                   "drain-delay = 50us\ndrain-grace = 59.123456789s\n"
                                   "connection-age-max = 1h\nmax-message-bytes = 1MiB\n"
                                   "channelz = off\ntls-cert = a\ntls-key = b\n"),
            "");
  const std::string printed = configuration.Print();
  ExpectIn(printed, "\nlisten = unix:/x                                # x.conf:1\n");
  ExpectIn(printed, "\ncpus = 0,2-3 ");
  ExpectIn(printed, "\nconnection-age-max = 1h ");
  ExpectIn(printed, "\nmax-message-bytes = 1MiB ");
  ExpectIn(printed, "\nchannelz = false ");
  ExpectIn(printed, "\nadmin =                                         # default\n");
  Configuration again{ServerOptions()};
  EXPECT_EQ(again.TakeText("printed", printed), "");
  for (const Option& option : again.table()) {
    EXPECT_EQ(option.show(again.options()), option.show(configuration.options())) << option.name;
  }
}

TEST(ReadConfigFile, SaysWhyNot) {
  std::string text;
  ExpectIn(ReadConfigFile("/no/such.conf", &text), "No such file or directory");
  ExpectIn(ReadConfigFile(testing::TempDir(), &text), "cannot read the file");
  const std::string path = testing::TempDir() + "/size.conf";
  std::ofstream(path) << std::string(kConfigFileBytesMax, '\n');
  EXPECT_EQ(ReadConfigFile(path, &text), "");
  EXPECT_EQ(text.size(), kConfigFileBytesMax);
  std::ofstream(path, std::ios::app) << "\n";
  ExpectIn(ReadConfigFile(path, &text), "it is longer than 1048576 octets; is it the right one?");
  std::ofstream(path) << "\x7f" << "ELF" << '\0';
  ExpectIn(ReadConfigFile(path, &text), "it is no text; is it the right one?");
}

}  // namespace
}  // namespace penstock::server
