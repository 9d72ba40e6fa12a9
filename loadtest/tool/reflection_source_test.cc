// Against servers whose reflection is strange; commands_test.cc has the usual ones.
#include "penstock/loadtest/tool/reflection_source.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/client/main_shard.h"
#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/tool/commands.h"
#include "penstock/rpc/try.h"
#include "penstock/server/server.h"

#include "grpc/reflection/v1/reflection.server.h"
#include "grpc/reflection/v1alpha/reflection.server.h"

namespace penstock::loadtest::tool {
namespace {

namespace v1 = grpc::reflection::v1;
namespace v1alpha = grpc::reflection::v1alpha;
using codec::reflection::DescriptorPool;

std::string Field(char tag, const std::string& content) {
  return std::string(1, tag) + static_cast<char>(content.size()) + content;
}

// A FileDescriptorProto.
std::string File(const std::string& path, const std::vector<std::string>& imports) {
  std::string octets = Field('\x0a', path);
  for (const std::string& import : imports) octets += Field('\x1a', import);
  return octets + Field('\x62', "proto3");
}

// Fills in the answer to a question.
template <typename Request, typename Response>
using Answer = std::function<void(const Request&, Response*)>;

// Ownership: `answer` outlives the server.
template <typename Request, typename Response>
Task<Status> Converse(const Answer<Request, Response>* answer, Reader<Request>& in,
                      Writer<Response>& out) {
  while (const Request* request = co_await Try(co_await in.Next())) {
    Response response;
    (*answer)(*request, &response);
    co_await Try(co_await out.Write(response));
  }
  co_return OkStatus();
}

class ReflectionSourceTest : public ::testing::Test {
 protected:
  ReflectionSourceTest() {
    ServerOptions options;
    options.listen = {"inproc:reflected"};
    options.shards = 1;
    options.reflection = false;
    server_ = std::make_unique<Server>(options);
  }
  ~ReflectionSourceTest() override { server_->Stop(); }

  template <typename Method, typename Request, typename Response>
  void Reflect(const Method& method, const Answer<Request, Response>* answer) {
    server_->registry().Handle(method,
                               [answer](Call&, Reader<Request>& in, Writer<Response>& out) {
                                 return Converse(answer, in, out);
                               });
  }
  Status Fetch(const std::string& symbol) {
    return WithSource([&](ReflectionSource& source, CallScope& scope) {
      return source.Fetch(scope, symbol, &pool_);
    });
  }
  Status List(std::vector<std::string>* names) {
    return WithSource([&](ReflectionSource& source, CallScope& scope) {
      return source.ListServices(scope, names);
    });
  }
  template <typename Function>
  Status WithSource(const Function& make_task) {
    EXPECT_TRUE(server_->Start().ok());
    client::MainShard main_shard;
    client::Channel channel(&main_shard.shard(), "inproc:reflected");
    ReflectionSource source(&channel, client::CallOptions());
    return main_shard.Run(make_task(source, main_shard.scope()));
  }

  std::unique_ptr<Server> server_;
  DescriptorPool pool_;
};

TEST_F(ReflectionSourceTest, FallsBackToTheOlderVersion) {
  const Answer<v1alpha::ServerReflectionRequest, v1alpha::ServerReflectionResponse> answer =
      [](const auto&, auto* response) {
        for (const char* name : {"b.B", "a.A"}) {
          response->mutable_list_services_response()->add_service()->set_name(name);
        }
      };
  Reflect(v1alpha::ServerReflection::ServerReflectionInfo, &answer);
  std::vector<std::string> names;
  EXPECT_TRUE(List(&names).ok());
  EXPECT_EQ(names, (std::vector<std::string>{"a.A", "b.B"}));
}

TEST_F(ReflectionSourceTest, AServerWithoutReflectionIsUnimplemented) {
  EXPECT_EQ(Fetch("a.A").code(), StatusCode::kUnimplemented);
}

using V1Answer = Answer<v1::ServerReflectionRequest, v1::ServerReflectionResponse>;

TEST_F(ReflectionSourceTest, ImportsThatWereNotSentAreAskedForOneByOne) {
  const V1Answer answer = [](const auto& request, auto* response) {
    const std::string path(request.file_by_filename());
    auto* sent = response->mutable_file_descriptor_response();
    if (path.empty()) {
      sent->add_file_descriptor_proto(File("a.proto", {"b.proto", "c.proto"}));
    } else {
      sent->add_file_descriptor_proto(
          File(path, path == "b.proto" ? std::vector<std::string>{"c.proto"}
                                       : std::vector<std::string>{}));
    }
  };
  Reflect(v1::ServerReflection::ServerReflectionInfo, &answer);
  const Status status = Fetch("a.A");
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(pool_.files().size(), 3u);
  EXPECT_NE(pool_.FindFile("a.proto"), nullptr);
}

TEST_F(ReflectionSourceTest, ImportsWithoutEndHaveALimit) {
  uint64_t files_count = 0;
  const V1Answer answer = [&files_count](const auto&, auto* response) {
    const std::string path = std::to_string(files_count++);
    response->mutable_file_descriptor_response()->add_file_descriptor_proto(
        File(path, {std::to_string(files_count)}));
  };
  Reflect(v1::ServerReflection::ServerReflectionInfo, &answer);
  EXPECT_EQ(Fetch("a.A").code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(files_count, kReflectedFilesMax + 1);
}

TEST_F(ReflectionSourceTest, StrangeAnswersAreAnErrorOfTheServer) {
  struct Case {
    const char* name;
    V1Answer answer;
    StatusCode want;
  };
  const Case cases[] = {
      {"another file than the import that was asked for",
       [](const auto&, auto* response) {
         response->mutable_file_descriptor_response()->add_file_descriptor_proto(
             File("a.proto", {"b.proto"}));
       },
       StatusCode::kInternal},
      {"no file",
       [](const auto&, auto* response) {
         response->mutable_file_descriptor_response()->add_file_descriptor_proto("\xff");
       },
       StatusCode::kInternal},
      {"an error that says OK",
       [](const auto&, auto* response) {
         response->mutable_error_response()->set_error_message("hm");
       },
       StatusCode::kUnknown},
      {"an error with a code that is none",
       [](const auto&, auto* response) { response->mutable_error_response()->set_error_code(-1); },
       StatusCode::kUnknown},
      {"an import that is not there",
       [](const auto& request, auto* response) {
         if (request.file_by_filename().empty()) {
           response->mutable_file_descriptor_response()->add_file_descriptor_proto(
               File("a.proto", {"b.proto"}));
         } else {
           response->mutable_error_response()->set_error_code(5);
         }
       },
       StatusCode::kFailedPrecondition},
      {"files that import each other",
       [](const auto&, auto* response) {
         auto* sent = response->mutable_file_descriptor_response();
         sent->add_file_descriptor_proto(File("a.proto", {"b.proto"}));
         sent->add_file_descriptor_proto(File("b.proto", {"a.proto"}));
       },
       StatusCode::kInternal},
  };
  V1Answer answer;
  Reflect(v1::ServerReflection::ServerReflectionInfo, &answer);
  ASSERT_TRUE(server_->Start().ok());
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    answer = each.answer;
    client::MainShard main_shard;
    client::Channel channel(&main_shard.shard(), "inproc:reflected");
    ReflectionSource source(&channel, client::CallOptions());
    DescriptorPool pool;
    EXPECT_EQ(main_shard.Run(source.Fetch(main_shard.scope(), "a.A", &pool)).code(), each.want);
  }
}

// A file with one service, which has no methods.
std::string FileOfService(const std::string& package, const std::string& service) {
  return Field('\x0a', service + ".proto") + Field('\x12', package) +
         Field('\x32', Field('\x0a', service)) + Field('\x62', "proto3");
}

int Describe(std::string target) {
  std::string name = "describe";
  char* arguments[] = {name.data(), target.data(), nullptr};
  return RunDescribe(2, arguments);
}

TEST_F(ReflectionSourceTest, DescribeEndsWithWhatTheServerFailedToSay) {
  struct Case {
    const char* name;
    std::map<std::string, int> codes;  // of the answers about each service; 0: its file
    int want;
  };
  const Case cases[] = {
      {"all is said", {{"a.A", 0}, {"a.B", 0}}, kExitOk},
      {"one is named and not described", {{"a.A", 5}, {"a.B", 0}}, kExitOk},
      {"none of those that are named is described", {{"a.A", 5}, {"a.B", 5}}, kExitErrors},
      {"one fails", {{"a.A", 13}, {"a.B", 0}}, kExitErrors},
      {"the last fails", {{"a.A", 0}, {"a.B", 13}}, kExitErrors},
      {"there is none", {}, kExitOk},
  };
  std::map<std::string, int> codes;
  const V1Answer answer = [&codes](const auto& request, auto* response) {
    if (!request.list_services().empty()) {
      auto* list = response->mutable_list_services_response();
      for (const auto& [name, code] : codes) list->add_service()->set_name(name);
      return;
    }
    const std::string name(request.file_containing_symbol());
    const auto found = codes.find(name);
    const int code = found == codes.end() ? 5 : found->second;
    if (code != 0) return response->mutable_error_response()->set_error_code(code);
    response->mutable_file_descriptor_response()->add_file_descriptor_proto(
        FileOfService("a", name.substr(2)));
  };
  Reflect(v1::ServerReflection::ServerReflectionInfo, &answer);
  ASSERT_TRUE(server_->Start().ok());
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    codes = each.codes;
    EXPECT_EQ(Describe("inproc:reflected"), each.want);
  }
}

}  // namespace
}  // namespace penstock::loadtest::tool
