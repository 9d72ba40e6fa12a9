// Our descriptors against protoc's, with places and comments: of every .proto that Debian ships,
// and of files that have everything the language has.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/codec/compiler/descriptor_reader.h"
#include "penstock/codec/compiler/descriptor_writer.h"
#include "penstock/codec/compiler/linker.h"
#include "penstock/codec/compiler/source_tree.h"
#include "penstock/codec/compiler/testing/protoc.h"

namespace penstock::codec::compiler {
namespace {

constexpr const char* kInclude = "/usr/include";
constexpr const char* kGrpcProto = "/usr/share/grpc-proto";
constexpr const char* kAccepted = "codec/compiler/testdata/accepted";
// Files that grpc-proto imports but no package has, as far as they are needed.
constexpr const char* kStubs = "codec/compiler/testdata/stubs";

void ExpectSame(const std::vector<std::string>& roots, const std::string& path) {
  SCOPED_TRACE(path);
  const CompileResult theirs = CompileByProtoc(roots, path);
  const CompileResult ours = CompileByUs(roots, path);
  ASSERT_TRUE(theirs.ok) << theirs.said;
  ASSERT_TRUE(ours.ok) << ours.said;
  EXPECT_EQ(DifferenceOf(theirs.descriptor_set, ours.descriptor_set), "");
  EXPECT_TRUE(theirs.descriptor_set == ours.descriptor_set) << "the octets differ";
}

TEST(ProtocDescriptors, AreTheSameForAllOfLibprotobufDev) {
  const std::vector<std::string> paths = ProtosBelow("/usr/include/google/protobuf");
  EXPECT_GE(paths.size(), 11u) << "apt install libprotobuf-dev";
  for (const std::string& path : paths) ExpectSame({kInclude}, "google/protobuf/" + path);
}

TEST(ProtocDescriptors, AreTheSameForAllOfGrpcProto) {
  const std::vector<std::string> paths = ProtosBelow(kGrpcProto);
  EXPECT_GE(paths.size(), 26u) << "apt install grpc-proto";
  for (const std::string& path : paths) ExpectSame({kGrpcProto, kInclude, kStubs}, path);
}

TEST(ProtocDescriptors, AreTheSameForEveryFeature) {
  const std::vector<std::string> paths = ProtosBelow(kAccepted);
  EXPECT_GE(paths.size(), 10u);
  for (const std::string& path : paths) ExpectSame({kAccepted, kInclude}, path);
}

// Without google/protobuf on the path the compiler's own files stand in; they mean the same.
TEST(ProtocDescriptors, NeedNoIncludeFolder) {
  const CompileResult with = CompileByUs({kAccepted, kInclude}, "options_used.proto");
  const CompileResult without = CompileByUs({kAccepted}, "options_used.proto");
  ASSERT_TRUE(without.ok) << without.said;
  EXPECT_EQ(DifferenceOf(with.descriptor_set, without.descriptor_set), "");
}

TEST(ProtocDescriptors, OfTheWellKnownFilesDeclareTheSame) {
  for (const char* name : {"any", "api", "descriptor", "duration", "empty", "field_mask",
                           "source_context", "struct", "timestamp", "type", "wrappers"}) {
    const std::string path = std::string("google/protobuf/") + name + ".proto";
    SCOPED_TRACE(path);
    const CompileResult theirs = CompileByProtoc({kInclude}, path);
    const CompileResult ours = CompileByUs({"."}, path);
    ASSERT_TRUE(theirs.ok) << theirs.said;
    ASSERT_TRUE(ours.ok) << ours.said;
    EXPECT_EQ(DifferenceInDeclarations(theirs.descriptor_set, ours.descriptor_set), "");
    // descriptor.proto alone has grown since Debian's version.
    if (path == "google/protobuf/descriptor.proto") continue;
    EXPECT_EQ(DifferenceInDeclarations(ours.descriptor_set, theirs.descriptor_set), "");
  }
}

// Reads what was written, of the file and its imports, and writes it again.
void ExpectRoundTrip(const std::vector<std::string>& roots, const std::string& path) {
  SCOPED_TRACE(path);
  Diagnostics diagnostics;
  DiskSourceTree tree(roots, "");
  Linker linker(&tree, &diagnostics);
  const FileDescriptor* file = linker.Load(path);
  ASSERT_NE(file, nullptr) << diagnostics.ToString();
  ASSERT_TRUE(diagnostics.ok()) << diagnostics.ToString();
  Linker again(nullptr, &diagnostics);
  for (const FileDescriptor* each : linker.WithImports({file})) {
    const std::string octets = WriteFileDescriptor(*each, Places::kKeep);
    std::unique_ptr<FileDescriptor> read = ReadFileDescriptor(octets, &diagnostics);
    ASSERT_NE(read, nullptr) << diagnostics.ToString();
    const FileDescriptor* adopted = again.Adopt(std::move(read));
    ASSERT_TRUE(diagnostics.ok()) << diagnostics.ToString();
    EXPECT_TRUE(WriteFileDescriptor(*adopted, Places::kKeep) == octets) << each->path;
  }
}

TEST(DescriptorReader, ReadsWhatTheWriterWrote) {
  for (const std::string& path : ProtosBelow(kAccepted)) {
    ExpectRoundTrip({kAccepted, kInclude}, path);
  }
  for (const std::string& path : ProtosBelow("/usr/include/google/protobuf")) {
    ExpectRoundTrip({kInclude}, "google/protobuf/" + path);
  }
  ExpectRoundTrip({kGrpcProto, kInclude}, "grpc/testing/worker_service.proto");
  ExpectRoundTrip({"codec/compiler/testdata"}, "editions.proto");
}

TEST(DescriptorReader, RefusesEveryPrefixOrReadsIt) {
  const CompileResult whole = CompileByUs({kAccepted, kInclude}, "proto3.proto");
  for (size_t bytes = 0; bytes < whole.descriptor_set.size(); ++bytes) {
    Diagnostics diagnostics;
    const auto file =
        ReadFileDescriptor(std::string_view(whole.descriptor_set).substr(0, bytes), &diagnostics);
    EXPECT_EQ(file == nullptr, !diagnostics.ok());
  }
}

}  // namespace
}  // namespace penstock::codec::compiler
