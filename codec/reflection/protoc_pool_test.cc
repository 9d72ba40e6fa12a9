// The pool with what protoc writes: every .proto that Debian ships and those of the compiler's
// tests, and messages of the types in them.
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/codec/compiler/testing/protoc.h"
#include "penstock/codec/compiler/wire_fields.h"
#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/codec/reflection/dynamic_message.h"
#include "penstock/wire/bytes.h"

namespace penstock::codec::reflection {
namespace {

using compiler::CompileByProtoc;
using compiler::CompileByUs;
using compiler::CompileResult;
using compiler::ProtosBelow;

constexpr const char* kInclude = "/usr/include";
constexpr const char* kGrpcProto = "/usr/share/grpc-proto";
constexpr const char* kAccepted = "codec/compiler/testdata/accepted";
constexpr const char* kStubs = "codec/compiler/testdata/stubs";

// Makes the types of a message and of those in it, and an empty message of each.
void MakeAll(const DynamicTypes& types, const MessageDescriptor& message) {
  if (message.is_map_entry) return;
  const DynamicMessage empty(types.TypeOf(message));
  EXPECT_EQ(empty.ByteSize(), 0u) << message.full_name;
  EXPECT_EQ(types.FindType(message.full_name), &empty.type());
  for (const auto& nested : message.messages) MakeAll(types, *nested);
}

using Compile = CompileResult (*)(const std::vector<std::string>& roots, const std::string& path);

// Adds a file to the pool, behind all that it imports.
void Add(Compile compile, const std::vector<std::string>& roots, const std::string& path,
         DescriptorPool* pool) {
  if (pool->FindFile(path) != nullptr) return;
  SCOPED_TRACE(path);
  const CompileResult result = compile(roots, path);
  ASSERT_TRUE(result.ok) << result.said;
  constexpr uint32_t kFile = 1;        // FileDescriptorSet.file
  constexpr uint32_t kDependency = 3;  // FileDescriptorProto.dependency
  compiler::FieldReader set(result.descriptor_set);
  for (compiler::WireField file; set.Next(&file);) {
    if (file.number != kFile) continue;
    compiler::FieldReader reader(file.bytes);
    for (compiler::WireField field; reader.Next(&field);) {
      if (field.number == kDependency) Add(compile, roots, std::string(field.bytes), pool);
    }
  }
  std::string error;
  ASSERT_TRUE(pool->AddFileSet(result.descriptor_set, &error)) << error;
}

void ExpectLoads(Compile compile, const std::vector<std::string>& roots, const std::string& path) {
  SCOPED_TRACE(path);
  DescriptorPool pool;
  Add(compile, roots, path, &pool);
  EXPECT_NE(pool.FindFile(path), nullptr);
  const DynamicTypes types(pool);
  for (const FileDescriptor* file : pool.files()) {
    for (const auto& message : file->messages) MakeAll(types, *message);
  }
}

TEST(ProtocPool, LoadsAllOfLibprotobufDev) {
  const std::vector<std::string> paths = ProtosBelow("/usr/include/google/protobuf");
  EXPECT_GE(paths.size(), 11u) << "apt install libprotobuf-dev";
  for (const std::string& below : paths) {
    const std::string path = "google/protobuf/" + below;
    ExpectLoads(&CompileByProtoc, {kInclude}, path);
  }
}

TEST(ProtocPool, LoadsAllOfGrpcProto) {
  const std::vector<std::string> paths = ProtosBelow(kGrpcProto);
  EXPECT_GE(paths.size(), 26u) << "apt install grpc-proto";
  for (const std::string& path : paths) {
    ExpectLoads(&CompileByProtoc, {kGrpcProto, kInclude, kStubs}, path);
  }
}

TEST(ProtocPool, LoadsEveryFeature) {
  const std::vector<std::string> paths = ProtosBelow(kAccepted);
  EXPECT_GE(paths.size(), 10u);
  for (const std::string& path : paths) {
    ExpectLoads(&CompileByProtoc, {kAccepted, kInclude}, path);
  }
  // protoc 3.21 knows no editions.
  ExpectLoads(&CompileByUs, {"codec/compiler/testdata", kInclude}, "editions.proto");
}

// Descriptors are messages, too: descriptor.proto describes itself.
TEST(ProtocPool, DescriptorsAreReadAndWrittenByTheirOwnDescriptor) {
  constexpr const char* kPath = "google/protobuf/descriptor.proto";
  const CompileResult set = CompileByProtoc({kInclude}, kPath);
  ASSERT_TRUE(set.ok) << set.said;
  DescriptorPool pool;
  std::string error;
  ASSERT_TRUE(pool.AddFileSet(set.descriptor_set, &error)) << error;
  const DynamicTypes types(pool);
  DynamicMessage message(*types.FindType("google.protobuf.FileDescriptorSet"));
  const ParseResult result = message.ParseFrom(wire::AsBytes(set.descriptor_set));
  ASSERT_TRUE(result.ok()) << Describe(result);
  EXPECT_TRUE(message.SerializeAsString() == set.descriptor_set);
  const Field& file = *message.type().FindByName("file");
  ASSERT_EQ(message.ref().Size(file), 1u);
  const ConstMessageRef first = message.ref().At(file, 0).message();
  EXPECT_EQ(first.Get(*first.type().FindByName("name")).text(), kPath);
  EXPECT_EQ(first.unknown_fields().size(), 0u);
}

}  // namespace
}  // namespace penstock::codec::reflection
