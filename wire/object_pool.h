// ObjectPool: a last-in-first-out stock of objects of one type, for what every call needs one of.
//
// Ownership: New() lends an object until Delete(). All are back before the pool dies.
// Threading: one shard.
// Limits:    keeps at most `idle_max` idle objects' storage and frees the rest.
#ifndef PENSTOCK_WIRE_OBJECT_POOL_H_
#define PENSTOCK_WIRE_OBJECT_POOL_H_

#include <cstddef>
#include <new>
#include <utility>

#include "penstock/wire/check.h"

namespace penstock::wire {

template <typename T>
class ObjectPool {
 public:
  explicit ObjectPool(size_t idle_max = 4096) : idle_max_(idle_max) {}
  ~ObjectPool() {
    PENSTOCK_CHECK(lent_count_ == 0, "every object is back before its pool dies");
    while (idle_ != nullptr) FreeStorage(std::exchange(idle_, idle_->next));
  }
  ObjectPool(const ObjectPool&) = delete;
  ObjectPool& operator=(const ObjectPool&) = delete;

  template <typename... Args>
  T* New(Args&&... args) {
    Storage* storage = idle_;
    if (PENSTOCK_LIKELY(storage != nullptr)) {
      idle_ = storage->next;
      --idle_count_;
    } else {
      storage = NewStorage();
    }
    ++lent_count_;
    return new (static_cast<void*>(storage)) T(std::forward<Args>(args)...);
  }

  void Delete(T* object) {
    object->~T();
    --lent_count_;
    Storage* storage = reinterpret_cast<Storage*>(object);
    if (PENSTOCK_UNLIKELY(idle_count_ >= idle_max_)) return FreeStorage(storage);
    storage->next = idle_;
    idle_ = storage;
    ++idle_count_;
  }

  size_t lent_count() const { return lent_count_; }

 private:
  union Storage {
    Storage* next;
    alignas(T) unsigned char bytes[sizeof(T)];
  };
  PENSTOCK_COLD static Storage* NewStorage() {
    return static_cast<Storage*>(
        ::operator new(sizeof(Storage), std::align_val_t{alignof(Storage)}));
  }
  PENSTOCK_COLD static void FreeStorage(Storage* storage) {
    ::operator delete(storage, std::align_val_t{alignof(Storage)});
  }

  const size_t idle_max_;
  Storage* idle_ = nullptr;
  size_t idle_count_ = 0;
  size_t lent_count_ = 0;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_OBJECT_POOL_H_
