// SimRandom: what a simulation draws from. One seed, one sequence, on every machine.
//
//     SimRandom random(seed);
//     if (random.Chance(50)) delay_ns = random.Between(0, 5 * kNsPerMs);   // in 50 of 1000 cases
//
// Source: SplitMix64, Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (2014).
#ifndef PENSTOCK_REACTOR_TESTING_SIM_RANDOM_H_
#define PENSTOCK_REACTOR_TESTING_SIM_RANDOM_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace penstock::reactor {

class SimRandom {
 public:
  static constexpr uint32_t kAlways = 1000;

  explicit SimRandom(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return mixed ^ mixed >> 31;
  }
  // From [0, bound); 0 where that is empty.
  uint64_t Below(uint64_t bound) { return bound == 0 ? 0 : Next() % bound; }
  // From [least, most].
  int64_t Between(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(Below(static_cast<uint64_t>(most - least) + 1));
  }
  // Draws only where the outcome is open.
  bool Chance(uint32_t per_mille) { return per_mille != 0 && Below(kAlways) < per_mille; }
  // Each as often.
  template <typename T, size_t kCount>
  const T& OneOf(const std::array<T, kCount>& choices) {
    return choices[Below(kCount)];
  }

 private:
  uint64_t state_;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_TESTING_SIM_RANDOM_H_
