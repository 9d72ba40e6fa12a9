// ProcessFacts: what the kernel knows of this process, as Prometheus' own clients name it.
#ifndef PENSTOCK_SERVER_ADMIN_PROCESS_H_
#define PENSTOCK_SERVER_ADMIN_PROCESS_H_

#include <cstdint>

namespace penstock::server {

struct ProcessFacts {
  double cpu_seconds = 0;
  double start_seconds = 0;  // since 1970
  uint64_t resident_bytes = 0;
  uint64_t virtual_bytes = 0;
  uint64_t open_files_count = 0;
  uint64_t open_files_max = 0;
  uint64_t threads_count = 0;
};

// From /proc; what cannot be read is 0.
ProcessFacts ReadProcessFacts();

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_PROCESS_H_
