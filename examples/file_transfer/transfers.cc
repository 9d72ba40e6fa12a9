#include "penstock/examples/file_transfer/transfers.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

#include "penstock/examples/file_transfer/disk_file.h"
#include "penstock/examples/file_transfer/progress.h"
#include "penstock/rpc/call_wait.h"

namespace filetransfer {
namespace {

using penstock::CallScope;
using penstock::MakeStatus;
using penstock::OkStatus;
using penstock::Status;
using penstock::StatusCode;
using penstock::Task;
using penstock::Try;

// What lies in the file already; it is left at its end. `file` outlives the task.
Task<Status> ReadPart(CallScope& scope, DiskFile& file, uint32_t* crc32) {
  for (;;) {
    const std::string_view piece = co_await Try(file.Read());
    if (piece.empty()) co_return OkStatus();
    *crc32 = Crc32(*crc32, piece);
    co_await Try(co_await penstock::Yield(scope));  // Ctrl-C is heard
  }
}

// The stream up to its checksum: whether that is the file's. All that is given outlives the task.
Task<Status> ReceiveRest(penstock::client::Download<DownloadPart>& download,
                         const std::string& name, DiskFile& file, Transferred* transferred) {
  std::optional<Progress> progress;
  while (const DownloadPart* part = co_await Try(co_await download.Next())) {
    switch (part->what_case()) {
      case DownloadPart::kSizeBytes:
        progress.emplace(name, transferred->resumed_at_bytes, part->size_bytes());
        break;
      case DownloadPart::kContent:
        co_await Try(file.Write(part->content()));
        transferred->crc32 = Crc32(transferred->crc32, part->content());
        if (progress.has_value()) progress->Show(file.size_bytes());
        break;
      case DownloadPart::kCrc32:
        if (part->crc32() == transferred->crc32) co_return OkStatus();
        co_return MakeStatus(StatusCode::kDataLoss, "what has come is not what was sent");
      case DownloadPart::WHAT_NOT_SET: break;
    }
  }
  co_return MakeStatus(StatusCode::kDataLoss, "the server has sent no checksum");
}

}  // namespace

Task<Status> UploadFile(CallScope& scope, const FileTransferClient& files, const std::string& path,
                        const std::string& name, Transferred* transferred) {
  DiskFile file;
  co_await Try(file.Open(AT_FDCWD, path, O_RDONLY, path));
  Progress progress(name, 0, file.size_bytes());
  penstock::client::Upload<UploadPart, Stored> upload = files.Upload(scope);
  UploadPart part;
  part.set_name(name);
  co_await Try(co_await upload.Write(part));
  for (;;) {
    const std::string_view piece = co_await Try(file.Read());
    if (piece.empty()) break;
    transferred->crc32 = Crc32(transferred->crc32, piece);
    transferred->size_bytes += piece.size();
    part.set_content(piece);
    co_await Try(co_await upload.Write(part));
    progress.Show(transferred->size_bytes);
  }
  const Stored stored = co_await Try(co_await upload.Finish());
  if (stored.size_bytes() != transferred->size_bytes || stored.crc32() != transferred->crc32) {
    co_return MakeStatus(StatusCode::kDataLoss,
                         "the server has stored something else than was sent");
  }
  co_return OkStatus();
}

Task<Status> DownloadFile(CallScope& scope, const FileTransferClient& files,
                          const std::string& name, const std::string& path,
                          Transferred* transferred) {
  const std::string part_path = PartPath(path);
  DiskFile file;
  co_await Try(file.Open(AT_FDCWD, part_path, O_RDWR | O_CREAT, part_path));
  transferred->resumed_at_bytes = file.size_bytes();
  co_await Try(co_await ReadPart(scope, file, &transferred->crc32));

  DownloadRequest request;
  request.set_name(name);
  request.set_offset_bytes(file.size_bytes());
  penstock::client::Download<DownloadPart> download = files.Download(scope, request);
  Status status = co_await ReceiveRest(download, name, file, transferred);
  const bool is_other = status.code() == StatusCode::kDataLoss ||
                        status.code() == StatusCode::kOutOfRange;
  if (is_other && transferred->resumed_at_bytes > 0) {
    status = MakeStatus(StatusCode::kDataLoss,
                        "what lay in " + part_path + " is of another file, and is removed: " +
                            "the same command begins anew");
  }
  const bool is_of_use = status.ok() || (!is_other && file.size_bytes() > 0);
  if (!is_of_use) ::unlink(part_path.c_str());
  co_await Try(status);
  co_await Try(file.Close());
  transferred->size_bytes = file.size_bytes();
  if (std::rename(part_path.c_str(), path.c_str()) != 0) {
    co_return MakeStatus(StatusCode::kInternal, "cannot call " + part_path + " " + path + ": " +
                                                    std::strerror(errno));
  }
  co_return OkStatus();
}

}  // namespace filetransfer
