// What the official conformance runner of Protocol Buffers asks, answered by the codec.
#ifndef PENSTOCK_TESTS_CONFORMANCE_TESTEE_H_
#define PENSTOCK_TESTS_CONFORMANCE_TESTEE_H_

#include <memory>

#include "tests/conformance/conformance.penstock.h"

namespace penstock::testing {

class Testee {
 public:
  virtual ~Testee() = default;

  // Parses what the request holds and prints it again, as it asks.
  virtual conformance::ConformanceResponse Answer(
      const conformance::ConformanceRequest& request) = 0;
};

// With the classes that penstockc generates.
std::unique_ptr<Testee> MakeGeneratedTestee();

// With DynamicMessage and descriptors.
std::unique_ptr<Testee> MakeDynamicTestee();

}  // namespace penstock::testing

#endif  // PENSTOCK_TESTS_CONFORMANCE_TESTEE_H_
