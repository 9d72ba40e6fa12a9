#include "penstock/server/guards/sip_hash.h"

#include <bit>
#include <random>

#include "penstock/wire/bytes.h"
#include "penstock/wire/endian.h"

namespace penstock::guards {
namespace {

struct State {
  uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void Add(uint64_t word) {
    v3 ^= word;
    Round();
    Round();
    v0 ^= word;
  }
};

}  // namespace

SipKey SipKey::Random() {
  std::random_device device;
  const auto random64 = [&device] { return static_cast<uint64_t>(device()) << 32 ^ device(); };
  SipKey key;
  key.low = random64();
  key.high = random64();
  return key;
}

uint64_t SipHash(const SipKey& key, std::string_view text) {
  State state = {key.low ^ 0x736f6d6570736575u, key.high ^ 0x646f72616e646f6du,
                 key.low ^ 0x6c7967656e657261u, key.high ^ 0x7465646279746573u};
  wire::Bytes rest = wire::AsBytes(text);
  for (; rest.size() >= 8; rest = rest.subspan(8)) state.Add(wire::LoadLittle64(rest.data()));
  uint64_t last = static_cast<uint64_t>(text.size()) << 56;
  for (size_t i = 0; i < rest.size(); ++i) last |= static_cast<uint64_t>(rest[i]) << (8 * i);
  state.Add(last);
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.Round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace penstock::guards
