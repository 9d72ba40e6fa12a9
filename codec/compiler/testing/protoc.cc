#include "penstock/codec/compiler/testing/protoc.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "penstock/codec/compiler/descriptor_writer.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/linker.h"
#include "penstock/codec/compiler/source_tree.h"
#include "penstock/wire/check.h"

#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/util/message_differencer.h"

namespace penstock::codec::compiler {
namespace {

namespace fs = std::filesystem;

fs::path NewFolder() {
  static std::atomic<int> count = 0;
  const char* base = std::getenv("TEST_TMPDIR");
  const fs::path folder = fs::path(base != nullptr ? base : "/tmp") /
                          ("protos_" + std::to_string(getpid()) + "_" + std::to_string(++count));
  fs::create_directories(folder);
  return folder;
}

std::string ReadWhole(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
}

// Runs a program of the PATH with its standard error in a file; its exit status.
int Run(const std::vector<std::string>& arguments, const fs::path& standard_error) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, standard_error.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  PENSTOCK_CHECK(error == 0, "protoc can be started: apt install protobuf-compiler");
  int status = 0;
  PENSTOCK_CHECK(waitpid(child, &status, 0) == child, "protoc can be waited for");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

CompileResult CompileByProtoc(const std::vector<std::string>& roots, const std::string& path) {
  const fs::path folder = NewFolder();
  const fs::path out = folder / "out.binpb";
  std::vector<std::string> arguments = {"protoc", "--include_source_info",
                                        "--descriptor_set_out=" + out.string()};
  for (const std::string& root : roots) arguments.push_back("-I" + root);
  arguments.push_back(path);
  CompileResult result;
  result.ok = Run(arguments, folder / "err.txt") == 0;
  result.said = ReadWhole(folder / "err.txt");
  if (result.ok) result.descriptor_set = ReadWhole(out);
  return result;
}

CompileResult CompileByUs(const std::vector<std::string>& roots, const std::string& path) {
  DiskSourceTree tree(roots, "");
  Diagnostics diagnostics;
  Linker linker(&tree, &diagnostics);
  const FileDescriptor* file = linker.Load(path);
  CompileResult result;
  result.ok = file != nullptr && diagnostics.ok();
  result.said = diagnostics.ToString();
  if (result.ok) result.descriptor_set = WriteFileDescriptorSet({file}, Places::kKeep);
  return result;
}

std::string WriteProtos(const ProtoFiles& files) {
  const fs::path folder = NewFolder();
  for (const auto& [path, text] : files) {
    fs::create_directories((folder / path).parent_path());
    std::ofstream(folder / path, std::ios::binary) << text;
  }
  return folder.string();
}

namespace {

namespace pb = google::protobuf;

std::string Compare(std::string_view theirs, std::string_view ours,
                    pb::util::MessageDifferencer* differencer,
                    void (*prepare)(pb::FileDescriptorSet*)) {
  pb::FileDescriptorSet a;
  pb::FileDescriptorSet b;
  if (!a.ParseFromArray(theirs.data(), static_cast<int>(theirs.size()))) {
    return "protoc's set does not parse";
  }
  if (!b.ParseFromArray(ours.data(), static_cast<int>(ours.size()))) {
    return "our set does not parse";
  }
  prepare(&a);
  prepare(&b);
  std::string difference;
  differencer->ReportDifferencesToString(&difference);
  return differencer->Compare(a, b) ? "" : difference;
}

void LeaveOutOptionsOfTheFile(pb::FileDescriptorSet* set) {
  for (pb::FileDescriptorProto& file : *set->mutable_file()) {
    file.clear_options();
    file.clear_source_code_info();
  }
}

}  // namespace

std::string DifferenceOf(std::string_view theirs, std::string_view ours) {
  pb::util::MessageDifferencer differencer;
  return Compare(theirs, ours, &differencer, [](pb::FileDescriptorSet*) {});
}

std::string DifferenceInDeclarations(std::string_view theirs, std::string_view ours) {
  pb::util::MessageDifferencer differencer;
  differencer.set_scope(pb::util::MessageDifferencer::PARTIAL);
  differencer.set_repeated_field_comparison(pb::util::MessageDifferencer::AS_SET);
  return Compare(theirs, ours, &differencer, LeaveOutOptionsOfTheFile);
}

std::vector<std::string> ProtosBelow(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, error)) {
    if (entry.path().extension() == ".proto") {
      paths.push_back(entry.path().lexically_relative(folder).generic_string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace penstock::codec::compiler
