// What the parts of the generator agree on: the C++ names and types of what a .proto declares.
#ifndef PENSTOCK_CODEC_COMPILER_CPP_NAMES_H_
#define PENSTOCK_CODEC_COMPILER_CPP_NAMES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/compiler/code_writer.h"
#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

// "Outer_Inner", as protoc names nested types.
std::string ClassName(const MessageDescriptor& message);
std::string ClassName(const EnumDescriptor& enumeration);

// The name as `file`'s code writes it: with its namespace when it comes from another package.
std::string TypeNameIn(const FileDescriptor& file, const MessageDescriptor& message);
std::string TypeNameIn(const FileDescriptor& file, const EnumDescriptor& enumeration);

// "PENSTOCK_GENERATED_DIR_X_SUFFIX_"
std::string IncludeGuard(std::string_view path, std::string_view suffix);

// "namespace a::b {" and its end; nothing for files without a package. In packages below `google`
// an inline namespace is within.
void OpenNamespace(const FileDescriptor& file, CodeWriter* out);
void CloseNamespace(const FileDescriptor& file, CodeWriter* out);

// What stands around the services of a header "x" + `suffix`: its guard, `includes`, in which
// $path$ is "x", and the namespace.
void OpenServicesHeader(const FileDescriptor& file, std::string_view suffix,
                        std::string_view includes, CodeWriter* out);
void CloseServicesHeader(const FileDescriptor& file, std::string_view suffix, CodeWriter* out);

// `// ...` lines for a comment of the .proto, each after `indent`.
void PrintComment(std::string_view comment, std::string_view indent, CodeWriter* out);

// All messages of the file that get a class, nested ones before what they are in.
std::vector<const MessageDescriptor*> AllMessages(const FileDescriptor& file);
std::vector<const EnumDescriptor*> AllEnums(const FileDescriptor& file);

// Whether a number that the field's enum does not have is an unknown field, as in proto2.
bool IsClosedEnum(const FieldDescriptor& field);

// How a field type is written in C++ and on the wire.
struct TypeTraits {
  std::string_view enumerator;   // of FieldType
  std::string_view value;        // C++ type; empty for enums and messages
  std::string_view read;         // Parser's function
  std::string_view read_packed;  // Parser's function; empty when it cannot be packed
  std::string_view code;         // Writer's function, and with SizeOf before it its size
  uint32_t fixed_bytes;          // 0: varies
  uint32_t wire_type;
};
const TypeTraits& TraitsOf(FieldType type);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_CPP_NAMES_H_
