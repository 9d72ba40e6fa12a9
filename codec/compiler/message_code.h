// MessageCode: how one message becomes a C++ class: which members it has, and the text of its
// declaration and definitions. Used by the generator alone.
#ifndef PENSTOCK_CODEC_COMPILER_MESSAGE_CODE_H_
#define PENSTOCK_CODEC_COMPILER_MESSAGE_CODE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "penstock/codec/compiler/code_writer.h"
#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

// One field, with what its code says again and again.
struct FieldCode {
  const FieldDescriptor* field;
  const TypeTraits* traits;
  FieldShape shape;
  int has_bit = -1;     // kHasBit
  bool packed = false;  // how it is written; both forms are read
  std::string name;     // of the accessor
  std::string value;    // where the value is: "name_", or "kind_.name_" in a oneof
  CodeWriter::Variables variables;
};

class MessageCode {
 public:
  MessageCode(const FileDescriptor& file, const MessageDescriptor& message);

  // The class, for the header.
  void PrintClass(CodeWriter* out) const;
  // Inline functions that need other classes to be complete.
  void PrintInlines(CodeWriter* out) const;
  // What the source file has behind its own names.
  void PrintDefaultInstance(CodeWriter* out) const;
  void PrintDefinitions(CodeWriter* out) const;

  const std::string& class_name() const { return class_name_; }

 private:
  FieldCode Analyse(const FieldDescriptor& field);

  // message_header.cc
  void PrintNestedNames(CodeWriter* out) const;
  void PrintAccessors(const FieldCode& field, CodeWriter* out) const;
  void PrintSingularAccessors(const FieldCode& field, CodeWriter* out) const;
  void PrintMessageAccessors(const FieldCode& field, CodeWriter* out) const;
  void PrintRepeatedAccessors(const FieldCode& field, CodeWriter* out) const;
  void PrintOneofAccessors(size_t index, CodeWriter* out) const;
  void PrintMembers(CodeWriter* out) const;
  std::string HasTest(const FieldCode& field) const;

  // message_source.cc
  void PrintLayout(CodeWriter* out) const;
  void PrintParse(CodeWriter* out) const;
  void PrintParseCase(const FieldCode& field, CodeWriter* out) const;
  void PrintMutators(CodeWriter* out) const;
  void PrintByteSize(CodeWriter* out) const;
  void PrintFieldSize(const FieldCode& field, CodeWriter* out) const;
  void PrintSerialize(CodeWriter* out) const;
  void PrintFieldSerialize(const FieldCode& field, CodeWriter* out) const;
  std::string PresenceTest(const FieldCode& field) const;

  const FileDescriptor& file_;
  const MessageDescriptor& message_;
  std::string class_name_;
  std::vector<FieldCode> fields_;  // in the order of the .proto
  std::vector<size_t> by_number_;  // indices of fields_
  int has_bit_count_ = 0;
};

// The statement that sets the has-bit, or selects the oneof's case; "" where neither exists.
std::string MarkPresent(const FieldCode& field);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_MESSAGE_CODE_H_
