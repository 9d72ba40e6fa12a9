// AcceptorTable: the acceptors of a ring, by slot and generation, as SocketTable has the sockets.
// There are few: one per listening address.
#ifndef PENSTOCK_REACTOR_ACCEPTOR_TABLE_H_
#define PENSTOCK_REACTOR_ACCEPTOR_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "penstock/reactor/ring.h"

namespace penstock::reactor {

class AcceptorTable {
 public:
  struct Entry {
    Acceptor* acceptor = nullptr;  // null: free
    int fd = -1;
    uint32_t slot = 0;
    uint32_t generation = 0;
    bool stopping = false;
  };

  // Pointers stay valid until the next Add().
  Entry* Add(Acceptor& acceptor, int fd) {
    size_t slot = 0;
    while (slot < entries_.size() && entries_[slot].acceptor != nullptr) ++slot;
    if (slot == entries_.size()) entries_.emplace_back();
    Entry& entry = entries_[slot];
    entry = {&acceptor, fd, static_cast<uint32_t>(slot), entry.generation + 1, false};
    return &entry;
  }

  Entry* Find(uint32_t slot, uint32_t generation) {
    if (slot >= entries_.size() || entries_[slot].acceptor == nullptr) return nullptr;
    return entries_[slot].generation == generation ? &entries_[slot] : nullptr;
  }

  Entry* FindAcceptor(const Acceptor& acceptor) {
    for (Entry& entry : entries_) {
      if (entry.acceptor == &acceptor) return &entry;
    }
    return nullptr;
  }

  void Remove(Entry& entry) { entry.acceptor = nullptr; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_ACCEPTOR_TABLE_H_
