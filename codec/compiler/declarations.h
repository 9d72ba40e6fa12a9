// The parts of a .proto file, for the parser alone. Each function stands at its keyword and returns
// false after a fault was reported; its caller then skips to the next statement. `at` is the span
// of what is around it, or of the thing itself where the comment says so.
#ifndef PENSTOCK_CODEC_COMPILER_DECLARATIONS_H_
#define PENSTOCK_CODEC_COMPILER_DECLARATIONS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/token_stream.h"

namespace penstock::codec::compiler {

// What all parts share.
struct ParseContext {
  FileDescriptor* file;
  TokenStream& tokens;
  int message_depth = 0;

  bool is_proto2() const { return file->syntax == "proto2"; }
  bool is_proto3() const { return file->syntax == "proto3"; }
  bool is_edition() const { return file->syntax == "editions"; }
};

// Where messages and extensions are declared: a message, or the file (`message` null).
struct Scope {
  MessageDescriptor* message;
  const Span& span;
  std::vector<std::unique_ptr<MessageDescriptor>>* messages;
  int32_t messages_number;  // of the list above, in the message of descriptor.proto
};

// The name with that of what is around it; `parent` is null at the top of the file.
std::string FullName(const FileDescriptor& file, const MessageDescriptor* parent,
                     const std::string& name);

// option_parser.cc
// `option NAME = VALUE;`; options_number is that of the options field around it.
bool ParseOptionStatement(ParseContext& context, const Span& at, int32_t options_number,
                          std::vector<Option>* options);
// `NAME = VALUE`; `at` is the options'.
bool ParseOption(ParseContext& context, const Span& at, std::vector<Option>* options);
// `[a = 1, b = 2]` if there is one.
bool ParseBracketOptions(ParseContext& context, const Span& at, int32_t options_number,
                         std::vector<Option>* options);
bool ParseOptionValue(TokenStream& tokens, Option* option);

// field_parser.cc; `at` is the field's span.
bool ParseField(ParseContext& context, const Scope& scope, Span& at, FieldDescriptor field,
                std::vector<FieldDescriptor>* fields);
bool ParseLabel(ParseContext& context, const Span& at, FieldDescriptor* field);

// parser.cc; `at` is the message's span. The '{' is next.
bool ParseMessageBlock(ParseContext& context, Span& at, MessageDescriptor* message);

// declarations.cc
// `reserved 2, 5 to 9, 100 to max;` with numbers from `min` to `max`, or `reserved "a", "b";`
struct ReservedNumbers {
  int32_t ranges;  // the fields of DescriptorProto or EnumDescriptorProto
  int32_t names;
  int64_t min;
  int64_t max;
};
bool ParseReserved(ParseContext& context, const Span& at, const ReservedNumbers& numbers,
                   std::vector<NumberRange>* ranges, std::vector<ReservedName>* names);
bool ParseExtensionRanges(ParseContext& context, const Span& at, MessageDescriptor* message);
// Numbers up to the last that can be: a range's end.
inline constexpr int64_t kRangeMax = INT64_MAX;

// These have their own spans in `at`.
bool ParseEnum(ParseContext& context, const Span& at, int32_t number, MessageDescriptor* parent,
               std::vector<std::unique_ptr<EnumDescriptor>>* enums);
bool ParseService(ParseContext& context, const Span& at);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DECLARATIONS_H_
