#include "penstock/examples/user_service/user_errors.h"

#include <algorithm>
#include <string>

#include "penstock/rpc/status_details.h"

namespace users {
namespace {

using penstock::AddDetail;
using penstock::MakeStatus;
using penstock::OkStatus;
using penstock::Status;
using penstock::StatusCode;

constexpr size_t kNameBytesMax = 100;
constexpr size_t kEmailBytesMax = 254;  // RFC 5321 §4.5.3.1.3, without the brackets
constexpr std::string_view kUserType = "users.User";

bool HasControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char octet) { return static_cast<unsigned char>(octet) < ' '; });
}

// As much as is sure: somebody, one @, and a domain with a dot inside.
bool LooksLikeEmail(std::string_view email) {
  const size_t at = email.find('@');
  if (at == 0 || at == std::string_view::npos || email.find('@', at + 1) != email.npos) {
    return false;
  }
  const std::string_view domain = email.substr(at + 1);
  const size_t dot = domain.find('.');
  return dot != 0 && dot != std::string_view::npos && domain.back() != '.' &&
         email.find(' ') == std::string_view::npos && !HasControlCharacter(email);
}

Status WithResource(StatusCode code, const std::string& message, const std::string& name,
                    std::string_view description) {
  Status status = MakeStatus(code, message);
  google::rpc::ResourceInfo resource;
  resource.set_resource_type(kUserType);
  resource.set_resource_name(name);
  resource.set_description(description);
  AddDetail(status, resource);
  return status;
}

}  // namespace

void Violations::Add(std::string_view field, std::string_view description) {
  auto* violation = bad_request_.add_field_violations();
  violation->set_field(field);
  violation->set_description(description);
}

void Violations::CheckName(const User& user) {
  if (user.name().empty()) Add("user.name", "must not be empty");
  if (user.name().size() > kNameBytesMax) {
    Add("user.name", "has " + std::to_string(user.name().size()) + " octets; " +
                         std::to_string(kNameBytesMax) + " are the most");
  }
  if (HasControlCharacter(user.name())) Add("user.name", "must have no control characters");
}

void Violations::CheckEmail(const User& user) {
  if (user.email().size() > kEmailBytesMax) {
    Add("user.email", "has " + std::to_string(user.email().size()) + " octets; " +
                          std::to_string(kEmailBytesMax) + " are the most");
  } else if (!LooksLikeEmail(user.email())) {
    Add("user.email", "must be an address such as ada@example.org");
  }
}

void Violations::CheckRole(const User& user) {
  if (user.role() != MEMBER && user.role() != ADMIN) Add("user.role", "must be MEMBER or ADMIN");
}

Status Violations::ToStatus() const {
  const size_t count = bad_request_.field_violations().size();
  if (count == 0) return OkStatus();
  Status status = MakeStatus(
      StatusCode::kInvalidArgument,
      count == 1 ? "a field is wrong" : std::to_string(count) + " fields are wrong");
  AddDetail(status, bad_request_);
  return status;
}

Status NoSuchUser(uint64_t id) {
  const std::string name = std::to_string(id);
  return WithResource(StatusCode::kNotFound, "there is no user " + name, name,
                      "never created, or deleted");
}

Status EmailIsTaken(std::string_view email, uint64_t id) {
  return WithResource(StatusCode::kAlreadyExists, "another user has the address",
                      std::to_string(id), "has the address " + std::string(email));
}

Status ChangedMeanwhile(const User& current) {
  Status status =
      MakeStatus(StatusCode::kAborted, "somebody has changed the user meanwhile: read it again");
  google::rpc::ErrorInfo why;
  why.set_reason(kEtagMismatch);
  why.set_domain(kErrorDomain);
  (*why.mutable_metadata())["etag"] = current.etag();
  AddDetail(status, why);
  return status;
}

Status TooManyUsers(size_t users_max) {
  Status status = MakeStatus(StatusCode::kResourceExhausted, "there is no room for another user");
  google::rpc::QuotaFailure failure;
  auto* violation = failure.add_violations();
  violation->set_subject(kUserType);
  violation->set_description(std::to_string(users_max) + " users are the most");
  AddDetail(status, failure);
  return status;
}

}  // namespace users
