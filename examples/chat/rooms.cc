#include "penstock/examples/chat/rooms.h"

#include <string_view>
#include <utility>

#include "penstock/rpc/select.h"

namespace chat {
namespace {

using penstock::Call;
using penstock::MakeStatus;
using penstock::OkStatus;
using penstock::Reader;
using penstock::Select;
using penstock::Status;
using penstock::StatusCode;
using penstock::Subscription;
using penstock::Task;
using penstock::Try;
using penstock::Writer;

Status CheckName(const char* field, std::string_view name) {
  if (!name.empty() && name.size() <= Rooms::kNameBytesMax) return OkStatus();
  return MakeStatus(StatusCode::kInvalidArgument,
                    std::string(field) + " has " + std::to_string(name.size()) +
                        " octets: 1 to " + std::to_string(Rooms::kNameBytesMax) + " are a name");
}

}  // namespace

// Somebody in a room, from Enter() until he dies.
class Rooms::Member {
 public:
  explicit Member(Rooms* rooms) : rooms_(*rooms) {}
  ~Member() {
    if (ears_.has_value()) Leave();
  }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  // Fills `present` with those who are there already.
  Status Enter(Call& call, const chat::Enter& enter, Present* present);

  Status Say(std::string_view text) {
    if (text.size() > kTextBytesMax) {
      return MakeStatus(StatusCode::kInvalidArgument,
                        "the text has " + std::to_string(text.size()) + " octets: at most " +
                            std::to_string(kTextBytesMax) + " are taken");
    }
    auto event = std::make_shared<Event>(this);
    event->heard.mutable_line()->set_name(name_);
    event->heard.mutable_line()->set_text(text);
    room_->second.events.Publish(std::move(event));
    return OkStatus();
  }

  Subscription<std::shared_ptr<const Event>>& ears() { return *ears_; }

 private:
  void Leave();

  Rooms& rooms_;
  RoomsByName::iterator room_;
  std::string name_;
  std::optional<Subscription<std::shared_ptr<const Event>>> ears_;  // while he is in the room
};

Status Rooms::Member::Enter(Call& call, const chat::Enter& enter, Present* present) {
  if (Status status = CheckName("enter.room", enter.room()); !status.ok()) return status;
  if (Status status = CheckName("enter.name", enter.name()); !status.ok()) return status;
  const std::lock_guard lock(rooms_.mutex_);
  room_ = rooms_.rooms_.find(enter.room());
  if (room_ == rooms_.rooms_.end()) {
    if (rooms_.rooms_.size() == kRoomsMax) {
      return MakeStatus(StatusCode::kResourceExhausted, "there are too many rooms: enter another");
    }
    room_ = rooms_.rooms_.try_emplace(std::string(enter.room())).first;
  }
  Room& room = room_->second;
  if (room.names.size() == kMembersMax) {
    return MakeStatus(StatusCode::kResourceExhausted, "the room is full: enter another");
  }
  name_ = enter.name();
  if (room.names.contains(name_)) {
    return MakeStatus(StatusCode::kAlreadyExists,
                      "somebody in the room is called " + name_ + ": take another name");
  }
  for (const std::string& name : room.names) present->add_names(name);
  room.names.insert(name_);
  auto event = std::make_shared<Event>(this);
  event->heard.set_entered(name_);
  room.events.Publish(std::move(event));
  ears_.emplace(&room.events, call, kUnheardMax);
  return OkStatus();
}

void Rooms::Member::Leave() {
  const std::lock_guard lock(rooms_.mutex_);
  ears_.reset();
  Room& room = room_->second;
  room.names.erase(name_);
  auto event = std::make_shared<Event>(nullptr);
  event->heard.set_left(name_);
  room.events.Publish(std::move(event));
  if (room.names.empty()) rooms_.rooms_.erase(room_);
}

Task<Status> Rooms::Talk(Call& call, Reader<Said>& in, Writer<Heard>& out) {
  const Said* first = co_await Try(co_await in.Next());
  if (first == nullptr || !first->has_enter()) {
    co_return MakeStatus(StatusCode::kInvalidArgument,
                         "the first message enters a room: it has `enter`");
  }
  Member member(this);
  Heard own;
  co_await Try(member.Enter(call, first->enter(), own.mutable_present()));
  co_await Try(co_await out.Write(own));
  for (;;) {
    auto next = in.Next();
    auto happens = member.ears().Receive(call);
    if (co_await Select(next, happens) == 0) {
      const Said* said = co_await Try(co_await next);
      if (said == nullptr) co_return OkStatus();
      if (!said->has_text()) {
        co_return MakeStatus(StatusCode::kInvalidArgument,
                             "one is in a room already: a message behind the first has `text`");
      }
      co_await Try(member.Say(said->text()));
      continue;
    }
    const std::optional<std::shared_ptr<const Event>> event = co_await Try(co_await happens);
    if (const uint64_t missed_count = member.ears().TakeMissedCount(); missed_count != 0) {
      own.set_missed(missed_count);
      co_await Try(co_await out.Write(own));
    }
    if ((*event)->whose != &member) co_await Try(co_await out.Write((*event)->heard));
  }
}

}  // namespace chat
