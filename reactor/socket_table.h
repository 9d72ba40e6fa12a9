// SocketTable: the sockets of a shard, by slot. Slots are used again; a generation tells the new
// user of a slot from the old one, so that a late completion of a closed connection finds nobody.
//
// Ownership: owns the sockets, which never move. Memory of closed ones is kept for later ones.
// Limits:    kSlotsMax sockets.
#ifndef PENSTOCK_REACTOR_SOCKET_TABLE_H_
#define PENSTOCK_REACTOR_SOCKET_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "penstock/reactor/socket.h"

namespace penstock::reactor {

class SocketTable {
 public:
  static constexpr uint32_t kSlotsMax = 1u << 24;

  SocketTable() = default;
  ~SocketTable();
  SocketTable(const SocketTable&) = delete;
  SocketTable& operator=(const SocketTable&) = delete;

  Socket& Create(Shard& shard, SocketHandler* handler, int fd, uint64_t id);
  void Destroy(Socket& socket);

  // Null when the slot has another user by now, or none.
  Socket* Find(uint32_t slot, uint32_t generation) {
    if (slot >= slots_count_) return nullptr;
    Place& place = At(slot);
    return place.used && place.generation == generation ? place.socket() : nullptr;
  }

  size_t size() const { return used_count_; }

  template <typename Visit>
  void ForEach(Visit visit) {
    for (uint32_t slot = 0; slot < slots_count_; ++slot) {
      if (At(slot).used) visit(*At(slot).socket());
    }
  }

 private:
  static constexpr uint32_t kChunkBits = 6;
  static constexpr uint32_t kChunkSlots = 1u << kChunkBits;

  struct Place {
    uint32_t generation = 0;
    bool used = false;
    alignas(Socket) unsigned char memory[sizeof(Socket)];
    Socket* socket() { return reinterpret_cast<Socket*>(memory); }
  };
  Place& At(uint32_t slot) { return chunks_[slot >> kChunkBits][slot & (kChunkSlots - 1)]; }

  std::vector<std::unique_ptr<Place[]>> chunks_;
  std::vector<uint32_t> free_slots_;  // last in, first out: the warm one
  uint32_t slots_count_ = 0;
  size_t used_count_ = 0;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_SOCKET_TABLE_H_
