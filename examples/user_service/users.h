// Users: the service of user_service.proto. What is at hand is answered by plain functions; the
// list is a coroutine, since it waits for who reads it.
#ifndef PENSTOCK_EXAMPLES_USER_SERVICE_USERS_H_
#define PENSTOCK_EXAMPLES_USER_SERVICE_USERS_H_

#include <cstddef>
#include <cstdint>

#include "penstock/examples/user_service/user_store.h"

#include "examples/user_service/user_service.server.h"

namespace users {

class Users final : public UserServiceHandlers<Users> {
 public:
  static constexpr int32_t kPageSizeDefault = 50;
  static constexpr int32_t kPageSizeMax = 1'000;

  explicit Users(size_t users_max = UserStore::kUsersMax) : store_(users_max) {}

  penstock::Status CreateUser(penstock::Call& call, const CreateUserRequest& request, User& reply);
  penstock::Status GetUser(penstock::Call& call, const GetUserRequest& request, User& reply);
  penstock::Status UpdateUser(penstock::Call& call, const UpdateUserRequest& request, User& reply);
  penstock::Status DeleteUser(penstock::Call& call, const DeleteUserRequest& request,
                              google::protobuf::Empty& reply);
  penstock::Task<penstock::Status> ListUsers(penstock::Call& call, const ListUsersRequest& request,
                                             penstock::Writer<ListedUser>& out);

 private:
  UserStore store_;
};

}  // namespace users

#endif  // PENSTOCK_EXAMPLES_USER_SERVICE_USERS_H_
