#include "penstock/reactor/socket_table.h"

#include <new>

#include "penstock/wire/check.h"

namespace penstock::reactor {

SocketTable::~SocketTable() {
  PENSTOCK_CHECK(used_count_ == 0, "every socket was closed before its shard dies");
}

Socket& SocketTable::Create(Shard& shard, SocketHandler* handler, int fd, uint64_t id) {
  if (free_slots_.empty()) {
    PENSTOCK_CHECK(slots_count_ < kSlotsMax, "more sockets than a process can have descriptors");
    chunks_.push_back(std::make_unique<Place[]>(kChunkSlots));
    for (uint32_t i = kChunkSlots; i > 0; --i) free_slots_.push_back(slots_count_ + i - 1);
    slots_count_ += kChunkSlots;
  }
  const uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  Place& place = At(slot);
  place.used = true;
  ++used_count_;
  return *new (place.memory) Socket(shard, handler, fd, slot, place.generation, id);
}

void SocketTable::Destroy(Socket& socket) {
  const uint32_t slot = socket.slot_;
  Place& place = At(slot);
  socket.~Socket();
  place.used = false;
  ++place.generation;
  --used_count_;
  free_slots_.push_back(slot);
}

}  // namespace penstock::reactor
