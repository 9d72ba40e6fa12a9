// Rooms: the service of chat.proto: many clients, on every shard, who hear each other.
//
// A room is a Topic, so that what is said on one shard is heard on all of them. Nothing is locked
// while anybody is heard; the rooms' own lock is for who comes and goes.
//
// Limits: who reads too slowly holds up nobody. The first 256 KiB wait in his stream
//         (ServerOptions::stream_unsent_bytes_max); behind them kUnheardMax lines wait for him, and
//         of more he loses the oldest, and hears how many. A line is shared by those who wait for
//         it. Who does not read at all loses his stream by stalled_stream_timeout_ns.
#ifndef PENSTOCK_EXAMPLES_CHAT_ROOMS_H_
#define PENSTOCK_EXAMPLES_CHAT_ROOMS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "penstock/rpc/topic.h"

#include "examples/chat/chat.server.h"

namespace chat {

class Rooms final : public ChatHandlers<Rooms> {
 public:
  static constexpr size_t kRoomsMax = 1'000;
  static constexpr size_t kMembersMax = 1'000;  // of a room
  static constexpr size_t kNameBytesMax = 32;
  static constexpr size_t kTextBytesMax = 4'000;
  static constexpr size_t kUnheardMax = 64;

  penstock::Task<penstock::Status> Talk(penstock::Call& call, penstock::Reader<Said>& in,
                                        penstock::Writer<Heard>& out);

 private:
  class Member;

  // What has happened in a room.
  struct Event {
    const Member* whose;  // who does not hear of it; null: nobody's
    Heard heard;
  };
  using Events = penstock::Topic<std::shared_ptr<const Event>>;
  struct Room {
    Events events;
    std::set<std::string, std::less<>> names;  // under the lock
  };
  using RoomsByName = std::map<std::string, Room, std::less<>>;

  std::mutex mutex_;
  RoomsByName rooms_;  // those with somebody in them; where they are they stay
};

}  // namespace chat

#endif  // PENSTOCK_EXAMPLES_CHAT_ROOMS_H_
