// A status, and its details, for people.
#ifndef PENSTOCK_EXAMPLES_USER_SERVICE_ERROR_TEXT_H_
#define PENSTOCK_EXAMPLES_USER_SERVICE_ERROR_TEXT_H_

#include <string>

#include "penstock/rpc/status.h"

namespace users {

// A line for each thing that the details say, indented; "" without details:
//
//       user.email: must be an address such as ada@example.org
std::string DescribeDetails(const penstock::Status& status);

}  // namespace users

#endif  // PENSTOCK_EXAMPLES_USER_SERVICE_ERROR_TEXT_H_
