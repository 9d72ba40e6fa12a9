#include "penstock/codec/compiler/features.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/codec/compiler/linker.h"
#include "penstock/codec/compiler/source_tree.h"

namespace penstock::codec::compiler {
namespace {

// Linked files, as long as this lives.
class Compiled {
 public:
  explicit Compiled(const std::string& source)
      : tree_({{"a.proto", source}}), linker_(&tree_, &diagnostics_) {
    file_ = linker_.Load("a.proto");
  }
  const FileDescriptor& file() const { return *file_; }
  const MessageDescriptor& message(size_t i) const { return *file_->messages.at(i); }
  std::string said() const { return diagnostics_.ToString(); }

 private:
  MemorySourceTree tree_;
  Diagnostics diagnostics_;
  Linker linker_;
  const FileDescriptor* file_;
};

// One letter for each trait a field has.
std::string Traits(const FieldDescriptor& field) {
  std::string traits;
  if (field.has_presence) traits += "presence ";
  if (field.required()) traits += "required ";
  if (field.repeated()) traits += "repeated ";
  if (field.packed) traits += "packed ";
  if (field.utf8_checked) traits += "utf8 ";
  if (field.is_group()) traits += "group ";
  if (field.enumeration != nullptr) traits += field.enumeration->closed ? "closed " : "open ";
  if (field.proto3_optional) traits += "proto3_optional ";
  if (field.default_value.has_value()) traits += "default ";
  if (!traits.empty()) traits.pop_back();
  return traits;
}

void ExpectTraits(const MessageDescriptor& message, const std::vector<std::string>& want) {
  ASSERT_EQ(message.fields.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(Traits(message.fields[i]), want[i]) << message.fields[i].full_name;
  }
}

TEST(Features, OfProto2) {
  const Compiled compiled(
      "syntax = \"proto2\"; message M { required int32 a = 1; optional string b = 2 [default = "
      "\"x\"]; repeated int32 c = 3; repeated int32 d = 4 [packed = true]; optional group G = 5 {} "
      "optional E e = 6; oneof o { int32 f = 7; } optional M m = 8; map<string, E> map = 9; } enum "
      "E "
      "{ A = 1; }");
  EXPECT_EQ(compiled.said(),
            "a.proto:1:250: error: the first value of an enum in a map must be 0\n");
  ExpectTraits(compiled.message(0),
               {"presence required", "presence default", "repeated", "repeated packed",
                "presence group", "presence closed", "presence", "presence", "repeated"});
}

TEST(Features, OfProto3) {
  const Compiled compiled(
      "syntax = \"proto3\"; message M { int32 a = 1; optional string b = 2; repeated int32 c = 3; "
      "repeated int32 d = 4 [packed = false]; E e = 5; oneof o { bytes f = 6; } M m = 7; string s "
      "= "
      "8; } enum E { A = 0; }");
  EXPECT_EQ(compiled.said(), "");
  ExpectTraits(compiled.message(0), {"", "presence utf8 proto3_optional", "repeated packed",
                                     "repeated", "open", "presence", "presence", "utf8"});
}

TEST(Features, OfEdition2023) {
  DiskSourceTree tree({"codec/compiler/testdata"}, "");
  Diagnostics diagnostics;
  Linker linker(&tree, &diagnostics);
  const FileDescriptor* file = linker.Load("editions.proto");
  ASSERT_EQ(diagnostics.ToString(), "");
  const MessageDescriptor& m = *file->messages.at(0);
  ExpectTraits(m, {"presence default", "", "presence required", "repeated", "repeated packed",
                   "presence utf8", "presence", "presence", "presence group", "presence open",
                   "presence closed", "repeated", "presence"});
  // The entry of a map whose strings are not checked.
  ExpectTraits(*m.messages.at(0), {"presence", "presence"});
  ExpectTraits(*m.messages.at(1), {"", "presence", "repeated"});
  // Maps are never delimited, nor are their values.
  const MessageDescriptor& delimited = *file->messages.at(1);
  ExpectTraits(delimited, {"repeated", "repeated group"});
  ExpectTraits(*delimited.messages.at(0), {"presence utf8", "presence"});
  EXPECT_EQ(m.extensions.at(0).extendee, &m);
}

TEST(Features, FaultsAreNamed) {
  struct {
    const char* source;  // behind the edition, in a message
    const char* want;
  } const cases[] = {
      {"repeated int32 a = 1 [features.field_presence = IMPLICIT];",
       "repeated fields have no presence to choose"},
      {"oneof o { int32 a = 1 [features.field_presence = IMPLICIT]; }",
       "fields of a oneof have no presence to choose"},
      {"M a = 1 [features.field_presence = IMPLICIT];",
       "the presence of a message cannot be implicit"},
      {"int32 a = 1 [features.repeated_field_encoding = PACKED];",
       "only repeated fields have a repeated_field_encoding"},
      {"repeated string a = 1 [features.repeated_field_encoding = PACKED];",
       "only repeated fields of numbers, bools and enums can be packed"},
      {"int32 a = 1 [features.utf8_validation = NONE];", "only strings have a utf8_validation"},
      {"int32 a = 1 [features.message_encoding = DELIMITED];",
       "only messages have a message_encoding"},
      {"repeated int32 a = 1 [packed = true];",
       "there is no option packed in editions: write [features.repeated_field_encoding = PACKED] "
       "or "
       "EXPANDED"},
      {"int32 a = 1 [features.field_presence = IMPLICIT, default = 1];",
       "fields of implicit presence have no default values"},
      {"enum E { option features.enum_type = CLOSED; A = 1; } E e = 1 [features.field_presence = "
       "IMPLICIT];",
       "enum \"M.E\" is closed: a field of implicit presence cannot hold it"},
      {"enum E { A = 1; }", "the first value of an open enum must be 0"},
      {"int32 a = 1 [features.feild_presence = IMPLICIT];",
       "unknown field \"feild_presence\" of \"google.protobuf.FeatureSet\"; did you mean "
       "\"field_presence\"?"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.source);
    const Compiled compiled(std::string("edition = \"2023\";\nmessage M { ") + c.source + " }");
    EXPECT_NE(compiled.said().find(std::string("error: ") + c.want + "\n"), std::string::npos)
        << compiled.said();
  }
}

TEST(Features, AreForEditionsOnly) {
  const Compiled compiled(
      "syntax = \"proto3\";\nmessage M {\n  int32 a = 1 [features.field_presence = EXPLICIT];\n}");
  EXPECT_EQ(
      compiled.said(),
      "a.proto:3:16: error: features exist in editions only: begin with edition = \"2023\";\n");
}

}  // namespace
}  // namespace penstock::codec::compiler
