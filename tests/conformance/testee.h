// What the official conformance runner of Protocol Buffers asks, answered by generated classes.
#ifndef PENSTOCK_TESTS_CONFORMANCE_TESTEE_H_
#define PENSTOCK_TESTS_CONFORMANCE_TESTEE_H_

#include "tests/conformance/conformance.penstock.h"

namespace penstock::testing {

// Parses what the request holds and prints it again, as it asks.
conformance::ConformanceResponse Answer(const conformance::ConformanceRequest& request);

}  // namespace penstock::testing

#endif  // PENSTOCK_TESTS_CONFORMANCE_TESTEE_H_
