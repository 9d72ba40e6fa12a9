#include "penstock/tests/allocation/counting_allocator.h"

#include <errno.h>

#include <cstddef>

// glibc's own, below the names that this file replaces.
extern "C" {
void* __libc_malloc(size_t bytes);
void* __libc_calloc(size_t count, size_t bytes);
void* __libc_realloc(void* old, size_t bytes);
void* __libc_memalign(size_t align, size_t bytes);
void __libc_free(void* memory);
}

namespace penstock::test {
namespace {

// Of a program's own file: lies in the thread's static block, so that reading it allocates nothing.
thread_local AllocationCount* watched = nullptr;

void CountAllocation() {
  if (watched != nullptr) watched->allocations.fetch_add(1, std::memory_order_relaxed);
}

void CountFree() {
  if (watched != nullptr) watched->frees.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

void StartCountingHere(AllocationCount* count) { watched = count; }
void StopCountingHere() { watched = nullptr; }

}  // namespace penstock::test

extern "C" {

void* malloc(size_t bytes) {
  penstock::test::CountAllocation();
  return __libc_malloc(bytes);
}

void* calloc(size_t count, size_t bytes) {
  penstock::test::CountAllocation();
  return __libc_calloc(count, bytes);
}

void* realloc(void* old, size_t bytes) {
  penstock::test::CountAllocation();
  return __libc_realloc(old, bytes);
}

void* memalign(size_t align, size_t bytes) {
  penstock::test::CountAllocation();
  return __libc_memalign(align, bytes);
}

void* aligned_alloc(size_t align, size_t bytes) { return memalign(align, bytes); }

int posix_memalign(void** memory, size_t align, size_t bytes) {
  void* const got = memalign(align, bytes);
  if (got == nullptr) return ENOMEM;
  *memory = got;
  return 0;
}

void free(void* memory) {
  if (memory != nullptr) penstock::test::CountFree();
  __libc_free(memory);
}

}  // extern "C"
