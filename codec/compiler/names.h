// Names: how those of a .proto become JSON's and C++'s, as protoc does it.
#ifndef PENSTOCK_CODEC_COMPILER_NAMES_H_
#define PENSTOCK_CODEC_COMPILER_NAMES_H_

#include <string>
#include <string_view>
#include <vector>

namespace penstock::codec::compiler {

// "foo_bar" -> "fooBar"
std::string JsonName(std::string_view field_name);

// "foo_bar" -> "FooBarEntry": the message of a map field's entries.
std::string MapEntryName(std::string_view field_name);

// "foo_bar" -> "FooBar"
std::string CamelCase(std::string_view name);

// Lower case; a keyword of C++ gets an underscore behind it: "Class" -> "class_".
std::string CppFieldName(std::string_view field_name);

// A to Z become a to z.
std::string LowerCase(std::string_view name);

// As it is, but for keywords: "class" -> "class_".
std::string CppIdentifier(std::string_view name);

// "a.b.c" -> "a::b::c"; keywords as CppIdentifier.
std::string CppNamespace(std::string_view package);

// "dir/x.proto" -> "dir/x"
std::string WithoutProtoSuffix(std::string_view path);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_NAMES_H_
