#include "penstock/examples/user_service/users.h"

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/examples/user_service/user_errors.h"
#include "penstock/rpc/call_wait.h"

namespace users {
namespace {

using penstock::Call;
using penstock::OkStatus;
using penstock::Status;
using penstock::Task;
using penstock::Try;
using penstock::Writer;

// What an update changes.
struct Mask {
  bool name = false;
  bool email = false;
  bool role = false;
};

Mask MaskOf(const UpdateUserRequest& request, Violations* violations) {
  Mask mask;
  for (const std::string_view path : request.update_mask().paths()) {
    if (path == "name") {
      mask.name = true;
    } else if (path == "email") {
      mask.email = true;
    } else if (path == "role") {
      mask.role = true;
    } else {
      violations->Add("update_mask", "\"" + std::string(path) +
                                         "\" is no field that can be changed; name, email and "
                                         "role are");
    }
  }
  if (request.update_mask().paths().empty()) {
    violations->Add("update_mask", "must name what is to be changed: name, email, role");
  }
  return mask;
}

// A token is the id of the last user of the page before. False for what is none.
bool TakePageToken(std::string_view token, uint64_t* after_id) {
  if (token.empty()) return true;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), *after_id);
  return error == std::errc() && end == token.data() + token.size();
}

bool IsMeant(const ListUsersRequest& request, const User& user) {
  return (request.role() == ROLE_UNSPECIFIED || request.role() == user.role()) &&
         user.name().find(request.name_contains()) != std::string_view::npos;
}

}  // namespace

Status Users::CreateUser(Call& call, const CreateUserRequest& request, User& reply) {
  User user(&call.arena());
  user = request.user();
  if (user.role() == ROLE_UNSPECIFIED) user.set_role(MEMBER);
  Violations violations;
  violations.CheckName(user);
  violations.CheckEmail(user);
  violations.CheckRole(user);
  if (Status status = violations.ToStatus(); !status.ok()) return status;
  return store_.Create(user, &reply);
}

Status Users::GetUser(Call&, const GetUserRequest& request, User& reply) {
  return store_.Find(request.id(), &reply);
}

Status Users::UpdateUser(Call&, const UpdateUserRequest& request, User& reply) {
  const User& user = request.user();
  Violations violations;
  const Mask mask = MaskOf(request, &violations);
  if (mask.name) violations.CheckName(user);
  if (mask.email) violations.CheckEmail(user);
  if (mask.role) violations.CheckRole(user);
  if (Status status = violations.ToStatus(); !status.ok()) return status;
  const auto change = [&mask, &user](User& changed) {
    if (mask.name) changed.set_name(user.name());
    if (mask.email) changed.set_email(user.email());
    if (mask.role) changed.set_role(user.role());
  };
  return store_.Update(user.id(), user.etag(), change, &reply);
}

Status Users::DeleteUser(Call&, const DeleteUserRequest& request, google::protobuf::Empty&) {
  return store_.Remove(request.id(), request.etag());
}

Task<Status> Users::ListUsers(Call& call, const ListUsersRequest& request,
                              Writer<ListedUser>& out) {
  constexpr size_t kUsersAtATime = 64;
  uint64_t after_id = 0;
  Violations violations;
  if (request.page_size() < 0 || request.page_size() > kPageSizeMax) {
    violations.Add("page_size", "must be from 0 to " + std::to_string(kPageSizeMax));
  }
  if (!TakePageToken(request.page_token(), &after_id)) {
    violations.Add("page_token", "must be as the page before has it");
  }
  co_await Try(violations.ToStatus());

  int32_t left_count = request.page_size() == 0 ? kPageSizeDefault : request.page_size();
  uint64_t last_id = after_id;
  ListedUser listed;
  for (;;) {
    const std::vector<User> some = store_.After(after_id, kUsersAtATime);
    for (const User& user : some) {
      after_id = user.id();
      if (!IsMeant(request, user)) continue;
      if (left_count == 0) {
        listed.set_next_page_token(std::to_string(last_id));
        co_return co_await out.Write(listed);
      }
      --left_count;
      last_id = user.id();
      *listed.mutable_user() = user;
      co_await Try(co_await out.Write(listed));
    }
    if (some.size() < kUsersAtATime) co_return OkStatus();
    co_await Try(co_await penstock::Yield(call));  // many may not be meant
  }
}

}  // namespace users
