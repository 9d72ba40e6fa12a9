// CallValues: values attached to a call, one of each type: what Call::Set() and Call::Get() keep.
//
//     values.Set(&arena, User{"anna"});
//     if (const User* user = values.Get<User>()) ...
//
// Beside these each object may keep one of each type of its own, which others of its class, that
// stand around the same call, do not replace: Call::SetFor() and Call::GetFor().
//
// Get() looks into those of an outer call, too: of the one that a worker's call is a copy of, or of
// the one being served while a client's call is made.
//
// Ownership: in the arena, which outlives it; destroyed with it, the latest first.
#ifndef PENSTOCK_RPC_CALL_VALUES_H_
#define PENSTOCK_RPC_CALL_VALUES_H_

#include <optional>
#include <utility>

#include "penstock/wire/arena.h"
#include "penstock/wire/check.h"

namespace penstock::rpc {

class CallValues {
 public:
  CallValues() = default;
  ~CallValues() {
    if (PENSTOCK_UNLIKELY(latest_ != nullptr)) Destroy();
  }
  CallValues(const CallValues&) = delete;
  CallValues& operator=(const CallValues&) = delete;

  // In the place of the one that was set before, which is destroyed. Null is everybody's.
  template <typename T>
  T& Set(wire::Arena* arena, T value, const void* owner = nullptr) {
    static_assert(alignof(Slot<T>) <= wire::Arena::kAlignMax, "the arena aligns no better");
    auto* slot = static_cast<Slot<T>*>(Find(&kTypeOf<T>, owner));
    if (slot == nullptr) {
      slot = new (arena->Allocate(sizeof(Slot<T>), alignof(Slot<T>))) Slot<T>;
      slot->type = &kTypeOf<T>;
      slot->owner = owner;
      slot->destroy = [](SlotBase* base) { static_cast<Slot<T>*>(base)->~Slot<T>(); };
      slot->earlier = std::exchange(latest_, slot);
    }
    return slot->value.emplace(std::move(value));
  }

  // Null when none was set.
  template <typename T>
  T* Get() const {
    auto* slot = static_cast<Slot<T>*>(Find(&kTypeOf<T>, nullptr));
    if (slot != nullptr) return &*slot->value;
    return PENSTOCK_UNLIKELY(outer_ != nullptr) ? outer_->Get<T>() : nullptr;
  }
  // What `owner` has set for this call; none of an outer one.
  template <typename T>
  T* GetFor(const void* owner) const {
    auto* slot = static_cast<Slot<T>*>(Find(&kTypeOf<T>, owner));
    return slot != nullptr ? &*slot->value : nullptr;
  }

  // What is not set here is looked for there. Ownership: `outer` outlives this.
  void Within(const CallValues* outer) { outer_ = outer; }

 private:
  // Its address tells types apart.
  template <typename T>
  static inline char kTypeOf = 0;

  struct SlotBase {
    const void* type;
    const void* owner;
    void (*destroy)(SlotBase* slot);
    SlotBase* earlier;
  };
  template <typename T>
  struct Slot : SlotBase {
    std::optional<T> value;
  };

  // A handful: interceptors set one each.
  SlotBase* Find(const void* type, const void* owner) const {
    SlotBase* slot = latest_;
    while (slot != nullptr && (slot->type != type || slot->owner != owner)) slot = slot->earlier;
    return slot;
  }
  PENSTOCK_COLD void Destroy() {
    while (latest_ != nullptr) {
      SlotBase* const slot = std::exchange(latest_, latest_->earlier);
      slot->destroy(slot);
    }
  }

  SlotBase* latest_ = nullptr;
  const CallValues* outer_ = nullptr;
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_CALL_VALUES_H_
