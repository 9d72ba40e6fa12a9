// Counts the heap allocations of chosen threads: malloc and its kin are replaced in the whole
// program, so that operator new (which calls them) and C libraries are counted alike.
//
//     AllocationCount count;                 // on the thread to be watched
//     StartCountingHere(&count);
//     ... StopCountingHere();  count.allocations.load();
//
// Only for a program of its own, and not under sanitizers, which replace malloc themselves.
#ifndef PENSTOCK_TESTS_ALLOCATION_COUNTING_ALLOCATOR_H_
#define PENSTOCK_TESTS_ALLOCATION_COUNTING_ALLOCATOR_H_

#include <atomic>
#include <cstdint>

namespace penstock::test {

struct AllocationCount {
  std::atomic<uint64_t> allocations{0};
  std::atomic<uint64_t> frees{0};
};

// Of the calling thread, until it stops or ends. Ownership: `count` outlives that.
void StartCountingHere(AllocationCount* count);
void StopCountingHere();

}  // namespace penstock::test

#endif  // PENSTOCK_TESTS_ALLOCATION_COUNTING_ALLOCATOR_H_
