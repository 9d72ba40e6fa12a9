// grpc.health.v1.Health of a server, as its clients see it.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>

#include "penstock/rpc/try.h"
#include "penstock/tests/builtin/builtin_fixture.h"

#include "grpc/health/v1/health.client.h"

namespace penstock::test {
namespace {

namespace health = grpc::health::v1;

using penstock::client::Download;
using penstock::client::Scope;

Task<void> CheckOnce(health::HealthClient client, Scope* scope, std::string service,
                     StatusOr<int>* answer) {
  health::HealthCheckRequest request;
  request.set_service(service);
  const StatusOr<health::HealthCheckResponse> response = co_await client.Check(*scope, request);
  if (response.ok()) {
    *answer = static_cast<int>(response->status());
  } else {
    *answer = response.status();
  }
}

Task<void> ListOnce(health::HealthClient client, Scope* scope, std::string* answer) {
  health::HealthListRequest request;
  const StatusOr<health::HealthListResponse> response = co_await client.List(*scope, request);
  if (!response.ok()) {
    *answer = "code " + std::to_string(static_cast<int>(response.status().code()));
    co_return;
  }
  std::map<std::string, int> sorted;
  for (const auto& [service, each] : response->statuses()) {
    sorted[std::string(service)] = static_cast<int>(each.status());
  }
  for (const auto& [service, status] : sorted) {
    *answer += service + "=" + std::to_string(status) + " ";
  }
}

class HealthTest : public BuiltinTest {
 protected:
  // 0 UNKNOWN, 1 SERVING, 2 NOT_SERVING.
  StatusOr<int> Check(std::string service) {
    StatusOr<int> answer;
    Scope scope(shard());
    Run(CheckOnce(health::HealthClient(channel()), &scope, std::move(service), &answer));
    return answer;
  }
  std::string List() {
    std::string answer;
    Scope scope(shard());
    Run(ListOnce(health::HealthClient(channel()), &scope, &answer));
    return answer;
  }
};

constexpr int kServing = static_cast<int>(HealthStatus::kServing);
constexpr int kNotServing = static_cast<int>(HealthStatus::kNotServing);
constexpr int kServiceUnknown = 3;

TEST_F(HealthTest, AServerServesAndSoDoItsServices) {
  StartServer();
  EXPECT_EQ(Check("").value(), kServing);
  EXPECT_EQ(Check("helloworld.Greeter").value(), kServing);
}

TEST_F(HealthTest, WhatIsSetBeforeTheStartStays) {
  MakeServer().health().Set("", HealthStatus::kNotServing);
  server().health().Set("helloworld.Greeter", HealthStatus::kUnknown);
  StartServer();
  EXPECT_EQ(Check("").value(), kNotServing);
  EXPECT_EQ(Check("helloworld.Greeter").value(), static_cast<int>(HealthStatus::kUnknown));
}

TEST_F(HealthTest, AServiceThatIsNotKnownIsNotFound) {
  StartServer();
  EXPECT_EQ(Check("helloworld.Gretter").status().code(), StatusCode::kNotFound);
  server().health().Set("helloworld.Gretter", HealthStatus::kServing);
  EXPECT_EQ(Check("helloworld.Gretter").value(), kServing);
}

TEST_F(HealthTest, AListHasEveryServiceUpToAHundred) {
  StartServer();
  server().health().Set("helloworld.Greeter", HealthStatus::kNotServing);
  EXPECT_EQ(List(), "=1 helloworld.Greeter=2 ");
  for (int i = 0; i < 98; ++i) {
    server().health().Set("s" + std::to_string(i), HealthStatus::kServing);
  }
  EXPECT_EQ(List().substr(0, 3), "=1 ");  // a hundred
  server().health().Set("one.More", HealthStatus::kServing);
  EXPECT_EQ(List(), "code 8");
}

TEST_F(HealthTest, AServerThatShutsDownServesNothingWhateverIsSet) {
  StartServer();
  server().health().Shutdown();
  server().health().Set("helloworld.Greeter", HealthStatus::kServing);
  EXPECT_EQ(Check("").value(), kNotServing);
  EXPECT_EQ(Check("helloworld.Greeter").value(), kNotServing);
  EXPECT_EQ(List(), "=2 helloworld.Greeter=2 ");
}

TEST_F(HealthTest, IsNotThereWhereItIsTurnedOff) {
  options_.health = false;
  StartServer();
  EXPECT_EQ(Check("").status().code(), StatusCode::kUnimplemented);
}

TEST_F(HealthTest, OneOfTheProgramsOwnTakesItsPlace) {
  MakeServer().registry().Handle(
      UnaryMethod<health::HealthCheckRequest, health::HealthCheckResponse>{
          "/grpc.health.v1.Health/Check"},
      [](Call&, const health::HealthCheckRequest&, health::HealthCheckResponse&) {
        return MakeStatus(StatusCode::kDataLoss, "mine");
      });
  StartServer();
  EXPECT_EQ(Check("").status().code(), StatusCode::kDataLoss);
}

// --- Watch

// What comes next: a status, or minus the code that the stream ended with.
Task<int> NextOf(Download<health::HealthCheckResponse>& watch) {
  const StatusOr<const health::HealthCheckResponse*> next = co_await watch.Next();
  if (!next.ok()) co_return -static_cast<int>(next.status().code());
  co_return *next == nullptr ? 0 : static_cast<int>((*next)->status());
}

// `service` is set from another thread, as an application would.
Task<void> WatchAService(health::HealthClient client, Scope* scope, Health* table) {
  health::HealthCheckRequest request;
  request.set_service("helloworld.Greeter");
  Download<health::HealthCheckResponse> watch = client.Watch(*scope, request);
  EXPECT_EQ(co_await NextOf(watch), kServing);  // at once
  std::thread([table] {
    table->Set("", HealthStatus::kNotServing);                   // another's, which
    table->Set("helloworld.Greeter", HealthStatus::kServing);    // as this, is no change
    table->Set("helloworld.Greeter", HealthStatus::kNotServing);
  }).join();
  EXPECT_EQ(co_await NextOf(watch), kNotServing);
  table->Set("helloworld.Greeter", HealthStatus::kServing);
  EXPECT_EQ(co_await NextOf(watch), kServing);
  table->Shutdown();
  EXPECT_EQ(co_await NextOf(watch), kNotServing);
  table->EndWatches();
  EXPECT_EQ(co_await NextOf(watch), -static_cast<int>(StatusCode::kUnavailable));
}

TEST_F(HealthTest, AWatchTellsAtOnceAndAtEachChange) {
  StartServer();
  Scope scope(shard());
  Run(WatchAService(health::HealthClient(channel()), &scope, &server().health()));
}

Task<void> WatchTheUnknown(health::HealthClient client, Scope* scope, Health* table) {
  health::HealthCheckRequest request;
  request.set_service("to.Come");
  Download<health::HealthCheckResponse> watch = client.Watch(*scope, request);
  EXPECT_EQ(co_await NextOf(watch), kServiceUnknown);
  table->Set("to.Come", HealthStatus::kServing);  // the stream has stayed open
  EXPECT_EQ(co_await NextOf(watch), kServing);
}

TEST_F(HealthTest, AWatchOfAServiceThatIsNotKnownStaysOpen) {
  StartServer();
  Scope scope(shard());
  Run(WatchTheUnknown(health::HealthClient(channel()), &scope, &server().health()));
}

// Which of two changes in a row are told is nobody's promise; that the latest is told is.
Task<void> WatchManyChanges(health::HealthClient client, Scope* scope, Health* table) {
  health::HealthCheckRequest request;
  Download<health::HealthCheckResponse> watch = client.Watch(*scope, request);
  EXPECT_EQ(co_await NextOf(watch), kServing);
  std::thread([table] {
    for (int i = 0; i < 5'000; ++i) {
      table->Set("", i % 2 == 0 ? HealthStatus::kNotServing : HealthStatus::kServing);
    }
    table->Set("", HealthStatus::kUnknown);
  }).join();
  int told = kServing;
  while (told != static_cast<int>(HealthStatus::kUnknown)) {
    const int next = co_await NextOf(watch);
    EXPECT_GE(next, 0);
    EXPECT_NE(next, told);
    told = next;
  }
}

TEST_F(HealthTest, AWatcherIsToldTheLatestHoweverManyChangesThereWere) {
  StartServer();
  Scope scope(shard());
  Run(WatchManyChanges(health::HealthClient(channel()), &scope, &server().health()));
}

}  // namespace
}  // namespace penstock::test
