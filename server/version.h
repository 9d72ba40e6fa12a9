// What --version says: the release, and what it was made of and runs on.
#ifndef PENSTOCK_SERVER_VERSION_H_
#define PENSTOCK_SERVER_VERSION_H_

#include <string>

#include "penstock/wire/version.h"

namespace penstock::server {

// How a server calls itself to people: "penstock 0.1.0".
inline constexpr char kProgramName[] = "penstock " PENSTOCK_VERSION;

// A line each for kProgramName, the revision of the source ("unknown" in builds that are not
// stamped, see tools/workspace_status), the compiler, io_uring as it is here, and TLS's library.
std::string DescribeVersion();

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_VERSION_H_
