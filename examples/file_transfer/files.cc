#include "penstock/examples/file_transfer/files.h"

#include <string_view>

#include "penstock/rpc/call_wait.h"

namespace filetransfer {
namespace {

using penstock::Call;
using penstock::MakeStatus;
using penstock::OkStatus;
using penstock::Reader;
using penstock::Status;
using penstock::StatusCode;
using penstock::StatusOr;
using penstock::Task;
using penstock::Try;
using penstock::Writer;
using penstock::Yield;

}  // namespace

Task<StatusOr<Stored>> Files::Upload(Call& call, Reader<UploadPart>& in) {
  IncomingFile incoming(&folder_);
  const UploadPart* part = co_await Try(co_await in.Next());
  if (part == nullptr || !part->has_name()) {
    co_return MakeStatus(StatusCode::kInvalidArgument,
                         "the first message says what the file is called: it has `name`");
  }
  co_await Try(incoming.Begin(part->name()));
  while ((part = co_await Try(co_await in.Next())) != nullptr) {
    if (!part->has_content()) {
      co_return MakeStatus(StatusCode::kInvalidArgument,
                           "the file has a name already: messages behind the first have `content`");
    }
    co_await Try(incoming.Write(part->content()));
  }
  co_await Try(incoming.Keep());
  Stored stored(&call.arena());
  stored.set_name(incoming.name());
  stored.set_size_bytes(incoming.size_bytes());
  stored.set_crc32(incoming.crc32());
  co_return stored;
}

Task<Status> Files::Download(Call& call, const DownloadRequest& request,
                             Writer<DownloadPart>& out) {
  DiskFile file;
  co_await Try(folder_.OpenFile(request.name(), &file));
  const uint64_t size_bytes = file.size_bytes();
  if (request.offset_bytes() > size_bytes) {
    co_return MakeStatus(StatusCode::kOutOfRange,
                         "the file has " + std::to_string(size_bytes) + " octets, and not " +
                             std::to_string(request.offset_bytes()) + " before the rest");
  }
  DownloadPart part(&call.arena());
  part.set_size_bytes(size_bytes);
  co_await Try(co_await out.Write(part));

  // What the client has is read all the same: the checksum is of the whole file.
  uint64_t read_bytes = 0;
  uint32_t crc32 = 0;
  while (read_bytes < size_bytes) {
    const std::string_view piece = co_await Try(file.Read());
    if (piece.empty() || piece.size() > size_bytes - read_bytes) {
      co_return MakeStatus(StatusCode::kAborted, "the file is being changed: ask for it again");
    }
    crc32 = Crc32(crc32, piece);
    const uint64_t begin_bytes = read_bytes;
    read_bytes += piece.size();
    if (read_bytes <= request.offset_bytes()) {
      co_await Try(co_await Yield(call));
      continue;
    }
    const uint64_t known_bytes =
        request.offset_bytes() > begin_bytes ? request.offset_bytes() - begin_bytes : 0;
    part.set_content(piece.substr(known_bytes));
    co_await Try(co_await out.Write(part));
  }
  part.set_crc32(crc32);
  co_return co_await out.Write(part);
}

}  // namespace filetransfer
