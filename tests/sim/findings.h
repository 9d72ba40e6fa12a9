// Findings: what a run found to be wrong, in words.
#ifndef PENSTOCK_TESTS_SIM_FINDINGS_H_
#define PENSTOCK_TESTS_SIM_FINDINGS_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "penstock/reactor/testing/sim_net.h"

namespace penstock::test::sim {

class Findings {
 public:
  static constexpr size_t kKeptMax = 20;

  explicit Findings(reactor::SimNet* net) : net_(*net) {}

  void Add(std::string what) {
    net_.trace().Note(net_.Now(), "WRONG: %s", what.c_str());
    if (all_.size() < kKeptMax) all_.push_back(std::move(what));
  }
  void Expect(bool is_so, const char* what) {
    if (!is_so) Add(what);
  }

  reactor::SimNet& net() const { return net_; }
  const std::vector<std::string>& all() const { return all_; }

 private:
  reactor::SimNet& net_;
  std::vector<std::string> all_;
};

}  // namespace penstock::test::sim

#endif  // PENSTOCK_TESTS_SIM_FINDINGS_H_
