// List: a doubly linked list through hooks inside the elements, so that linking never allocates and
// any element leaves in O(1) without knowing its list.
//
//     class Socket : public ListHook<struct DirtyTag> { ... };
//     List<Socket, struct DirtyTag> dirty;
//     dirty.PushBack(socket);  ...  socket.ListHook<DirtyTag>::Unlink();
//
// Ownership: none. A hook that dies unlinks itself.
// Invariant: a hook is in at most one list.
#ifndef PENSTOCK_REACTOR_INTRUSIVE_LIST_H_
#define PENSTOCK_REACTOR_INTRUSIVE_LIST_H_

#include "penstock/wire/check.h"

namespace penstock::reactor {

template <typename Tag>
class ListHook {
 public:
  ListHook() = default;
  ~ListHook() { Unlink(); }
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;

  bool linked() const { return next_ != nullptr; }

  // Leaves its list, if any.
  void Unlink() {
    if (next_ == nullptr) return;
    prev_->next_ = next_;
    next_->prev_ = prev_;
    prev_ = next_ = nullptr;
  }

 private:
  template <typename T, typename Same>
  friend class List;

  ListHook* prev_ = nullptr;
  ListHook* next_ = nullptr;
};

template <typename T, typename Tag>
class List {
  using Hook = ListHook<Tag>;

 public:
  List() { Reset(); }
  ~List() {
    while (PENSTOCK_UNLIKELY(!empty())) end_.next_->Unlink();
    end_.next_ = nullptr;  // the end is linked to itself: nothing to unlink
  }
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  bool empty() const { return end_.next_ == &end_; }
  T* front() { return empty() ? nullptr : static_cast<T*>(end_.next_); }

  // The element must not be in a list of this tag.
  void PushBack(T& element) {
    Hook& hook = element;
    PENSTOCK_DCHECK(!hook.linked(), "an element is in one list at a time");
    hook.prev_ = end_.prev_;
    hook.next_ = &end_;
    end_.prev_->next_ = &hook;
    end_.prev_ = &hook;
  }

  // The first element, unlinked; null when the list is empty.
  T* PopFront() {
    T* first = front();
    if (first != nullptr) static_cast<Hook*>(first)->Unlink();
    return first;
  }

  // Calls fn(T&) for each, first to last; fn may unlink the element it is given.
  template <typename Function>
  void ForEach(Function&& fn) {
    for (Hook* hook = end_.next_; hook != &end_;) {
      Hook* next = hook->next_;
      fn(*static_cast<T*>(hook));
      hook = next;
    }
  }

  // The first of which is_it(T&) is true; it is not called for those behind. Null: none.
  template <typename Predicate>
  T* FindIf(Predicate&& is_it) {
    for (Hook* hook = end_.next_; hook != &end_; hook = hook->next_) {
      if (is_it(*static_cast<T*>(hook))) return static_cast<T*>(hook);
    }
    return nullptr;
  }

  // Takes everything of `other`, behind what is here.
  void Splice(List& other) {
    if (other.empty()) return;
    Hook* first = other.end_.next_;
    Hook* last = other.end_.prev_;
    first->prev_ = end_.prev_;
    last->next_ = &end_;
    end_.prev_->next_ = first;
    end_.prev_ = last;
    other.Reset();
  }

 private:
  void Reset() { end_.prev_ = end_.next_ = &end_; }

  Hook end_;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_INTRUSIVE_LIST_H_
