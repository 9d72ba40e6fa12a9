// Why a user is not created, read or changed: each a status with a sentence for people and details
// for programs. See docs/errors.md.
#ifndef PENSTOCK_EXAMPLES_USER_SERVICE_USER_ERRORS_H_
#define PENSTOCK_EXAMPLES_USER_SERVICE_USER_ERRORS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "penstock/rpc/status.h"

#include "examples/user_service/user_service.penstock.h"
#include "google/rpc/error_details.penstock.h"

namespace users {

// ErrorInfo's: who says so, and what.
inline constexpr std::string_view kErrorDomain = "users.example";
inline constexpr std::string_view kEtagMismatch = "ETAG_MISMATCH";

// What is wrong with the fields of a request: all of it, not only the first.
class Violations {
 public:
  void Add(std::string_view field, std::string_view description);
  // Of a user's field, if that is wrong.
  void CheckName(const User& user);
  void CheckEmail(const User& user);
  void CheckRole(const User& user);

  // INVALID_ARGUMENT with a BadRequest; OK where nothing is wrong.
  penstock::Status ToStatus() const;

 private:
  google::rpc::BadRequest bad_request_;
};

// NOT_FOUND with a ResourceInfo.
penstock::Status NoSuchUser(uint64_t id);
// ALREADY_EXISTS with a ResourceInfo: it is the user `id` who has it.
penstock::Status EmailIsTaken(std::string_view email, uint64_t id);
// ABORTED with an ErrorInfo, which has the etag that would do.
penstock::Status ChangedMeanwhile(const User& current);
// RESOURCE_EXHAUSTED with a QuotaFailure.
penstock::Status TooManyUsers(size_t users_max);

}  // namespace users

#endif  // PENSTOCK_EXAMPLES_USER_SERVICE_USER_ERRORS_H_
