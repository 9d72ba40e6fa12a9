// The header for those who implement the services of a .proto.
#ifndef PENSTOCK_CODEC_COMPILER_SERVICE_CODE_H_
#define PENSTOCK_CODEC_COMPILER_SERVICE_CODE_H_

#include "penstock/codec/compiler/code_writer.h"
#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

// For each service X a struct X with its methods as constants, an abstract class XService, and
// XHandlers<Derived>.
void PrintServerHeader(const FileDescriptor& file, CodeWriter* out);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_SERVICE_CODE_H_
