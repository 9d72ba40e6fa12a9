// Making an io_uring with the best set of flags that this kernel knows.
#ifndef PENSTOCK_REACTOR_URING_SETUP_H_
#define PENSTOCK_REACTOR_URING_SETUP_H_

#include <liburing.h>

#include <string>

#include "penstock/reactor/io_mode.h"

namespace penstock::reactor {

// True: `*ring` is made and the kernel has what UringRing needs. False: it is not; `*why` says why.
bool SetUpUring(const RingOptions& options, io_uring* ring, std::string* why);

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_URING_SETUP_H_
