// Descriptors: a .proto file as plain structs. The parser fills them, the linker resolves the names
// in them, the generator reads them. They say the same as descriptor.proto's messages.
//
// Ownership: a FileDescriptor owns everything in it; pointers to types of other files stay good as
//            long as the Linker's files do.
#ifndef PENSTOCK_CODEC_COMPILER_DESCRIPTOR_H_
#define PENSTOCK_CODEC_COMPILER_DESCRIPTOR_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/message_layout.h"

namespace penstock::codec::compiler {

struct EnumDescriptor;
struct FileDescriptor;
struct MessageDescriptor;

// What people wrote beside a declaration, without the comment markers.
struct Comments {
  std::string leading;
  std::string trailing;
};

// `option NAME = VALUE;` and `[NAME = VALUE]` as written, or a field of an aggregate value. What it
// means goes to the options_bytes of what it stands at.
struct Option {
  enum class Kind { kIdentifier, kInteger, kFloat, kString, kAggregate, kList };

  std::string name;  // "packed", "(my.option).sub"; in an aggregate "(extension)", "[any/type]"
  Kind kind = Kind::kIdentifier;
  std::string text;            // kIdentifier, with "-" in front where written; content of kString
  bool negative = false;       // kInteger and kFloat: a "-" stands before it
  uint64_t integer = 0;        // kInteger, without its sign
  double number = 0;           // kInteger and kFloat, with their sign
  std::vector<Option> values;  // kAggregate: its fields; kList: its elements, without names
  Location location;           // of the name
  Location value_location;
  int source_index = -1;  // of FileDescriptor::source_locations
};

// `[default = ...]`, converted to the field's type.
struct DefaultValue {
  std::string text;      // of string and bytes: the octets; of enums: the value's name
  uint64_t integer = 0;  // of integers (negative ones sign-extended), bool and enums: the number
  double number = 0;     // of float and double; infinities and NaN too
};

struct FieldDescriptor {
  // kOptional: the word was written. A required field of an edition has kRequired as well.
  enum class Label { kSingular, kOptional, kRequired, kRepeated };

  std::string name;
  std::string json_name;
  std::string full_name;
  uint32_t number = 0;
  Label label = Label::kSingular;
  FieldType type = FieldType::kMessage;  // kGroup: delimited on the wire, however it was written
  std::string type_name;  // of messages and enums, as written until linked, then full and resolved
  const MessageDescriptor* message = nullptr;
  const EnumDescriptor* enumeration = nullptr;
  int oneof_index = -1;          // of a oneof in the .proto; `optional` of proto3 makes none here
  bool is_map = false;           // repeated, and `message` is the entry
  bool proto3_optional = false;  // `optional` in a proto3 file
  bool has_presence = false;     // singular, and set to its default differs from not set
  bool packed = false;           // how a repeated field is written; both forms are read
  bool utf8_checked = false;     // a string that must be UTF-8: proto3's
  std::optional<DefaultValue> default_value;

  // Extensions alone: the message they extend. Where they stand is whose list they are in.
  bool is_extension = false;
  std::string extendee_name;  // as written until linked, then full
  const MessageDescriptor* extendee = nullptr;

  bool has_json_name = false;             // json_name was written
  std::optional<Option> written_default;  // becomes default_value
  std::vector<Option> options;
  std::string options_bytes;  // FieldOptions on the wire, once linked
  Comments comments;
  Location location;  // of the name
  Location type_location;
  Location number_location;
  Location extendee_location;

  bool repeated() const { return label == Label::kRepeated; }
  bool required() const { return label == Label::kRequired; }
  bool is_group() const { return type == FieldType::kGroup; }
};

struct OneofDescriptor {
  std::string name;
  std::vector<Option> options;
  std::string options_bytes;  // OneofOptions
  Comments comments;
  Location location;
};

// Numbers from `first` to `last`, both included.
struct NumberRange {
  int64_t first = 0;
  int64_t last = 0;
  Location location;
};

// `extensions 100 to 199;`: numbers that `extend` may use.
struct ExtensionRange {
  NumberRange range;
  std::vector<Option> options;
  std::string options_bytes;  // ExtensionRangeOptions
};

struct ReservedName {
  std::string name;
  Location location;
};

struct EnumValueDescriptor {
  std::string name;
  int32_t number = 0;
  std::vector<Option> options;
  std::string options_bytes;  // EnumValueOptions
  Comments comments;
  Location location;
};

struct EnumDescriptor {
  std::string name;
  std::string full_name;
  const FileDescriptor* file = nullptr;
  const MessageDescriptor* parent = nullptr;
  std::vector<EnumValueDescriptor> values;
  bool closed = false;       // proto2's: a field of it holds the numbers below and no others
  bool allow_alias = false;  // two names may have one number
  std::vector<NumberRange> reserved_ranges;
  std::vector<ReservedName> reserved_names;
  std::vector<Option> options;
  std::string options_bytes;  // EnumOptions
  Comments comments;
  Location location;
};

struct MessageDescriptor {
  std::string name;
  std::string full_name;
  const FileDescriptor* file = nullptr;
  const MessageDescriptor* parent = nullptr;
  bool is_map_entry = false;
  bool message_set = false;  // option message_set_wire_format: extensions, as items with type ids
  std::vector<FieldDescriptor> fields;
  std::vector<FieldDescriptor> extensions;  // declared in this scope, of whatever they extend
  std::vector<ExtensionRange> extension_ranges;
  std::vector<OneofDescriptor> oneofs;
  std::vector<std::unique_ptr<MessageDescriptor>> messages;
  std::vector<std::unique_ptr<EnumDescriptor>> enums;
  std::vector<NumberRange> reserved_ranges;
  std::vector<ReservedName> reserved_names;
  std::vector<Option> options;
  std::string options_bytes;  // MessageOptions
  Comments comments;
  Location location;
};

struct MethodDescriptor {
  std::string name;
  std::string input_name;
  std::string output_name;
  Location input_location;
  Location output_location;
  const MessageDescriptor* input = nullptr;
  const MessageDescriptor* output = nullptr;
  bool client_streaming = false;
  bool server_streaming = false;
  bool has_braces = false;  // `{ ... }` for the ';', even with nothing in it
  std::vector<Option> options;
  std::string options_bytes;  // MethodOptions
  Comments comments;
  Location location;
};

struct ServiceDescriptor {
  std::string name;
  std::string full_name;
  std::vector<MethodDescriptor> methods;
  std::vector<Option> options;
  std::string options_bytes;  // ServiceOptions
  Comments comments;
  Location location;
};

struct ImportDescriptor {
  std::string path;
  bool is_public = false;
  bool is_weak = false;
  const FileDescriptor* file = nullptr;  // null while, or when, it was not found
  Location location;
};

// Where a part of the file stands in its text, and the comments beside it.
// Spec: descriptor.proto, SourceCodeInfo.Location; lines and columns count from 0.
struct SourceLocation {
  std::vector<int32_t> path;      // numbers of fields, and indices, from FileDescriptorProto down
  std::array<int32_t, 4> span{};  // first line, first column, last line, column behind the end
  Comments comments;
  std::vector<std::string> detached;  // comments above the leading one, apart from it
};

struct FileDescriptor {
  std::string path;
  std::string syntax;  // "proto2", "proto3" or "editions"
  int edition = 0;     // 2023, of editions
  std::string package;
  std::vector<ImportDescriptor> imports;
  std::vector<std::unique_ptr<MessageDescriptor>> messages;
  std::vector<std::unique_ptr<EnumDescriptor>> enums;
  std::vector<FieldDescriptor> extensions;  // declared at the top level
  std::vector<ServiceDescriptor> services;
  std::vector<Option> options;
  std::string options_bytes;  // FileOptions
  std::vector<SourceLocation> source_locations;
  Comments package_comments;
};

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DESCRIPTOR_H_
