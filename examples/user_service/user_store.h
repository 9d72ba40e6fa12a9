// UserStore: the users, in memory, for handlers on every shard.
//
// One mutex guards all of it. It is held while a user is looked up, copied or changed, for
// microseconds, and never across an await, nor while a message goes out: who lists users takes a
// handful at a time, so that a list sees each user as it is when its turn comes. What is done by
// one method is done whole or not at all; two methods are two steps, between which others may come:
// hence etags.
//
// Threading: any.
// Limits:    kUsersMax users.
#ifndef PENSTOCK_EXAMPLES_USER_SERVICE_USER_STORE_H_
#define PENSTOCK_EXAMPLES_USER_SERVICE_USER_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/rpc/status.h"

#include "examples/user_service/user_service.penstock.h"

namespace users {

class UserStore {
 public:
  static constexpr size_t kUsersMax = 100'000;

  explicit UserStore(size_t users_max = kUsersMax) : users_max_(users_max) {}

  // `created` becomes what is stored: `user` with an id and an etag.
  penstock::Status Create(const User& user, User* created);
  penstock::Status Find(uint64_t id, User* found) const;
  // The fields that `change` sets, by `change(User&)`; `updated` becomes what is stored then. An
  // `etag` that is not empty must be the user's.
  template <typename Change>
  penstock::Status Update(uint64_t id, std::string_view etag, const Change& change, User* updated) {
    const std::lock_guard lock(mutex_);
    if (penstock::Status status = FindForChange(id, etag, updated); !status.ok()) return status;
    change(*updated);
    return Replace(*updated);
  }
  penstock::Status Remove(uint64_t id, std::string_view etag);

  // Up to `count_max` users with higher ids, in their order.
  std::vector<User> After(uint64_t id, size_t count_max) const;

 private:
  // These under the lock.
  penstock::Status FindForChange(uint64_t id, std::string_view etag, User* found) const;
  penstock::Status Replace(User& user);
  penstock::Status TakeEmail(std::string_view email, uint64_t id);

  const size_t users_max_;
  mutable std::mutex mutex_;
  uint64_t last_id_ = 0;
  uint64_t last_etag_ = 0;
  std::map<uint64_t, User> users_;
  std::map<std::string, uint64_t> ids_by_email_;  // in small letters
};

}  // namespace users

#endif  // PENSTOCK_EXAMPLES_USER_SERVICE_USER_STORE_H_
