// Creates, shows, changes, deletes and lists users; what is wrong is told field by field.
//
//     bazel run //examples/user_service:client -- create --name Ada --email ada@example.org
//     bazel run //examples/user_service:client -- update 1 --role admin
//     bazel run //examples/user_service:client -- list
#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>
#include <string>
#include <string_view>

#include "penstock/client/main_shard.h"
#include "penstock/examples/client_program/client_program.h"
#include "penstock/examples/user_service/error_text.h"

#include "examples/user_service/user_service.client.h"

namespace users {
namespace {

using penstock::CallScope;
using penstock::OkStatus;
using penstock::Status;
using penstock::Task;
using penstock::Try;
using penstock::examples::Printable;

constexpr char kProgram[] = "user_client";

struct Options;
using Command = Task<Status> (*)(CallScope& scope, const UserServiceClient& users,
                                 const Options& options);

struct Options {
  std::string server;
  Command command = nullptr;
  uint64_t id = 0;
  std::string name;
  std::string email;
  std::string role;
  std::string etag;
  bool has_name = false;
  bool has_email = false;
  std::string name_contains;
  int32_t page_size = 0;
  std::string page_token;
};

Role RoleOf(std::string_view text) {
  if (text == "member") return MEMBER;
  return text == "admin" ? ADMIN : ROLE_UNSPECIFIED;
}

void Print(const User& user) {
  std::printf("%" PRIu64 "  %s <%s>  %s  etag %s\n", user.id(), Printable(user.name()).c_str(),
              Printable(user.email()).c_str(), user.role() == ADMIN ? "admin" : "member",
              Printable(user.etag()).c_str());
}

// --- The commands. All that they are given outlives them.

Task<Status> Create(CallScope& scope, const UserServiceClient& users, const Options& options) {
  CreateUserRequest request;
  request.mutable_user()->set_name(options.name);
  request.mutable_user()->set_email(options.email);
  request.mutable_user()->set_role(RoleOf(options.role));
  Print(co_await Try(co_await users.CreateUser(scope, request)));
  co_return OkStatus();
}

Task<Status> Get(CallScope& scope, const UserServiceClient& users, const Options& options) {
  GetUserRequest request;
  request.set_id(options.id);
  Print(co_await Try(co_await users.GetUser(scope, request)));
  co_return OkStatus();
}

Task<Status> Update(CallScope& scope, const UserServiceClient& users, const Options& options) {
  UpdateUserRequest request;
  User& user = *request.mutable_user();
  user.set_id(options.id);
  user.set_etag(options.etag);
  user.set_name(options.name);
  user.set_email(options.email);
  user.set_role(RoleOf(options.role));
  if (options.has_name) request.mutable_update_mask()->add_paths("name");
  if (options.has_email) request.mutable_update_mask()->add_paths("email");
  if (!options.role.empty()) request.mutable_update_mask()->add_paths("role");
  Print(co_await Try(co_await users.UpdateUser(scope, request)));
  co_return OkStatus();
}

Task<Status> Delete(CallScope& scope, const UserServiceClient& users, const Options& options) {
  DeleteUserRequest request;
  request.set_id(options.id);
  request.set_etag(options.etag);
  co_await Try(co_await users.DeleteUser(scope, request));
  co_return OkStatus();
}

Task<Status> List(CallScope& scope, const UserServiceClient& users, const Options& options) {
  ListUsersRequest request;
  request.set_role(RoleOf(options.role));
  request.set_name_contains(options.name_contains);
  request.set_page_size(options.page_size);
  request.set_page_token(options.page_token);
  penstock::client::Download<ListedUser> list = users.ListUsers(scope, request);
  while (const ListedUser* listed = co_await Try(co_await list.Next())) {
    if (listed->has_user()) Print(listed->user());
    if (listed->has_next_page_token()) {
      std::printf("there are more: --page-token %s\n",
                  Printable(listed->next_page_token()).c_str());
    }
  }
  co_return OkStatus();
}

// --- The command line

CLI::App* AddCommand(CLI::App& app, Options* options, const char* name, const char* description,
                     Command command) {
  CLI::App* added = app.add_subcommand(name, description);
  added->callback([options, command] { options->command = command; });
  return added;
}

void AddId(CLI::App* command, Options* options) {
  command->add_option("ID", options->id, "which user")->required();
}

void AddRole(CLI::App* command, Options* options, const char* description) {
  command->add_option("--role", options->role, description)
      ->type_name("ROLE")
      ->check(CLI::IsMember({"member", "admin"}));
}

void AddEtag(CLI::App* command, Options* options) {
  command
      ->add_option("--etag", options->etag, "only if nobody has changed the user since it was this")
      ->type_name("ETAG");
}

void Declare(CLI::App& app, Options* options) {
  penstock::examples::AddServerFlag(app, &options->server);
  app.require_subcommand(1);
  app.fallthrough();

  CLI::App* create = AddCommand(app, options, "create", "creates a user", &Create);
  create->add_option("--name", options->name, "what it is called")->required();
  create->add_option("--email", options->email, "its address, which no other user has")->required();
  AddRole(create, options, "member or admin; a member if nothing is said");

  AddId(AddCommand(app, options, "get", "shows a user", &Get), options);

  CLI::App* update = AddCommand(app, options, "update", "changes what is said of a user", &Update);
  AddId(update, options);
  update->add_option_function<std::string>(
      "--name",
      [options](const std::string& name) {
        options->name = name;
        options->has_name = true;
      },
      "its new name");
  update->add_option_function<std::string>(
      "--email",
      [options](const std::string& email) {
        options->email = email;
        options->has_email = true;
      },
      "its new address");
  AddRole(update, options, "its new role");
  AddEtag(update, options);

  CLI::App* remove = AddCommand(app, options, "delete", "deletes a user", &Delete);
  AddId(remove, options);
  AddEtag(remove, options);

  CLI::App* list = AddCommand(app, options, "list", "lists users", &List);
  AddRole(list, options, "those with this role");
  list->add_option("--name-contains", options->name_contains, "those with this in their names")
      ->type_name("TEXT");
  list->add_option("--page-size", options->page_size, "so many at most")->type_name("N");
  list->add_option("--page-token", options->page_token, "what the page before has ended with")
      ->type_name("TOKEN");
}

int Main(int argc, char** argv) {
  CLI::App app{"Asks users.UserService.", kProgram};
  Options options;
  Declare(app, &options);
  if (const auto status = penstock::examples::ParseCommandLine(app, argc, argv)) return *status;

  penstock::client::MainShard main_shard;
  main_shard.CancelOnSignals();
  penstock::client::Channel channel(&main_shard.shard(), options.server);
  const UserServiceClient users(&channel);
  const Status status = main_shard.Run(options.command(main_shard.scope(), users, options));
  if (status.ok()) return penstock::examples::kExitOk;
  const int exit_status = penstock::examples::ReportFailure(kProgram, status);
  std::fputs(DescribeDetails(status).c_str(), stderr);
  return exit_status;
}

}  // namespace
}  // namespace users

int main(int argc, char** argv) { return users::Main(argc, argv); }
