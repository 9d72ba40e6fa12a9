// The users, asked by real clients: what they answer, and the details of what they refuse.
#include "penstock/examples/user_service/users.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "penstock/client/main_shard.h"
#include "penstock/examples/user_service/error_text.h"
#include "penstock/examples/user_service/user_errors.h"
#include "penstock/rpc/status_details.h"
#include "penstock/server/server.h"

#include "examples/user_service/user_service.client.h"

namespace users {
namespace {

using penstock::CallScope;
using penstock::DetailOf;
using penstock::OkStatus;
using penstock::Status;
using penstock::StatusCode;
using penstock::StatusOr;
using penstock::Task;
using penstock::Try;
using penstock::client::BlockingChannel;

class UsersTest : public ::testing::Test {
 protected:
  static constexpr size_t kUsersMax = 300;

  void SetUp() override {
    server_.Add<Users>(kUsersMax);
    const Status status = server_.Start();
    ASSERT_TRUE(status.ok()) << status;
    channel_ = std::make_unique<BlockingChannel>(address());
  }
  static penstock::ServerOptions TwoShards() {
    penstock::ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    options.shards = 2;
    return options;
  }
  const std::string& address() const { return server_.addresses().front(); }
  UserServiceBlockingClient users() const { return UserServiceBlockingClient(channel_.get()); }

  StatusOr<User> Create(std::string_view name, std::string_view email,
                        Role role = ROLE_UNSPECIFIED) const {
    CreateUserRequest request;
    request.mutable_user()->set_name(name);
    request.mutable_user()->set_email(email);
    request.mutable_user()->set_role(role);
    return users().CreateUser(request);
  }
  StatusOr<User> Get(uint64_t id) const {
    GetUserRequest request;
    request.set_id(id);
    return users().GetUser(request);
  }
  StatusOr<User> Update(const User& user, const std::vector<const char*>& paths) const {
    UpdateUserRequest request;
    *request.mutable_user() = user;
    for (const char* path : paths) request.mutable_update_mask()->add_paths(path);
    return users().UpdateUser(request);
  }
  Status Delete(uint64_t id, std::string_view etag = "") const {
    DeleteUserRequest request;
    request.set_id(id);
    request.set_etag(etag);
    return users().DeleteUser(request).status();
  }

  penstock::Server server_{TwoShards()};
  std::unique_ptr<BlockingChannel> channel_;
};

// The fields that a BadRequest names.
std::vector<std::string> FieldsOf(const Status& status) {
  std::vector<std::string> fields;
  const auto bad = DetailOf<google::rpc::BadRequest>(status);
  if (!bad.has_value()) return fields;
  for (const auto& each : bad->field_violations()) fields.emplace_back(each.field());
  return fields;
}

TEST_F(UsersTest, AUserIsFoundAsItWasCreated) {
  const StatusOr<User> ada = Create("Ada", "ada@example.org", ADMIN);
  ASSERT_TRUE(ada.ok()) << ada.status();
  const StatusOr<User> found = Get(ada->id());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->name(), "Ada");
  EXPECT_EQ(found->email(), "ada@example.org");
  EXPECT_EQ(found->role(), ADMIN);
  EXPECT_EQ(found->etag(), ada->etag());
  EXPECT_EQ(Create("Bob", "bob@example.org")->role(), MEMBER);
}

TEST_F(UsersTest, AllThatIsWrongWithAUserIsNamed) {
  using Fields = std::vector<std::string>;
  const struct {
    std::string name;
    std::string email;
    int role;
    Fields wrong;
  } cases[] = {
      {"", "", MEMBER, {"user.name", "user.email"}},
      {"", "ada@example.org", MEMBER, {"user.name"}},
      {std::string(101, 'x'), "ada@example.org", MEMBER, {"user.name"}},
      {"a\nb", "ada@example.org", MEMBER, {"user.name"}},
      {"Ada", "ada", MEMBER, {"user.email"}},
      {"Ada", "@example.org", MEMBER, {"user.email"}},
      {"Ada", "ada@", MEMBER, {"user.email"}},
      {"Ada", "ada@example", MEMBER, {"user.email"}},
      {"Ada", "ada@.org", MEMBER, {"user.email"}},
      {"Ada", "ada@example.", MEMBER, {"user.email"}},
      {"Ada", "a@b@example.org", MEMBER, {"user.email"}},
      {"Ada", "a da@example.org", MEMBER, {"user.email"}},
      {"Ada", std::string(250, 'x') + "@example.org", MEMBER, {"user.email"}},
      {"Ada", "ada@example.org", 7, {"user.role"}},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name + " <" + each.email + ">");
    const Status status = Create(each.name, each.email, static_cast<Role>(each.role)).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(FieldsOf(status), each.wrong);
  }
}

TEST_F(UsersTest, AnAddressIsOneUsersWhateverItsCase) {
  const StatusOr<User> ada = Create("Ada", "ada@example.org");
  const StatusOr<User> bob = Create("Bob", "bob@example.org");
  ASSERT_TRUE(ada.ok() && bob.ok());
  const Status taken = Create("Eve", "ADA@example.org").status();
  EXPECT_EQ(taken.code(), StatusCode::kAlreadyExists);
  const auto resource = DetailOf<google::rpc::ResourceInfo>(taken);
  ASSERT_TRUE(resource.has_value());
  EXPECT_EQ(resource->resource_type(), "users.User");
  EXPECT_EQ(resource->resource_name(), std::to_string(ada->id()));

  User changed = *bob;
  changed.set_email("Ada@Example.org");
  EXPECT_EQ(Update(changed, {"email"}).status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(Get(bob->id())->email(), "bob@example.org") << "nothing has changed";
  EXPECT_EQ(Delete(ada->id()), OkStatus());
  EXPECT_EQ(Update(changed, {"email"}).status(), OkStatus());
  EXPECT_EQ(Create("Bob again", "bob@example.org").status(), OkStatus());
}

TEST_F(UsersTest, AnUpdateChangesWhatItsMaskNames) {
  const StatusOr<User> ada = Create("Ada", "ada@example.org");
  ASSERT_TRUE(ada.ok());
  User changed = *ada;
  changed.set_name("Countess");
  changed.set_email("not looked at");
  changed.set_role(ADMIN);
  const StatusOr<User> updated = Update(changed, {"name", "role"});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->name(), "Countess");
  EXPECT_EQ(updated->email(), "ada@example.org");
  EXPECT_EQ(updated->role(), ADMIN);
  EXPECT_NE(updated->etag(), ada->etag());
  using Fields = std::vector<std::string>;
  EXPECT_EQ(FieldsOf(Update(changed, {}).status()), Fields{"update_mask"});
  EXPECT_EQ(FieldsOf(Update(changed, {"id", "email"}).status()),
            (Fields{"update_mask", "user.email"}));
}

TEST_F(UsersTest, AChangeOfWhatHasChangedIsAborted) {
  const StatusOr<User> ada = Create("Ada", "ada@example.org");
  ASSERT_TRUE(ada.ok());
  const StatusOr<User> updated = Update(*ada, {"name"});
  ASSERT_TRUE(updated.ok());
  for (const Status& late : {Update(*ada, {"name"}).status(), Delete(ada->id(), ada->etag())}) {
    EXPECT_EQ(late.code(), StatusCode::kAborted);
    const auto why = DetailOf<google::rpc::ErrorInfo>(late);
    ASSERT_TRUE(why.has_value());
    EXPECT_EQ(why->reason(), kEtagMismatch);
    EXPECT_EQ(why->domain(), kErrorDomain);
    EXPECT_EQ(DescribeDetails(late),
              "  ETAG_MISMATCH of users.example: etag is " + std::string(updated->etag()) + "\n");
  }
  EXPECT_EQ(Delete(ada->id(), updated->etag()), OkStatus());
}

TEST_F(UsersTest, AUserThatIsNotThereIsNotFound) {
  User nobody;
  nobody.set_id(7);
  nobody.set_name("Nobody");
  const Status all[] = {Get(7).status(), Update(nobody, {"name"}).status(), Delete(7)};
  for (const Status& status : all) {
    EXPECT_EQ(status.code(), StatusCode::kNotFound);
    EXPECT_EQ(DescribeDetails(status), "  users.User 7: never created, or deleted\n");
  }
}

TEST_F(UsersTest, ThereIsRoomForSoManyUsers) {
  for (size_t i = 0; i < kUsersMax; ++i) {
    ASSERT_TRUE(Create("x", std::to_string(i) + "@example.org").ok());
  }
  const Status status = Create("x", "x@example.org").status();
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(DescribeDetails(status), "  users.User: 300 users are the most\n");
}

// Each thread reads a number, and writes the next one if nobody has meanwhile.
TEST_F(UsersTest, ChangesThatMeetOnDifferentShardsAreNotLost) {
  constexpr int kThreadsCount = 4;
  constexpr int kChangesCount = 25;
  const StatusOr<User> counter = Create("0", "counter@example.org");
  ASSERT_TRUE(counter.ok());
  const uint64_t id = counter->id();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreadsCount; ++thread) {
    threads.emplace_back([this, id] {
      BlockingChannel channel(address());  // on the shard with the fewest
      const UserServiceBlockingClient users(&channel);
      GetUserRequest get;
      get.set_id(id);
      UpdateUserRequest update;
      update.mutable_update_mask()->add_paths("name");
      for (int changes = 0; changes < kChangesCount;) {
        const StatusOr<User> read = users.GetUser(get);
        ASSERT_TRUE(read.ok()) << read.status();
        *update.mutable_user() = *read;
        update.mutable_user()->set_name(std::to_string(std::stoi(std::string(read->name())) + 1));
        const Status status = users.UpdateUser(update).status();
        if (status.ok()) ++changes;
        ASSERT_TRUE(status.ok() || status.code() == StatusCode::kAborted) << status;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Get(id)->name(), std::to_string(kThreadsCount * kChangesCount));
}

// --- Lists

// The names of a page, joined by blanks; what outlives the task is given by pointer.
Task<Status> ReadPage(CallScope& scope, const UserServiceClient& users,
                      const ListUsersRequest& request, std::string* names, std::string* token) {
  auto list = users.ListUsers(scope, request);
  while (const ListedUser* listed = co_await Try(co_await list.Next())) {
    if (listed->has_user()) {
      names->append(names->empty() ? "" : " ").append(listed->user().name());
    } else {
      *token = listed->next_page_token();
    }
  }
  co_return OkStatus();
}

class ListTest : public UsersTest {
 protected:
  // What is said of wrong requests is in `status_`.
  std::string List(ListUsersRequest request, std::string_view page_token = "") {
    request.set_page_token(page_token);
    std::string names;
    token_.clear();
    penstock::client::MainShard main_shard;
    penstock::client::Channel channel(&main_shard.shard(), address());
    const UserServiceClient users(&channel);
    status_ = main_shard.Run(ReadPage(main_shard.scope(), users, request, &names, &token_));
    return names;
  }

  Status status_;
  std::string token_;
};

TEST_F(ListTest, PagesFollowEachOther) {
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    ASSERT_TRUE(Create(name, std::string(name) + "@example.org").ok());
  }
  ListUsersRequest request;
  EXPECT_EQ(List(request), "a b c d e");
  EXPECT_EQ(token_, "");
  request.set_page_size(2);
  EXPECT_EQ(List(request), "a b");
  EXPECT_EQ(Delete(1), OkStatus());
  EXPECT_EQ(Delete(3), OkStatus());
  EXPECT_EQ(List(request, token_), "d e");
  EXPECT_EQ(token_, "");
}

TEST_F(ListTest, TellsThoseThatAreMeantFromTheOthers) {
  for (int i = 0; i < 150; ++i) {
    const std::string name = (i % 50 == 49 ? "Ada" : "Bob") + std::to_string(i);
    const Role role = i == 49 ? ADMIN : MEMBER;
    ASSERT_TRUE(Create(name, name + "@example.org", role).ok());
  }
  ListUsersRequest request;
  request.set_name_contains("Ada");
  EXPECT_EQ(List(request), "Ada49 Ada99 Ada149");
  request.set_page_size(1);
  EXPECT_EQ(List(request), "Ada49");
  EXPECT_EQ(List(request, token_), "Ada99");
  EXPECT_EQ(List(request, token_), "Ada149");
  EXPECT_EQ(token_, "");
  request.set_role(ADMIN);
  EXPECT_EQ(List(request), "Ada49");
  EXPECT_EQ(token_, "");
}

TEST_F(ListTest, WhatIsNoPageIsRefused) {
  using Fields = std::vector<std::string>;
  const struct {
    int32_t page_size;
    const char* token;
    Fields wrong;
  } cases[] = {
      {-1, "", {"page_size"}},
      {Users::kPageSizeMax + 1, "", {"page_size"}},
      {0, "x", {"page_token"}},
      {0, "1x", {"page_token"}},
      {-1, "-1", {"page_size", "page_token"}},
      {Users::kPageSizeMax, "1", {}},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.token);
    ListUsersRequest request;
    request.set_page_size(each.page_size);
    List(request, each.token);
    EXPECT_EQ(FieldsOf(status_), each.wrong);
    EXPECT_EQ(status_.ok(), each.wrong.empty());
  }
}

}  // namespace
}  // namespace users
