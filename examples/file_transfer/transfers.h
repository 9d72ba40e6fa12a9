// What the client does: a file there, and one back. Both answer a sentence where something fails.
#ifndef PENSTOCK_EXAMPLES_FILE_TRANSFER_TRANSFERS_H_
#define PENSTOCK_EXAMPLES_FILE_TRANSFER_TRANSFERS_H_

#include <cstdint>
#include <string>

#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/task.h"

#include "examples/file_transfer/file_transfer.client.h"

namespace filetransfer {

struct Transferred {
  uint64_t size_bytes = 0;
  uint64_t resumed_at_bytes = 0;  // what was there before
  uint32_t crc32 = 0;
};

// The file at `path`, which is called `name` there. DATA_LOSS where the server has counted other
// octets than were sent. All that is given outlives the task.
penstock::Task<penstock::Status> UploadFile(penstock::CallScope& scope,
                                            const FileTransferClient& files,
                                            const std::string& path, const std::string& name,
                                            Transferred* transferred);

// The file `name`, to `path`. What comes lies in PartPath(path) until all of it has come, and what
// lies there already is not asked for again. DATA_LOSS, and it is removed, where that turns out to
// be of another file. All that is given outlives the task.
penstock::Task<penstock::Status> DownloadFile(penstock::CallScope& scope,
                                              const FileTransferClient& files,
                                              const std::string& name, const std::string& path,
                                              Transferred* transferred);

inline std::string PartPath(const std::string& path) { return path + ".part"; }

}  // namespace filetransfer

#endif  // PENSTOCK_EXAMPLES_FILE_TRANSFER_TRANSFERS_H_
