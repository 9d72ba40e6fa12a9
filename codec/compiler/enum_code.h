// How an enum becomes C++: the enum, its least and greatest value, and what translates names.
#ifndef PENSTOCK_CODEC_COMPILER_ENUM_CODE_H_
#define PENSTOCK_CODEC_COMPILER_ENUM_CODE_H_

#include "penstock/codec/compiler/code_writer.h"
#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

void PrintEnum(const EnumDescriptor& enumeration, CodeWriter* out);
void PrintEnumTable(const EnumDescriptor& enumeration, CodeWriter* out);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_ENUM_CODE_H_
