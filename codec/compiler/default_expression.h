// Default values of fields as C++ expressions.
#ifndef PENSTOCK_CODEC_COMPILER_DEFAULT_EXPRESSION_H_
#define PENSTOCK_CODEC_COMPILER_DEFAULT_EXPRESSION_H_

#include <string>

#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

// What the getter of an absent field gives, as an expression of `type`; "" where it is zero or
// empty, and for fields that have no such value.
std::string DefaultExpression(const FieldDescriptor& field, const std::string& type);

// The number of an int32_t as C++ takes it: the least one has no literal.
std::string Int32Literal(int32_t value);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DEFAULT_EXPRESSION_H_
