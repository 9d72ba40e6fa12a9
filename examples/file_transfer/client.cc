// Takes files to a server and back; a download that was interrupted goes on where it stopped.
//
//     bazel run //examples/file_transfer:client -- upload notes.txt
//     bazel run //examples/file_transfer:client -- download notes.txt --to /tmp/notes.txt
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>
#include <string>

#include "penstock/client/main_shard.h"
#include "penstock/examples/client_program/client_program.h"
#include "penstock/examples/file_transfer/transfers.h"

namespace filetransfer {
namespace {

constexpr char kProgram[] = "file_transfer";

struct Options {
  std::string server;
  bool uploads = false;
  std::string name;  // there
  std::string path;  // here
};

std::string LastPartOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

void Declare(CLI::App& app, Options* options) {
  penstock::examples::AddServerFlag(app, &options->server);
  app.require_subcommand(1);
  app.fallthrough();
  CLI::App* upload = app.add_subcommand("upload", "stores a file on the server");
  upload->add_option("FILE", options->path, "which file")->required();
  upload->add_option("--as", options->name, "what it is called there; as here if nothing is said")
      ->type_name("NAME");
  upload->callback([options] {
    options->uploads = true;
    if (options->name.empty()) options->name = LastPartOf(options->path);
  });
  CLI::App* download = app.add_subcommand("download", "fetches a file from the server");
  download->add_option("NAME", options->name, "what it is called there")->required();
  download
      ->add_option("--to", options->path, "where to; as there, in this folder, if nothing is said")
      ->type_name("FILE");
  download->callback([options] {
    if (options->path.empty()) options->path = LastPartOf(options->name);
  });
}

void ReportSuccess(const Options& options, const Transferred& transferred) {
  std::printf("%s %s: %" PRIu64 " octets, crc32 %08" PRIx32,
              options.uploads ? "uploaded" : "downloaded", options.name.c_str(),
              transferred.size_bytes, transferred.crc32);
  if (transferred.resumed_at_bytes > 0) {
    std::printf(", of which %" PRIu64 " were here", transferred.resumed_at_bytes);
  }
  std::printf("\n");
}

int Main(int argc, char** argv) {
  CLI::App app{"Takes files to a server of filetransfer.FileTransfer, and back.", kProgram};
  Options options;
  Declare(app, &options);
  if (const auto status = penstock::examples::ParseCommandLine(app, argc, argv)) return *status;

  penstock::client::MainShard main_shard;
  main_shard.CancelOnSignals();
  penstock::client::Channel channel(&main_shard.shard(), options.server);
  const FileTransferClient files(&channel);
  Transferred transferred;
  const penstock::Status status = main_shard.Run(
      options.uploads
          ? UploadFile(main_shard.scope(), files, options.path, options.name, &transferred)
          : DownloadFile(main_shard.scope(), files, options.name, options.path, &transferred));
  if (status.ok()) {
    ReportSuccess(options, transferred);
    return penstock::examples::kExitOk;
  }
  const int exit_status = penstock::examples::ReportFailure(kProgram, status);
  if (const std::string part_path = PartPath(options.path);
      !options.uploads && ::access(part_path.c_str(), F_OK) == 0) {
    std::fprintf(stderr, "what has come lies in %s: the same command goes on from there\n",
                 part_path.c_str());
  }
  return exit_status;
}

}  // namespace
}  // namespace filetransfer

int main(int argc, char** argv) { return filetransfer::Main(argc, argv); }
