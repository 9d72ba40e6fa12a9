#include "penstock/reactor/run_queue.h"

#include <gtest/gtest.h>

#include <string>

#include "penstock/reactor/intrusive_list.h"

namespace penstock::reactor {
namespace {

struct Item : ListHook<struct ItemTag> {
  explicit Item(char c) : name(c) {}
  char name;
};

std::string Drain(List<Item, ItemTag>& list) {
  std::string names;
  while (Item* item = list.PopFront()) names += item->name;
  return names;
}

TEST(List, KeepsOrderAndLetsAnyElementLeave) {
  List<Item, ItemTag> list;
  Item a('a'), b('b'), c('c');
  for (Item* item : {&a, &b, &c}) list.PushBack(*item);
  b.Unlink();
  EXPECT_FALSE(b.linked());
  list.PushBack(b);
  EXPECT_EQ(Drain(list), "acb");
  EXPECT_TRUE(list.empty());
}

TEST(List, AnElementThatDiesLeaves) {
  List<Item, ItemTag> list;
  Item a('a');
  list.PushBack(a);
  {
    Item b('b');
    list.PushBack(b);
  }
  EXPECT_EQ(Drain(list), "a");
}

TEST(List, SpliceMovesEverything) {
  List<Item, ItemTag> list, other;
  Item a('a'), b('b'), c('c');
  list.PushBack(a);
  other.PushBack(b);
  other.PushBack(c);
  list.Splice(other);
  list.Splice(other);
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(Drain(list), "abc");
}

TEST(List, AListThatDiesFreesItsElements) {
  Item a('a');
  {
    List<Item, ItemTag> list;
    list.PushBack(a);
  }
  EXPECT_FALSE(a.linked());
}

TEST(RunQueue, RunsInOrderAndOnceEach) {
  RunQueue queue;
  static std::string ran;
  ran.clear();
  Runnable a([](void*) { ran += 'a'; }, nullptr);
  Runnable b([](void*) { ran += 'b'; }, nullptr);
  queue.Push(a);
  queue.Push(b);
  queue.Push(a);
  EXPECT_EQ(queue.RunQueued(), 2u);
  EXPECT_EQ(ran, "ab");
  EXPECT_TRUE(queue.empty());
}

TEST(RunQueue, WhatIsQueuedMeanwhileWaitsForTheNextTurn) {
  struct Again {
    RunQueue queue;
    int count = 0;
    Runnable runnable{[](void* context) {
                        auto* self = static_cast<Again*>(context);
                        ++self->count;
                        self->queue.Push(self->runnable);
                      },
                      this};
  } again;
  again.queue.Push(again.runnable);
  EXPECT_EQ(again.queue.RunQueued(), 1u);
  EXPECT_EQ(again.count, 1);
  EXPECT_FALSE(again.queue.empty());
  again.runnable.Unlink();
}

}  // namespace
}  // namespace penstock::reactor
