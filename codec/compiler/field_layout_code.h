// What the tables of generated code say about a field, be it of a message, a map or an extension.
#ifndef PENSTOCK_CODEC_COMPILER_FIELD_LAYOUT_CODE_H_
#define PENSTOCK_CODEC_COMPILER_FIELD_LAYOUT_CODE_H_

#include <string>

#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

// FieldTraits as C++ says them; they are numbers in a FieldLayout.
std::string FieldTraitsExpression(const FieldDescriptor& field);

// What the last member of a FieldLayout points to. `type` is the C++ type.
std::string FieldPointerExpression(const FieldDescriptor& field, const std::string& type);

// Whether a message may lack a required field, itself or anywhere inside. One that may be extended
// may.
bool MayLackFields(const MessageDescriptor& message);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_FIELD_LAYOUT_CODE_H_
