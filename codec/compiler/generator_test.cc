#include "penstock/codec/compiler/generator.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/codec/compiler/linker.h"
#include "penstock/codec/compiler/source_tree.h"

namespace penstock::codec::compiler {
namespace {

std::vector<GeneratedFile> Generate(const std::string& body,
                                    const std::string& syntax = "proto3") {
  MemorySourceTree tree({{"dir/a.proto", "syntax = \"" + syntax + "\";\n" + body}});
  Diagnostics diagnostics;
  Linker linker(&tree, &diagnostics);
  const FileDescriptor* file = linker.Load("dir/a.proto");
  EXPECT_EQ(diagnostics.ToString(), "");
  return GenerateCpp(*file);
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(Generator, FilesStandWhereTheProtoDoes) {
  const auto files = Generate("package x.y; message M {}");
  ASSERT_EQ(files.size(), 6u);
  EXPECT_EQ(files[0].path, "dir/a.penstock.h");
  EXPECT_EQ(files[1].path, "dir/a.penstock.cc");
  EXPECT_EQ(files[2].path, "dir/a.descriptor.cc");
  EXPECT_EQ(files[3].path, "dir/a.server.h");
  EXPECT_EQ(files[4].path, "dir/a.mock.h");
  EXPECT_TRUE(Contains(files[0].content, "namespace x::y {"));
  EXPECT_TRUE(Contains(files[1].content, "#include \"dir/a.penstock.h\""));
}

TEST(Generator, NamesThatCollideGetTheirNumber) {
  const auto files = Generate(
      "message M {\n"
      "  repeated int32 a = 1; int32 a_size = 2; int32 has_b = 3; optional int32 b = 4;\n"
      "  bytes unknown_fields = 7;\n"
      "}");
  ASSERT_EQ(files.size(), 6u);
  for (const char* accessor : {" a_size_2() const", " has_b() const", " b_4() const",
                               " has_b_4() const", " unknown_fields_7() const"}) {
    EXPECT_TRUE(Contains(files[0].content, accessor)) << accessor;
  }
}

TEST(Generator, EachKindOfMethodHasItsForm) {
  const auto files = Generate(
      "message M {} service S {\n"
      "  rpc One(M) returns (M);\n"
      "  rpc In(stream M) returns (M);\n"
      "  rpc Out(M) returns (stream M);\n"
      "  rpc Both(stream M) returns (stream M);\n"
      "}");
  ASSERT_EQ(files.size(), 6u);
  const std::string& server = files[3].content;
  for (const char* part : {
           "UnaryMethod<M, M> One{\n      \"/S/One\", &::penstock::codec::embedded::",
           "ClientStreamingMethod<M, M> In{\n      \"/S/In\", &::penstock::codec::embedded::",
           "ServerStreamingMethod<M, M> Out{\n      \"/S/Out\", &::penstock::codec::embedded::",
           "BidiStreamingMethod<M, M> Both{\n      \"/S/Both\", &::penstock::codec::embedded::",
           "virtual ::penstock::Status One(",
           "virtual ::penstock::Task<::penstock::StatusOr<M>> In(",
           "virtual ::penstock::Task<::penstock::Status> Out(",
           "virtual ::penstock::Task<::penstock::Status> Both(",
       }) {
    EXPECT_TRUE(Contains(server, part)) << part;
  }
  const std::string& mock = files[4].content;
  for (const char* part : {
           "class MockSService : public SService {",
           "class MockSClient : public ::penstock::client::MockClient {",
           "MOCK_METHOD(::penstock::Status, One,",
           "MOCK_METHOD(::penstock::Task<::penstock::StatusOr<M>>, In,",
           "MOCK_METHOD(::penstock::Task<::penstock::Status>, Out,",
           "MOCK_METHOD(::penstock::Task<::penstock::Status>, Both,",
       }) {
    EXPECT_TRUE(Contains(mock, part)) << part;
  }
}

TEST(Generator, ClientsHaveAMethodOfEachKind) {
  const auto files = Generate(
      "message M {} service S {\n"
      "  rpc One(M) returns (M);\n"
      "  rpc Out(M) returns (stream M);\n"
      "  rpc In(stream M) returns (M);\n"
      "  rpc Both(stream M) returns (stream M);\n"
      "}");
  ASSERT_EQ(files.size(), 6u);
  EXPECT_EQ(files[5].path, "dir/a.client.h");
  const std::string& client = files[5].content;
  for (const char* part :
       {"#include \"penstock/client/stub.h\"", "class SClient {", "class SBlockingClient {",
        "::penstock::client::Unary<M> One(\n      ::penstock::CallScope& call, const M& request",
        "::penstock::client::Download<M> Out(", "::penstock::client::Upload<M, M> In(",
        "::penstock::client::Duplex<M, M> Both(", "\"/S/Both\"",
        "::penstock::StatusOr<M> One(\n      const M& request"}) {
    EXPECT_TRUE(Contains(client, part)) << part;
  }
}

TEST(Generator, NamespacesAndClassesAvoidKeywords) {
  const auto files = Generate("package a.class; message namespace { message B {} }");
  ASSERT_EQ(files.size(), 6u);
  EXPECT_TRUE(Contains(files[0].content, "namespace a::class_ {"));
  EXPECT_TRUE(Contains(files[0].content, "class namespace_ final {"));
  EXPECT_TRUE(Contains(files[0].content, "kFullName = \"a.class.namespace\""));
}

// libprotobuf has google::protobuf::Timestamp, too.
TEST(Generator, PackagesOfGoogleAreInAnInlineNamespace) {
  auto files = Generate("package google.rpc; message M {}");
  EXPECT_TRUE(Contains(files[0].content, "namespace google::rpc::inline penstock_proto {"));
  files = Generate("package googly; message M {}");
  EXPECT_TRUE(Contains(files[0].content, "namespace googly {"));
}

TEST(Generator, CommentsCannotBreakTheCode) {
  const auto files =
      Generate("// ends in a backslash \\\nmessage M { // $dollar$\n int32 a = 1; }");
  ASSERT_EQ(files.size(), 6u);
  EXPECT_TRUE(Contains(files[0].content, "// ends in a backslash\nclass M final {"));
}

TEST(Generator, CommentsLoseTheirControlCharacters) {
  const auto files = Generate("// a\x01 b\x7f\tc\r\nmessage M { int32 a = 1; }");
  ASSERT_EQ(files.size(), 6u);
  EXPECT_TRUE(Contains(files[0].content, "// a b\tc\nclass M final {"));
}

// Paths that differ get names that differ, whatever is in them.
TEST(Generator, TheDescriptorHasASourceOfItsOwn) {
  const auto files = Generate("package x.y; message M { int32 id = 1; message N {} }");
  ASSERT_EQ(files.size(), 6u);
  const std::string& source = files[2].content;
  EXPECT_TRUE(Contains(source, "const EmbeddedFile File_dir_sa_dproto = {"));
  EXPECT_TRUE(Contains(source, "\\013dir/a.proto\\022\\003x.y"));
  EXPECT_TRUE(Contains(source, "{::x::y::M_N::kFullName, &MessageAccess::Layout<::x::y::M_N>()},"));
  EXPECT_TRUE(Contains(source, "EmbeddedFile& M::File_() {"));
}

TEST(Generator, MessagesWithExtensionRangesHaveTheirAccessors) {
  const auto files = Generate(
      "package p; message M { extensions 5 to 9, 20; optional int32 a = 10; }\n"
      "message N { extend M { repeated N has_n = 7; } optional int32 n = 1; }\n"
      "extend M { optional int32 some_number = 20 [default = 3]; }",
      "proto2");
  ASSERT_EQ(files.size(), 6u);
  for (const char* part : {"#include \"penstock/codec/extension.h\"",
                           "class M final : public ::penstock::codec::Extendable<M> {",
                           "class N final {", "  static constexpr int kHasNFieldNumber = 7;",
                           "  static const ::penstock::codec::RepeatedExtension<M, N> has_n_7;",
                           "inline constexpr int kSomeNumberFieldNumber = 20;",
                           "extern const ::penstock::codec::Extension<M, int32_t> some_number;"}) {
    EXPECT_TRUE(Contains(files[0].content, part)) << part;
  }
  for (const char* part :
       {"(number >= 5 && number <= 9)", "self.Extensions_.WriteTo(p, 5u, 9u, order)",
        "self.Extensions_.WriteTo(p, 20u, 20u, order)", "\"(p.some_number)\\0\"", "N::has_n_7("}) {
    EXPECT_TRUE(Contains(files[1].content, part)) << part;
  }
}

TEST(Generator, FilesWithoutExtensionsDoNotPayForThem) {
  const auto files = Generate("message M { optional int32 a = 1; }", "proto2");
  ASSERT_EQ(files.size(), 6u);
  EXPECT_FALSE(Contains(files[0].content, "xtension"));
  EXPECT_FALSE(Contains(files[1].content, "Extension"));
}

}  // namespace
}  // namespace penstock::codec::compiler
