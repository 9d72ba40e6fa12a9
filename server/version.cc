#include "penstock/server/version.h"

#include "penstock/reactor/uring_features.h"
#include "penstock/server/revision.h"  // generated
#include "penstock/wire/tls_context.h"

namespace penstock::server {
namespace {

#if defined(__clang__)
constexpr char kCompiler[] = "clang " __clang_version__;
#else
constexpr char kCompiler[] = "gcc " __VERSION__;
#endif

}  // namespace

std::string DescribeVersion() {
  return std::string(kProgramName) + "\nrevision: " PENSTOCK_REVISION "\ncompiler: " + kCompiler +
         "\nio_uring: " + reactor::DescribeUring() +
         "\nTLS: " + wire::TlsContext::LibraryVersion();
}

}  // namespace penstock::server
