// Files: the service of file_transfer.proto: the files of one folder.
//
// Disks block, and a handler must not block its shard for long. So a handler reads and writes
// pieces of 64 KiB, which the page cache gives and takes within microseconds, and lets others run
// between them: a download suspends when 256 KiB of it lie unsent, an upload when nothing more has
// come, and what only computes yields. So thousands of slow clients cost a shard nothing but
// memory. On workers (docs/handlers.md) each would hold a thread for as long as it takes, and a few
// slow ones keep all others waiting; that is the better bargain where a disk takes milliseconds for
// a piece, clients are few and quick, and there are `--workers` enough.
#ifndef PENSTOCK_EXAMPLES_FILE_TRANSFER_FILES_H_
#define PENSTOCK_EXAMPLES_FILE_TRANSFER_FILES_H_

#include <cstdint>
#include <string>

#include "penstock/examples/file_transfer/folder.h"

#include "examples/file_transfer/file_transfer.server.h"

namespace filetransfer {

class Files final : public FileTransferHandlers<Files> {
 public:
  // Before the server starts.
  penstock::Status Open(const std::string& path, uint64_t file_bytes_max) {
    return folder_.Open(path, file_bytes_max);
  }

  penstock::Task<penstock::StatusOr<Stored>> Upload(penstock::Call& call,
                                                    penstock::Reader<UploadPart>& in);
  penstock::Task<penstock::Status> Download(penstock::Call& call, const DownloadRequest& request,
                                            penstock::Writer<DownloadPart>& out);

 private:
  Folder folder_;
};

}  // namespace filetransfer

#endif  // PENSTOCK_EXAMPLES_FILE_TRANSFER_FILES_H_
