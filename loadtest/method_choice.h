// MethodChoice: which method of a mix the next call is of: by chance, as often as the weights say.
//
//     MethodChoice choice({8, 2}, seed, shard);
//     methods[choice.Next()];   // four in five times the first
//
// The same seed and shard choose the same sequence.
#ifndef PENSTOCK_LOADTEST_METHOD_CHOICE_H_
#define PENSTOCK_LOADTEST_METHOD_CHOICE_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace penstock::loadtest {

class MethodChoice {
 public:
  // One weight for each method, above 0.
  MethodChoice(const std::vector<double>& weights, uint64_t seed, uint32_t shard) {
    std::seed_seq seeds{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32), shard};
    random_.seed(seeds);
    double sum = 0;
    for (const double weight : weights) ends_.push_back(sum += weight);
  }

  size_t Next() {
    const double drawn = std::uniform_real_distribution<double>(0, ends_.back())(random_);
    size_t index = 0;
    while (index + 1 < ends_.size() && drawn >= ends_[index]) ++index;
    return index;
  }

 private:
  std::mt19937_64 random_;
  std::vector<double> ends_;  // of each method's part, from 0 on
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_METHOD_CHOICE_H_
