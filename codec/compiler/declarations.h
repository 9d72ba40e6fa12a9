// The parts of a .proto file that hold no messages: options, reserved ranges, enums, services.
// Each function stands at the keyword and returns false after a fault was reported; its caller
// then skips to the next statement.
#ifndef PENSTOCK_CODEC_COMPILER_DECLARATIONS_H_
#define PENSTOCK_CODEC_COMPILER_DECLARATIONS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/token_stream.h"

namespace penstock::codec::compiler {

// The name with that of what is around it; `parent` is null at the top of the file.
std::string FullName(const FileDescriptor& file, const MessageDescriptor* parent,
                     const std::string& name);

// `option NAME = VALUE;`
bool ParseOptionStatement(TokenStream& tokens, std::vector<Option>* options);

// `reserved 2, 5 to 9, 100 to max;` with numbers from `min` to `max`, or `reserved "a", "b";`
bool ParseReserved(TokenStream& tokens, int64_t min, int64_t max, std::vector<NumberRange>* ranges,
                   std::vector<ReservedName>* names);

bool ParseEnum(TokenStream& tokens, const FileDescriptor& file, MessageDescriptor* parent,
               std::vector<std::unique_ptr<EnumDescriptor>>* enums);

bool ParseService(TokenStream& tokens, FileDescriptor* file);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DECLARATIONS_H_
