// SipHash-2-4: a hash with a key, for tables whose keys peers choose: who does not know the key
// cannot find two that meet.
//
// Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012
#ifndef PENSTOCK_SERVER_GUARDS_SIP_HASH_H_
#define PENSTOCK_SERVER_GUARDS_SIP_HASH_H_

#include <cstdint>
#include <string_view>

namespace penstock::guards {

struct SipKey {
  uint64_t low = 0;
  uint64_t high = 0;

  static SipKey Random();
};

uint64_t SipHash(const SipKey& key, std::string_view text);

}  // namespace penstock::guards

#endif  // PENSTOCK_SERVER_GUARDS_SIP_HASH_H_
