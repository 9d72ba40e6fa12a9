#include "penstock/wire/slab_pool.h"

#include <new>

namespace penstock::wire {

SlabPool::SlabPool(size_t slab_bytes, size_t slabs_idle_max)
    : slab_bytes_(slab_bytes), slabs_idle_max_(slabs_idle_max) {
  PENSTOCK_CHECK(slab_bytes > 2 * sizeof(Slab), "a slab holds more than its header");
}

SlabPool::~SlabPool() {
  PENSTOCK_CHECK(slabs_lent_count_ == 0, "every slab is back before its pool dies");
  while (idle_ != nullptr) {
    Slab* slab = idle_;
    idle_ = slab->next;
    Free(slab);
  }
}

Slab* SlabPool::TakeFresh() {
  return new (::operator new(slab_bytes_, std::align_val_t{alignof(Slab)})) Slab{nullptr};
}

void SlabPool::Free(Slab* slab) { ::operator delete(slab, std::align_val_t{alignof(Slab)}); }

}  // namespace penstock::wire
