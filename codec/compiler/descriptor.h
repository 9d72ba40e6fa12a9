// Descriptors: a .proto file as plain structs. The parser fills them, the linker resolves the names
// in them, the generator reads them. They say the same as descriptor.proto's messages.
//
// Ownership: a FileDescriptor owns everything in it; pointers to types of other files stay good as
//            long as the Linker's files do.
#ifndef PENSTOCK_CODEC_COMPILER_DESCRIPTOR_H_
#define PENSTOCK_CODEC_COMPILER_DESCRIPTOR_H_

#include <cstdint>
#include <memory>
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

// `option NAME = VALUE;` and `[NAME = VALUE]`, as written: nothing is interpreted but the few the
// compiler knows.
struct Option {
  enum class Kind { kIdentifier, kInteger, kFloat, kString, kAggregate };

  std::string name;  // "packed", "(my.option).sub"
  Kind kind = Kind::kIdentifier;
  std::string text;     // identifier, string content, or the octets between { and }
  int64_t integer = 0;  // kInteger; above 2^63-1 it is the bit pattern of a uint64
  double number = 0;    // kInteger and kFloat
  Location location;
};

struct FieldDescriptor {
  enum class Label { kSingular, kOptional, kRequired, kRepeated };

  std::string name;
  std::string json_name;
  std::string full_name;
  uint32_t number = 0;
  Label label = Label::kSingular;  // kOptional: the word was written
  FieldType type = FieldType::kMessage;
  std::string type_name;  // of messages and enums, as written until linked, then full and resolved
  const MessageDescriptor* message = nullptr;
  const EnumDescriptor* enumeration = nullptr;
  int oneof_index = -1;
  bool is_map = false;  // repeated, and `message` is the entry
  std::vector<Option> options;
  Comments comments;
  Location location;  // of the name
  Location type_location;
  Location number_location;

  bool repeated() const { return label == Label::kRepeated; }
};

struct OneofDescriptor {
  std::string name;
  std::vector<Option> options;
  Comments comments;
  Location location;
};

// Numbers from `first` to `last`, both included.
struct NumberRange {
  int64_t first = 0;
  int64_t last = 0;
  Location location;
};

struct ReservedName {
  std::string name;
  Location location;
};

struct EnumValueDescriptor {
  std::string name;
  int32_t number = 0;
  std::vector<Option> options;
  Comments comments;
  Location location;
};

struct EnumDescriptor {
  std::string name;
  std::string full_name;
  const FileDescriptor* file = nullptr;
  const MessageDescriptor* parent = nullptr;
  std::vector<EnumValueDescriptor> values;
  std::vector<NumberRange> reserved_ranges;
  std::vector<ReservedName> reserved_names;
  std::vector<Option> options;
  Comments comments;
  Location location;
};

struct MessageDescriptor {
  std::string name;
  std::string full_name;
  const FileDescriptor* file = nullptr;
  const MessageDescriptor* parent = nullptr;
  bool is_map_entry = false;
  std::vector<FieldDescriptor> fields;
  std::vector<OneofDescriptor> oneofs;
  std::vector<std::unique_ptr<MessageDescriptor>> messages;
  std::vector<std::unique_ptr<EnumDescriptor>> enums;
  std::vector<NumberRange> reserved_ranges;
  std::vector<ReservedName> reserved_names;
  std::vector<Option> options;
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
  std::vector<Option> options;
  Comments comments;
  Location location;
};

struct ServiceDescriptor {
  std::string name;
  std::string full_name;
  std::vector<MethodDescriptor> methods;
  std::vector<Option> options;
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

struct FileDescriptor {
  std::string path;
  std::string syntax;
  std::string package;
  std::vector<ImportDescriptor> imports;
  std::vector<std::unique_ptr<MessageDescriptor>> messages;
  std::vector<std::unique_ptr<EnumDescriptor>> enums;
  std::vector<ServiceDescriptor> services;
  std::vector<Option> options;
  Comments package_comments;
};

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DESCRIPTOR_H_
