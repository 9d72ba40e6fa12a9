// The header for those who call the services of a .proto.
#ifndef PENSTOCK_CODEC_COMPILER_CLIENT_CODE_H_
#define PENSTOCK_CODEC_COMPILER_CLIENT_CODE_H_

#include "penstock/codec/compiler/code_writer.h"
#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

// For each service X a class XClient, whose methods are awaited on a shard, and a class
// XBlockingClient with the unary ones.
void PrintClientHeader(const FileDescriptor& file, CodeWriter* out);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_CLIENT_CODE_H_
