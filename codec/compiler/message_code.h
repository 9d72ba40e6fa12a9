// MessageCode: how one message becomes a C++ class: which members it has, and the text of its
// declaration and definitions. Used by the generator alone.
#ifndef PENSTOCK_CODEC_COMPILER_MESSAGE_CODE_H_
#define PENSTOCK_CODEC_COMPILER_MESSAGE_CODE_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/compiler/code_writer.h"
#include "penstock/codec/compiler/cpp_names.h"
#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/extension_code.h"

namespace penstock::codec::compiler {

// One field, with what its code says again and again.
//
// The variables: name, number, value (its member, "kind_.name_" in a oneof), type (as accessors
// give it), stored (as it is kept), container (of repeated fields and maps), class, tag and
// tag_bytes (as it is written), and what depends on shape and type.
struct FieldCode {
  const FieldDescriptor* field;
  const TypeTraits* traits;
  FieldShape shape;
  int has_bit = -1;  // kHasBit
  std::string name;  // of the accessor
  CodeWriter::Variables variables;

  bool is_group() const { return field->type == FieldType::kGroup; }
  // Maps: the two fields of their entries.
  const FieldDescriptor& map_key() const { return field->message->fields[0]; }
  const FieldDescriptor& map_value() const { return field->message->fields[1]; }
};

class MessageCode {
 public:
  MessageCode(const FileDescriptor& file, const MessageDescriptor& message);

  // The class, for the header.
  void PrintClass(CodeWriter* out) const;
  // Inline functions that need other classes to be complete.
  void PrintInlines(CodeWriter* out) const;
  // What the source file has behind its own names.
  void PrintTables(CodeWriter* out) const;
  void PrintDefinitions(CodeWriter* out) const;

  const std::string& class_name() const { return class_name_; }

 private:
  bool is_extendable() const { return !message_.extension_ranges.empty(); }

  // message_code.cc
  FieldCode Analyse(const FieldDescriptor& field);
  std::string FreeName(const FieldDescriptor& field, std::string_view prefixes);
  void AddTypeVariables(const FieldDescriptor& field, FieldCode* code) const;
  void AddMapVariables(FieldCode* code) const;
  void AnalyseExtension(const FieldDescriptor& extension);

  // message_header.cc
  void PrintNestedNames(CodeWriter* out) const;
  void PrintOneofAccessors(size_t index, CodeWriter* out) const;
  void PrintMembers(CodeWriter* out) const;

  // message_tables.cc
  void PrintMapTables(CodeWriter* out) const;
  void PrintLayout(CodeWriter* out) const;

  // message_parse.cc
  std::string ExtensionTest() const;
  void PrintParse(CodeWriter* out) const;

  // message_source.cc
  void PrintMutators(CodeWriter* out) const;
  void PrintByteSize(CodeWriter* out) const;
  void PrintSerialize(CodeWriter* out) const;
  std::vector<NumberRange> SortedExtensionRanges() const;

  const FileDescriptor& file_;
  const MessageDescriptor& message_;
  std::string class_name_;
  std::set<std::string, std::less<>> taken_names_;  // of accessors and members
  std::vector<FieldCode> fields_;                   // in the order of the .proto
  std::vector<size_t> by_number_;                   // indices of fields_
  std::vector<ExtensionCode> extensions_;           // declared in this message
  int has_bit_count_ = 0;
};

// message_accessors.cc: what the class offers for one field.
void PrintAccessors(const FieldCode& field, CodeWriter* out);

// The tag of the field with that wire type.
uint32_t TagWith(const FieldCode& field, uint32_t wire_type);

// C++ that is true when the field is present. `self` is "" or "self.".
std::string HasTest(const FieldCode& field, std::string_view self);
// The statement that sets the has-bit, or selects the oneof's case; "" where neither exists.
std::string MarkPresent(const FieldCode& field, std::string_view self);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_MESSAGE_CODE_H_
