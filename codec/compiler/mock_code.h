// The header for those who test against the services of a .proto: mocks for gmock.
#ifndef PENSTOCK_CODEC_COMPILER_MOCK_CODE_H_
#define PENSTOCK_CODEC_COMPILER_MOCK_CODE_H_

#include "penstock/codec/compiler/code_writer.h"
#include "penstock/codec/compiler/descriptor.h"

namespace penstock::codec::compiler {

// For each abstract class XService of x.server.h a class MockXService, and for each XClient of
// x.client.h a MockXClient.
void PrintMockHeader(const FileDescriptor& file, CodeWriter* out);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_MOCK_CODE_H_
