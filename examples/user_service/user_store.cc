#include "penstock/examples/user_service/user_store.h"

#include "penstock/examples/user_service/user_errors.h"

namespace users {
namespace {

using penstock::OkStatus;
using penstock::Status;

std::string InSmallLetters(std::string_view text) {
  std::string small(text);
  for (char& letter : small) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return small;
}

}  // namespace

Status UserStore::Create(const User& user, User* created) {
  const std::lock_guard lock(mutex_);
  if (users_.size() >= users_max_) return TooManyUsers(users_max_);
  if (Status status = TakeEmail(user.email(), last_id_ + 1); !status.ok()) return status;
  *created = user;
  created->set_id(++last_id_);
  created->set_etag(std::to_string(++last_etag_));
  users_[created->id()] = *created;
  return OkStatus();
}

Status UserStore::Find(uint64_t id, User* found) const {
  const std::lock_guard lock(mutex_);
  return FindForChange(id, "", found);
}

Status UserStore::Remove(uint64_t id, std::string_view etag) {
  const std::lock_guard lock(mutex_);
  User user;
  if (Status status = FindForChange(id, etag, &user); !status.ok()) return status;
  ids_by_email_.erase(InSmallLetters(user.email()));
  users_.erase(id);
  return OkStatus();
}

std::vector<User> UserStore::After(uint64_t id, size_t count_max) const {
  const std::lock_guard lock(mutex_);
  std::vector<User> found;
  for (auto user = users_.upper_bound(id); user != users_.end(); ++user) {
    if (found.size() == count_max) break;
    found.push_back(user->second);
  }
  return found;
}

Status UserStore::FindForChange(uint64_t id, std::string_view etag, User* found) const {
  const auto user = users_.find(id);
  if (user == users_.end()) return NoSuchUser(id);
  if (!etag.empty() && etag != user->second.etag()) return ChangedMeanwhile(user->second);
  *found = user->second;
  return OkStatus();
}

Status UserStore::Replace(User& user) {
  User& stored = users_.at(user.id());
  const std::string email_before = InSmallLetters(stored.email());
  if (Status status = TakeEmail(user.email(), user.id()); !status.ok()) return status;
  if (email_before != InSmallLetters(user.email())) ids_by_email_.erase(email_before);
  user.set_etag(std::to_string(++last_etag_));
  stored = user;
  return OkStatus();
}

Status UserStore::TakeEmail(std::string_view email, uint64_t id) {
  const auto [taken, is_new] = ids_by_email_.try_emplace(InSmallLetters(email), id);
  if (!is_new && taken->second != id) return EmailIsTaken(email, taken->second);
  return OkStatus();
}

}  // namespace users
