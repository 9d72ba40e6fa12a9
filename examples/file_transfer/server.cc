// Serves filetransfer.FileTransfer: the files of one folder.
//
//     mkdir -p /tmp/files
//     bazel run --config=opt //examples/file_transfer:server -- --root /tmp/files
#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "penstock/examples/file_transfer/files.h"
#include "penstock/server/server_main.h"

int main(int argc, char** argv) {
  std::string root;
  uint64_t file_bytes_max = filetransfer::Folder::kFileBytesMaxDefault;
  return penstock::ServerMain(
      argc, argv,
      [&](CLI::App& app) {
        app.add_option("--root", root, "the folder whose files are served")
            ->type_name("FOLDER")
            ->required();
        app.add_option("--max-file-bytes", file_bytes_max, "longest file taken")
            ->type_name("BYTES")
            ->transform(CLI::AsSizeValue(false))
            ->capture_default_str();
      },
      [&](penstock::Server& server) {
        return server.Add<filetransfer::Files>().Open(root, file_bytes_max);
      });
}
