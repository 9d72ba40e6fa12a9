// Progress: how far a transfer is, in a line on standard error that is rewritten, where that is a
// terminal; elsewhere nothing.
#ifndef PENSTOCK_EXAMPLES_FILE_TRANSFER_PROGRESS_H_
#define PENSTOCK_EXAMPLES_FILE_TRANSFER_PROGRESS_H_

#include <cstdint>
#include <string>

#include "penstock/wire/time.h"

namespace filetransfer {

class Progress {
 public:
  // `begin_bytes` of `size_bytes` are there already.
  Progress(std::string name, uint64_t begin_bytes, uint64_t size_bytes);
  ~Progress();  // the line goes
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // So much is there by now. Shown ten times a second at most.
  void Show(uint64_t bytes);

 private:
  const std::string name_;
  const uint64_t begin_bytes_;
  const uint64_t size_bytes_;
  const bool is_terminal_;
  const penstock::TimeNs began_at_;
  penstock::TimeNs shown_at_ = 0;  // 0: not yet
};

// "a.iso  12.3 of 45.6 MiB  27 %  88.1 MiB/s", of what took `elapsed_ns` from `begin_bytes` on.
std::string FormatProgress(const std::string& name, uint64_t begin_bytes, uint64_t bytes,
                           uint64_t size_bytes, penstock::TimeNs elapsed_ns);

}  // namespace filetransfer

#endif  // PENSTOCK_EXAMPLES_FILE_TRANSFER_PROGRESS_H_
