// The values of packed repeated fields.
#include "penstock/codec/writer.h"

namespace penstock::codec {
namespace {

// What a number is on the wire before it is cut into groups of seven bits.
uint64_t CodeOf(int32_t value) { return static_cast<uint64_t>(int64_t{value}); }
uint64_t CodeOf(int64_t value) { return static_cast<uint64_t>(value); }
uint64_t CodeOf(uint32_t value) { return value; }
uint64_t ZigZagCodeOf(int32_t value) { return static_cast<uint32_t>(wire::ZigZagEncode(value)); }
uint64_t ZigZagCodeOf(int64_t value) { return wire::ZigZagEncode(value); }

// Eight groups of seven bits, each in an octet of its own.
uint64_t SplitGroups(uint64_t value) {
  value = (value & 0x000000000fffffffu) | (value & 0x00fffffff0000000u) << 4;
  value = (value & 0x00003fff00003fffu) | (value & 0x0fffc0000fffc000u) << 2;
  return (value & 0x007f007f007f007fu) | (value & 0x3f803f803f803f80u) << 1;
}

// By the leading zeros of a number: its length, and the continuation bits of up to eight octets.
struct LengthTable {
  constexpr LengthTable() {
    for (int zeros = 0; zeros < 64; ++zeros) {
      const int octets = (64 - zeros + 6) / 7;
      bytes[zeros] = static_cast<uint8_t>(octets);
      more[zeros] = octets > 8 ? kContinuationBits
                               : kContinuationBits & ((uint64_t{1} << (8 * (octets - 1))) - 1);
    }
  }
  static constexpr uint64_t kContinuationBits = 0x8080808080808080u;
  uint8_t bytes[64] = {};
  uint64_t more[64] = {};
};
constexpr LengthTable kLengths;

template <typename T, uint64_t (*Code)(T)>
PENSTOCK_ALWAYS_INLINE size_t SumSizes(const RepeatedBase& values) {
  const T* element = static_cast<const T*>(values.raw_data());
  size_t bytes = 0;
  for (size_t i = 0; i < values.size(); ++i)
    bytes += kLengths.bytes[__builtin_clzll(Code(element[i]) | 1)];
  return bytes;
}

// The lengths of numbers are hard to predict. While eight octets of the run are left, a number is
// written as one word without a loop, and what that writes too much is overwritten by the next.
template <typename T, uint64_t (*Code)(T)>
PENSTOCK_ALWAYS_INLINE uint8_t* WriteRun(uint8_t* p, const RepeatedBase& values, size_t bytes) {
  constexpr uint64_t kLow56Bits = (uint64_t{1} << 56) - 1;
  const T* element = static_cast<const T*>(values.raw_data());
  const T* last = element + values.size();
  if (bytes == values.size()) {  // all are short
    for (; element != last; ++element) *p++ = static_cast<uint8_t>(Code(*element));
    return p;
  }
  const uint8_t* end = p + bytes;
  for (; element != last && end - p >= 8; ++element) {
    const uint64_t code = Code(*element);
    if (PENSTOCK_LIKELY(code <= kLow56Bits)) {
      const int zeros = __builtin_clzll(code | 1);
      const uint64_t word = SplitGroups(code) | kLengths.more[zeros];
      std::memcpy(p, &word, 8);
      p += kLengths.bytes[zeros];
    } else {
      const uint64_t word = SplitGroups(code & kLow56Bits) | LengthTable::kContinuationBits;
      std::memcpy(p, &word, 8);
      p = wire::EncodeVarint64(p + 8, code >> 56);
    }
  }
  for (; element != last; ++element) p = wire::EncodeVarint64(p, Code(*element));
  return p;
}

// Both count leading zeros for each number, for which the x86-64 that everything is compiled for
// has no single instruction. Bench: comparison_bench, serialize/Numbers.
#if defined(__x86_64__)
#define PENSTOCK_LZCNT __attribute__((target("lzcnt")))
bool HasLzcnt() { return __builtin_cpu_supports("lzcnt"); }
#else
#define PENSTOCK_LZCNT
bool HasLzcnt() { return false; }
#endif

template <typename T, uint64_t (*Code)(T)>
struct Run {
  PENSTOCK_LZCNT static size_t SumLzcnt(const RepeatedBase& values) {
    return SumSizes<T, Code>(values);
  }
  PENSTOCK_LZCNT static uint8_t* WriteLzcnt(uint8_t* p, const RepeatedBase& values, size_t bytes) {
    return WriteRun<T, Code>(p, values, bytes);
  }
  static size_t Sum(const RepeatedBase& values) {
    return HasLzcnt() ? SumLzcnt(values) : SumSizes<T, Code>(values);
  }
  static uint8_t* Write(uint8_t* p, const RepeatedBase& values, size_t bytes) {
    return HasLzcnt() ? WriteLzcnt(p, values, bytes) : WriteRun<T, Code>(p, values, bytes);
  }
};

using RunOfInt32 = Run<int32_t, CodeOf>;
using RunOfInt64 = Run<int64_t, CodeOf>;
using RunOfUint32 = Run<uint32_t, CodeOf>;
using RunOfSint32 = Run<int32_t, ZigZagCodeOf>;
using RunOfSint64 = Run<int64_t, ZigZagCodeOf>;

}  // namespace

size_t Writer::SizeOfInt32s(const RepeatedBase& values) { return RunOfInt32::Sum(values); }
size_t Writer::SizeOfInt64s(const RepeatedBase& values) { return RunOfInt64::Sum(values); }
size_t Writer::SizeOfUint32s(const RepeatedBase& values) { return RunOfUint32::Sum(values); }
size_t Writer::SizeOfSint32s(const RepeatedBase& values) { return RunOfSint32::Sum(values); }
size_t Writer::SizeOfSint64s(const RepeatedBase& values) { return RunOfSint64::Sum(values); }
size_t Writer::SizeOfTexts(const RepeatedString& values) {
  size_t bytes = 0;
  for (std::string_view text : values) bytes += SizeOfLength(text.size());
  return bytes;
}

uint8_t* Writer::Int32s(uint8_t* p, const RepeatedBase& values, size_t bytes) {
  return RunOfInt32::Write(p, values, bytes);
}
uint8_t* Writer::Int64s(uint8_t* p, const RepeatedBase& values, size_t bytes) {
  return RunOfInt64::Write(p, values, bytes);
}
uint8_t* Writer::Uint32s(uint8_t* p, const RepeatedBase& values, size_t bytes) {
  return RunOfUint32::Write(p, values, bytes);
}
uint8_t* Writer::Sint32s(uint8_t* p, const RepeatedBase& values, size_t bytes) {
  return RunOfSint32::Write(p, values, bytes);
}
uint8_t* Writer::Sint64s(uint8_t* p, const RepeatedBase& values, size_t bytes) {
  return RunOfSint64::Write(p, values, bytes);
}

}  // namespace penstock::codec
