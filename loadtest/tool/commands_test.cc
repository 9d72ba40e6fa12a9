// The subcommands from outside, against the example servers.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "penstock/loadtest/child_process.h"
#include "penstock/wire/testing/certificates.h"

namespace penstock::loadtest {
namespace {

constexpr char kProgram[] = "loadtest/penstock-load";

class Commands : public ::testing::Test {
 protected:
  std::string Start(const std::string& example, const std::vector<std::string>& flags = {}) {
    std::vector<std::string> arguments = {"examples/" + example + "/server", "--listen",
                                          "127.0.0.1:0", "--shards", "1"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return TakeAddress(servers_.emplace_back(std::move(arguments)));
  }

  // What the program prints, and with what it must end.
  static std::string Run(std::vector<std::string> arguments, int want_exit,
                         const std::string& input = "") {
    arguments.insert(arguments.begin(), kProgram);
    ChildProcess program(arguments, input);
    const std::string output = program.ReadAll();
    EXPECT_EQ(program.Wait(), want_exit) << output;
    return output;
  }

 private:
  std::list<ChildProcess> servers_;
};

void ExpectSays(const std::string& output, const std::string& want) {
  EXPECT_NE(output.find(want), std::string::npos) << output;
}

constexpr char kSayHello[] = "helloworld.Greeter/SayHello";

TEST_F(Commands, LsNamesTheServicesAndTheMethodsOfOne) {
  const std::string target = Start("route_guide");
  const std::string services = Run({"ls", target}, 0);
  ExpectSays(services, "grpc.health.v1.Health\n");
  ExpectSays(services, "routeguide.RouteGuide\n");
  EXPECT_EQ(Run({"ls", target, "routeguide.RouteGuide"}, 0),
            "routeguide.RouteGuide/GetFeature\nrouteguide.RouteGuide/ListFeatures\n"
            "routeguide.RouteGuide/RecordRoute\nrouteguide.RouteGuide/RouteChat\n");
}

TEST_F(Commands, DescribePrintsTheTextOfAProto) {
  const std::string target = Start("helloworld");
  const std::string path = "// examples/helloworld/helloworld.proto\n";
  EXPECT_EQ(Run({"describe", target, "helloworld.HelloRequest"}, 0),
            path + "message HelloRequest {\n  string name = 1;\n}\n");
  EXPECT_EQ(Run({"describe", target, ".helloworld.HelloRequest"}, 0),
            path + "message HelloRequest {\n  string name = 1;\n}\n")
      << "as protoc writes whole names";
  EXPECT_EQ(Run({"describe", target, kSayHello}, 0),
            path + "rpc SayHello(helloworld.HelloRequest) returns (helloworld.HelloReply);\n");
  ExpectSays(Run({"describe", target}, 0), path + "service Greeter {\n");
}

TEST_F(Commands, CallMakesCallsOfAllFourKinds) {
  const std::string target = Start("route_guide");
  const std::string service = "routeguide.RouteGuide/";
  ExpectSays(Run({"call", target, service + "GetFeature", "-d",
                  R"({"latitude": 460810000, "longitude": 74040000})"},
                 0),
             "\"name\": \"Grande Dixence, the wall\"");
  ExpectSays(Run({"call", target, service + "ListFeatures", "-d",
                  R"({"lo": {"latitude": -900000000, "longitude": -1800000000},)"
                  R"( "hi": {"latitude": 900000000, "longitude": 1800000000}})"},
                 0),
             "}\n{\n");
  ExpectSays(Run({"call", target, service + "RecordRoute", "-d", "@-"}, 0,
                 R"({"latitude": 1} {"latitude": 2} {"latitude": 3})"),
             "\"pointCount\": 3");
  const std::string notes = R"({"location": {"latitude": 7}, "message": "first"}
                               {"location": {"latitude": 7}, "message": "second"})";
  EXPECT_EQ(Run({"call", target, service + "RouteChat", "-d", notes}, 0),
            "{\n  \"location\": {\n    \"latitude\": 7\n  },\n  \"message\": \"first\"\n}\n");
}

TEST_F(Commands, CallSaysHowACallEndedWithItsDetails) {
  const std::string target = Start("user_service");
  const std::string output =
      Run({"call", target, "users.UserService/GetUser", "-d", R"({"id": 7})"}, 1);
  ExpectSays(output, "penstock-load call: users.UserService/GetUser: NOT_FOUND: ");
  ExpectSays(output, "\n  google.rpc.ResourceInfo {");
}

TEST_F(Commands, CallShowsMetadataWhenItIsAsked) {
  const std::string output =
      Run({"call", Start("helloworld"), kSayHello, "-v", "-H", "X-User: 7", "-H",
           "x-key-bin: AAEC", "--deadline", "30s", "-d", R"({"name": "world"})"},
          0);
  ExpectSays(output, "> x-user: 7\n> x-key-bin: AAEC\n");
  ExpectSays(output, "\n< server: penstock");
  ExpectSays(output, "\"message\": \"Hello world\"");
}

TEST_F(Commands, SayWhatIsWrongAndWhatWasMeant) {
  const std::string target = Start("helloworld");
  const struct {
    std::vector<std::string> arguments;
    std::string want;
  } kCases[] = {
      {{"ls", target, "helloworld.Gretter"},
       "'helloworld.Gretter' is not in " + target + "; did you mean helloworld.Greeter?"},
      {{"describe", target, "shop.Cart"}, "which has the services grpc."},
      {{"call", target, "helloworld.Greeter/SayHalo"},
       "has no method 'SayHalo'; did you mean helloworld.Greeter/SayHello?"},
      {{"call", target, "SayHello"}, "'SayHello' is no method: write PKG.SERVICE/METHOD"},
      {{"call", target, kSayHello, "-d", R"({"nam": 1})"},
       "the message is no helloworld.HelloRequest: 1:2: "},
      {{"call", target, kSayHello, "-d", "{} {}"}, "takes one message, and 2 are given"},
      {{"call", target, kSayHello, "-d", "@/nonexistent/file"}, "cannot be read: No such file"},
      {{"call", target, kSayHello, "-d", "@/"}, "cannot be read: Is a directory"},
      {{"call", target, kSayHello, "--deadline", "soon"}, "--deadline 'soon' is not "},
      {{"call", target, kSayHello, "-H", "grpc-x: 1"}, "-H 'grpc-x: 1' cannot be sent: grpc-x "},
      {{"call", target, kSayHello, "-H", "x-bin: ?"}, "is written in base64"},
      {{"call", target, kSayHello, "--data-"}, "did you mean --data?"},
      {{"call", target}, "the method is missing"},
      {{"ls"}, "TARGET is missing"},
      {{"ls", "--cert", "x.pem", target}, "add --key"},
      {{"ls", "--proto", "/nonexistent.proto"}, "/nonexistent.proto"},
  };
  for (const auto& each : kCases) ExpectSays(Run(each.arguments, 64), each.want);
}

TEST_F(Commands, AServerWithoutReflectionNeedsASchemaAndTakesOne) {
  const std::string target = Start("helloworld", {"--no-reflection"});
  for (const char* command : {"ls", "describe"}) {
    ExpectSays(Run({command, target}, 1), "has no reflection");
  }
  const std::string proto = std::string(std::getenv("TEST_TMPDIR")) + "/hello.proto";
  std::ofstream(proto) << "syntax = \"proto3\";\npackage helloworld;\n"
                          "message Hello { string name = 1; }\n"
                          "message Reply { string message = 1; }\n"
                          "// Greets.\n"
                          "service Greeter { rpc SayHello(Hello) returns (Reply); }\n";
  EXPECT_EQ(Run({"ls", "--proto", proto}, 0), "helloworld.Greeter\n");
  EXPECT_EQ(Run({"ls", "--proto", proto, "helloworld.Greeter"}, 0), std::string(kSayHello) + "\n");
  ExpectSays(Run({"describe", "--proto", proto, "helloworld.Greeter"}, 0),
             "\n// Greets.\nservice Greeter {\n");
  ExpectSays(Run({"describe", "--proto", proto, "hello.proto"}, 0), "syntax = \"proto3\";\n");
  ExpectSays(Run({"call", "--proto", proto, target, kSayHello, "-d", R"({"name": "you"})"}, 0),
             "\"message\": \"Hello you\"");
}

TEST_F(Commands, TheLoadAsksTheServerHowItsJsonIsSent) {
  const std::string target = Start("helloworld");
  for (const char* json : {R"({"name": "you"})", R"({"name": "{{uuid}} {{seq}} {{rand 1 9}}"})"}) {
    ExpectSays(Run({"--method", kSayHello, "-n", "10", "-d", json, target}, 0),
               "OK 10   errors 0");
  }
  ExpectSays(Run({"--method", "helloworld.Greeter/SayHelo", "-d", "{}", target}, 64),
             "did you mean helloworld.Greeter/SayHello?");
  ExpectSays(Run({"--method", kSayHello, "-d", "{\"nam\": 1}", target}, 64), "--data is no ");
  ExpectSays(Run({"--method", kSayHello, "-d", "{}", "unix:/nonexistent/nobody.sock"}, 2),
             "cannot connect to ");
}

TEST_F(Commands, SpeakTls) {
  const wire::TestAuthority ca("test CA");
  const wire::CertificateFolder folder;
  const wire::TlsFiles server = folder.Write("server", ca.Issue({}));
  const std::string target =
      Start("helloworld", {"--tls-cert", server.certificate, "--tls-key", server.key});
  const std::string ca_file = folder.WriteFile("ca.pem", ca.pem());
  ExpectSays(Run({"call", target, kSayHello, "--cacert", ca_file}, 0), "\"message\": ");
  ExpectSays(Run({"ls", target}, 2), "is it a gRPC server, without TLS?");
}

TEST_F(Commands, EndWithTwoWithoutAConnection) {
  const std::string target = "unix:/nonexistent/nobody.sock";
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"ls", target}, {"describe", target, "a.B"}, {"call", target, "a.B/C"}}) {
    ExpectSays(Run(arguments, 2), "cannot connect to " + target);
  }
}

TEST_F(Commands, EachHasAHelp) {
  for (const char* command : {"ls", "describe", "call"}) {
    const std::string output = Run({command, "--help"}, 0);
    ExpectSays(output, std::string("penstock-load ") + command + ":");
    ExpectSays(output, "Exit status:");
  }
}

}  // namespace
}  // namespace penstock::loadtest
