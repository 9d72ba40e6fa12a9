// Server reflection, v1 and v1alpha, as tools use it.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "penstock/rpc/raw_message.h"
#include "penstock/rpc/try.h"
#include "penstock/tests/builtin/builtin_fixture.h"

#include "grpc/reflection/v1/reflection.client.h"
#include "grpc/reflection/v1alpha/reflection.client.h"
#include "tests/builtin/catalog.server.h"

namespace penstock::test {
namespace {

namespace v1 = grpc::reflection::v1;
namespace v1alpha = grpc::reflection::v1alpha;

using penstock::client::Scope;

struct Question {
  enum class Kind { kFile, kSymbol, kExtension, kNumbers, kServices, kNothing };
  Kind kind = Kind::kNothing;
  std::string text = "";
  int32_t number = 0;
};

template <typename Request>
void Write(const Question& question, Request* request) {
  request->set_host("here");
  switch (question.kind) {
    case Question::Kind::kFile:
      return request->set_file_by_filename(question.text);
    case Question::Kind::kSymbol:
      return request->set_file_containing_symbol(question.text);
    case Question::Kind::kExtension:
      request->mutable_file_containing_extension()->set_containing_type(question.text);
      return request->mutable_file_containing_extension()->set_extension_number(question.number);
    case Question::Kind::kNumbers:
      return request->set_all_extension_numbers_of_type(question.text);
    case Question::Kind::kServices:
      return request->set_list_services("");
    case Question::Kind::kNothing:
      return;
  }
}

// The paths of files, names, numbers, or the error, each behind a blank.
template <typename Response>
std::string Read(const Response& response) {
  std::string text;
  for (const std::string_view octets :
       response.file_descriptor_response().file_descriptor_proto()) {
    // FileDescriptorProto.name comes first: a tag, a length, the path.
    text += " " + std::string(octets.substr(2, static_cast<uint8_t>(octets[1])));
  }
  for (const auto& service : response.list_services_response().service()) {
    text += " " + std::string(service.name());
  }
  const auto& numbers = response.all_extension_numbers_response();
  if (!numbers.base_type_name().empty()) text += " " + std::string(numbers.base_type_name());
  for (const int32_t number : numbers.extension_number()) text += " " + std::to_string(number);
  if (response.has_error_response()) {
    text += " error " + std::to_string(response.error_response().error_code());
  }
  return text;
}

// One stream, which ends cleanly.
template <typename Request, typename Client>
Task<void> Ask(Client client, Scope* scope, const std::vector<Question>* questions,
               std::vector<std::string>* answers) {
  auto stream = client.ServerReflectionInfo(*scope);
  for (const Question& question : *questions) {
    Request request;
    Write(question, &request);
    const Status written = co_await stream.Write(request);
    EXPECT_TRUE(written.ok()) << written;
    const auto next = co_await stream.Next();
    EXPECT_TRUE(next.ok()) << next.status();
    if (!next.ok() || *next == nullptr) co_return;
    EXPECT_EQ((*next)->valid_host(), "here");
    EXPECT_EQ((*next)->original_request().SerializeAsString(), request.SerializeAsString());
    answers->push_back(Read(**next));
  }
  stream.CloseWrites();
  const auto end = co_await stream.Next();
  EXPECT_TRUE(end.ok() && *end == nullptr);
}

class ReflectionTest : public BuiltinTest {
 protected:
  void StartCatalog() {
    MakeServer().registry().Handle(
        Catalog::Find, [](Call&, const Entry_Note&, Entry&) { return OkStatus(); });
    server().registry().Handle(UnaryMethod<RawMessage, RawMessage>{"/by.Hand/Raw"},
                               [](Call&, const RawMessage&, RawMessage&) { return OkStatus(); });
    StartServer();
  }

  std::vector<std::string> AskV1(const std::vector<Question>& questions) {
    Scope scope(shard());
    std::vector<std::string> answers;
    Run(Ask<v1::ServerReflectionRequest>(v1::ServerReflectionClient(channel()), &scope, &questions,
                                         &answers));
    return answers;
  }
  std::vector<std::string> AskV1Alpha(const std::vector<Question>& questions) {
    Scope scope(shard());
    std::vector<std::string> answers;
    Run(Ask<v1alpha::ServerReflectionRequest>(v1alpha::ServerReflectionClient(channel()), &scope,
                                              &questions, &answers));
    return answers;
  }
  std::string AskBoth(const Question& question) {
    const std::vector<std::string> answers = AskV1({question});
    EXPECT_EQ(AskV1Alpha({question}), answers);
    return answers.empty() ? "nothing" : answers.front();
  }
};

using Kind = Question::Kind;

constexpr char kCatalogAndImports[] =
    " tests/builtin/catalog.proto google/protobuf/timestamp.proto tests/builtin/goods.proto";

TEST_F(ReflectionTest, ListsEveryServiceThatIsServed) {
  StartCatalog();
  const std::string services = AskBoth({Kind::kServices});
  EXPECT_EQ(services.find("Warehouse"), std::string::npos);
  for (const char* each : {" by.Hand", " grpc.health.v1.Health", " helloworld.Greeter",
                           " grpc.reflection.v1.ServerReflection", " penstock.test.Catalog",
                           " grpc.reflection.v1alpha.ServerReflection"}) {
    EXPECT_NE(services.find(each), std::string::npos) << each << " in" << services;
  }
}

TEST_F(ReflectionTest, FindsTheFileOfWhateverHasAName) {
  StartCatalog();
  for (const char* symbol :
       {"penstock.test.Catalog", "penstock.test.Catalog.Find", "penstock.test.Entry",
        "penstock.test.Entry.Note", "penstock.test.Entry.Kind", "penstock.test.Entry.BOOK",
        "penstock.test.Entry.Note.text", "penstock.test.colour", "penstock.test.Scope.weight"}) {
    EXPECT_EQ(AskBoth({Kind::kSymbol, symbol}), kCatalogAndImports) << symbol;
  }
  EXPECT_EQ(AskBoth({Kind::kFile, "tests/builtin/catalog.proto"}), kCatalogAndImports);
  EXPECT_EQ(AskBoth({Kind::kExtension, "penstock.test.Entry", 110}), kCatalogAndImports);
  EXPECT_EQ(AskBoth({Kind::kNumbers, "penstock.test.Entry"}), " penstock.test.Entry 110 120");
  EXPECT_EQ(AskBoth({Kind::kNumbers, "penstock.test.Goods"}), " penstock.test.Goods");
  EXPECT_EQ(AskBoth({Kind::kSymbol, "grpc.health.v1.Health"}), " grpc/health/v1/health.proto");
}

TEST_F(ReflectionTest, WhatIsNotFoundIsSaidAndTheStreamGoesOn) {
  StartCatalog();
  const std::vector<Question> questions = {
      {Kind::kSymbol, "penstock.test.Nothing"},
      {Kind::kSymbol, "penstock.test"},  // a package is of many files
      {Kind::kSymbol, ""},
      {Kind::kSymbol, "by.Hand"},
      {Kind::kFile, "tests/builtin/nothing.proto"},
      {Kind::kExtension, "penstock.test.Entry", 111},
      {Kind::kExtension, "penstock.test.Entry", -1},
      {Kind::kExtension, "penstock.test.Nothing", 110},
      {Kind::kNumbers, "penstock.test.Catalog"},
      {Kind::kNothing},
      {Kind::kSymbol, "penstock.test.Goods"}};
  std::vector<std::string> wanted(9, " error 5");
  wanted.emplace_back(" error 3");
  wanted.emplace_back(" tests/builtin/goods.proto");
  EXPECT_EQ(AskV1(questions), wanted);
  EXPECT_EQ(AskV1Alpha(questions), wanted);
}

TEST_F(ReflectionTest, ImportsAreSentOnceOnAStreamAndWhatIsAskedForAlways) {
  StartCatalog();
  const std::vector<std::string> answers =
      AskV1({{Kind::kSymbol, "penstock.test.Goods"},
             {Kind::kSymbol, "penstock.test.Catalog"},
             {Kind::kSymbol, "penstock.test.Catalog"}});
  const std::vector<std::string> wanted = {
      " tests/builtin/goods.proto",
      " tests/builtin/catalog.proto google/protobuf/timestamp.proto",
      " tests/builtin/catalog.proto"};
  EXPECT_EQ(answers, wanted);
}

// Asks, has the server drain once it is answered, and stays.
template <typename Request, typename Client>
Task<void> Linger(Client client, Scope* scope, std::function<void()> drain, Status* end) {
  auto stream = client.ServerReflectionInfo(*scope);
  Request request;
  Write({Kind::kServices}, &request);
  const Status written = co_await stream.Write(request);
  EXPECT_TRUE(written.ok()) << written;
  const auto first = co_await stream.Next();
  EXPECT_TRUE(first.ok()) << first.status();
  drain();
  const auto second = co_await stream.Next();
  *end = second.status();
}

TEST_F(ReflectionTest, AStreamThatRestsDoesNotHoldUpTheEndOfTheServer) {
  for (const bool is_older : {false, true}) {
    SCOPED_TRACE(is_older ? "v1alpha" : "v1");
    MakeServer();
    StartServer();
    Scope scope(shard());
    Status end;
    std::atomic<bool> has_drained = false;
    std::thread drain;
    std::function<void()> begin = [&] {
      drain = std::thread([&] {
        server().Drain(3'600 * kNsPerSecond);
        has_drained = true;
      });
    };
    if (is_older) {
      Run(Linger<v1alpha::ServerReflectionRequest>(v1alpha::ServerReflectionClient(channel()),
                                                   &scope, begin, &end));
    } else {
      Run(Linger<v1::ServerReflectionRequest>(v1::ServerReflectionClient(channel()), &scope,
                                              begin, &end));
    }
    while (!has_drained) shard()->Turn(kNsPerMs);
    drain.join();
    EXPECT_EQ(end.code(), StatusCode::kUnavailable) << end;
    EXPECT_EQ(MessageOf(end), "the server is shutting down");
  }
}

TEST_F(ReflectionTest, IsNotThereWhereItIsTurnedOff) {
  options_.reflection = false;
  StartCatalog();
  EXPECT_EQ(server().registry().Find("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
            nullptr);
  EXPECT_EQ(
      server().registry().Find("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"),
      nullptr);
}

}  // namespace
}  // namespace penstock::test
