// The options that descriptor.proto declares: what exists without an extension.
#ifndef PENSTOCK_CODEC_COMPILER_STANDARD_OPTIONS_H_
#define PENSTOCK_CODEC_COMPILER_STANDARD_OPTIONS_H_

#include <string_view>

#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

// "FieldOptions", "MessageOptions"...; linked. A constant, made on first use.
const MessageDescriptor& StandardOptions(std::string_view name);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_STANDARD_OPTIONS_H_
