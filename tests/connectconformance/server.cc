// The server under connectconformance's test: it learns from standard input what to be, says on
// standard output where it listens, and serves until it is ended.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/server/server.h"
#include "penstock/wire/bytes.h"

#include "connectrpc/conformance/v1/conformance.penstock.h"
#include "tests/connectconformance/service.h"
#include "tests/connectconformance/sized.h"
#include "tests/connectconformance/tls.h"

namespace penstock::connectconformance {
namespace {

namespace pb = connectrpc::conformance::v1;

int Fail(std::string_view why) {
  std::fprintf(stderr, "server: %.*s\n", static_cast<int>(why.size()), why.data());
  return EXIT_FAILURE;
}

int Serve(const pb::ServerCompatRequest& wanted) {
  std::optional<wire::CertificateFolder> folder;
  ServerOptions options;
  if (wanted.use_tls()) options.tls = TlsOf(wanted, folder.emplace());
  options.listen = {"127.0.0.1:0"};
  options.shards = 1;
  if (wanted.message_receive_limit() != 0) {
    options.message_bytes_max = wanted.message_receive_limit();
  }
  Server server(options);
  server.Add<ConformanceService>();
  if (const Status started = server.Start(); !started.ok()) return Fail(MessageOf(started));
  const std::string& address = server.addresses().front();
  const size_t colon = address.rfind(':');
  pb::ServerCompatResponse listening;
  listening.set_host(address.substr(0, colon));
  listening.set_port(static_cast<uint32_t>(std::stoul(address.substr(colon + 1))));
  if (wanted.use_tls()) listening.set_pem_cert(wanted.server_creds().cert());
  if (!WriteSized(listening.SerializeAsString())) return Fail("standard output is closed");
  server.Run();
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace penstock::connectconformance

int main() {
  namespace own = penstock::connectconformance;
  std::string octets;
  connectrpc::conformance::v1::ServerCompatRequest wanted;
  if (!own::ReadSized(&octets) || !wanted.ParseFrom(penstock::wire::AsBytes(octets)).ok()) {
    return own::Fail("standard input has no ServerCompatRequest");
  }
  return own::Serve(wanted);
}
