// Assertions and the few compiler hints the library uses.
//
// PENSTOCK_CHECK guards against bugs of ours and is always on; PENSTOCK_DCHECK is for hot paths
// and exists in debug builds only. What a peer sends never reaches either: that is an error value.
//
//     PENSTOCK_CHECK(!in_flight_, "one send at a time");
#ifndef PENSTOCK_WIRE_CHECK_H_
#define PENSTOCK_WIRE_CHECK_H_

#define PENSTOCK_LIKELY(x) (__builtin_expect(static_cast<bool>(x), 1))
#define PENSTOCK_UNLIKELY(x) (__builtin_expect(static_cast<bool>(x), 0))
#define PENSTOCK_COLD __attribute__((cold, noinline))
#define PENSTOCK_ALWAYS_INLINE inline __attribute__((always_inline))

namespace penstock::wire {

// Prints `file:line: check failed: condition: why` on stderr and aborts.
[[noreturn]] PENSTOCK_COLD void FailCheck(const char* file, int line, const char* condition,
                                          const char* why);

}  // namespace penstock::wire

#define PENSTOCK_CHECK(condition, why) \
  (PENSTOCK_LIKELY(condition)          \
       ? static_cast<void>(0)          \
       : ::penstock::wire::FailCheck(__FILE__, __LINE__, #condition, (why)))

#ifdef NDEBUG
#define PENSTOCK_DCHECK(condition, why) static_cast<void>(sizeof(condition))
#else
#define PENSTOCK_DCHECK(condition, why) PENSTOCK_CHECK(condition, why)
#endif

#endif  // PENSTOCK_WIRE_CHECK_H_
