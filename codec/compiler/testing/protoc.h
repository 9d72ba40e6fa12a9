// Google's protoc beside ours, for tests that compare the two: both compile the same files, and
// both give FileDescriptorSets.
//
// Needs the packages protobuf-compiler and libprotobuf-dev.
#ifndef PENSTOCK_CODEC_COMPILER_TESTING_PROTOC_H_
#define PENSTOCK_CODEC_COMPILER_TESTING_PROTOC_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::codec::compiler {

using ProtoFiles = std::map<std::string, std::string, std::less<>>;

struct CompileResult {
  bool ok = false;
  std::string said;            // errors and warnings
  std::string descriptor_set;  // a FileDescriptorSet with source info, when ok
};

// `path` as protoc finds it under `roots`.
CompileResult CompileByProtoc(const std::vector<std::string>& roots, const std::string& path);
CompileResult CompileByUs(const std::vector<std::string>& roots, const std::string& path);

// Writes the files below a new folder of the test's own, and returns it.
std::string WriteProtos(const ProtoFiles& files);

// "" when two FileDescriptorSets say the same, or what differs.
std::string DifferenceOf(std::string_view theirs, std::string_view ours);

// The same, but for the file's options and places, and ours may declare more.
std::string DifferenceInDeclarations(std::string_view theirs, std::string_view ours);

// All .proto files below a folder, as paths below it; sorted.
std::vector<std::string> ProtosBelow(const std::string& folder);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_TESTING_PROTOC_H_
