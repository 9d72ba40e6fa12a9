// Fuzzes what comes from a peer of TLS, of a server and of a client: records made up from the
// first octet on, and real flights with octets changed, cut into pieces. Whatever comes, the engine
// ends in order: no answer without a reason, nothing left in the count of handshakes.
#include <algorithm>
#include <memory>
#include <string>

#include "penstock/wire/check.h"
#include "penstock/wire/testing/certificates.h"
#include "penstock/wire/testing/fuzz_input.h"
#include "penstock/wire/testing/tls_pair.h"

namespace penstock::wire {
namespace {

using testing::FuzzInput;
using Step = TlsEngine::Step;

// Keys are made once: it is not they that are fuzzed.
struct World {
  World() {
    const TestAuthority ca("test CA");
    const CertificateFolder folder;
    TlsServerOptions server_options;
    server_options.certificates = {folder.Write("server", ca.Issue({}))};
    server_options.client_ca = folder.WriteFile("ca.pem", ca.pem());
    server_options.client_certificates = ClientCertificates::kRequest;
    TlsClientOptions client_options;
    client_options.ca = server_options.client_ca;
    client_options.own = folder.Write("client", ca.Issue({.common_name = "client"}));
    server = LoadOrDie(server_options);
    client = LoadOrDie(client_options);
  }
  std::shared_ptr<const TlsContext> server;
  std::shared_ptr<const TlsContext> client;
};

// Changes some octets of `records`, and feeds them in some pieces.
Step FeedChanged(FuzzInput& input, std::string records, TlsEngine& engine) {
  for (int changes = input.Byte() % 4; changes > 0 && !records.empty(); --changes) {
    records[input.Short() % records.size()] = static_cast<char>(input.Byte());
  }
  Step step = Step::kNeedsMore;
  std::string plain;
  for (size_t at = 0; at < records.size() && step == Step::kNeedsMore;) {
    const size_t piece = std::min<size_t>(1 + input.Short(), records.size() - at);
    step = Feed(engine, AsBytes(records).subspan(at, piece), &plain);
    at += piece;
  }
  return step;
}

void Judge(TlsEngine& engine, Step step) {
  const bool has_reason = !engine.failure().empty();
  const bool wants_reason = step == Step::kFailed || step == Step::kViolation;
  PENSTOCK_CHECK(has_reason == wants_reason, "what fails says why, and only that");
  PENSTOCK_CHECK(step != Step::kFailed || !engine.is_open(), "what has failed is not open");
}

void RunOnce(FuzzInput& input) {
  static const World world;
  TlsPair pair(world.server, world.client, "localhost");
  const bool to_server = (input.Byte() & 1) != 0;
  TlsEngine& engine = to_server ? pair.server : pair.client;
  const int flights = input.Byte() % 4;  // that pass between them before
  pair.client.Start("localhost", nullptr);
  std::string ignored;
  for (int i = 0; i < flights; ++i) {
    TlsEngine& from = i % 2 == 0 ? pair.client : pair.server;
    TlsEngine& to = i % 2 == 0 ? pair.server : pair.client;
    (void)Feed(to, AsBytes(TakeOutput(from)), &ignored);
  }
  TlsEngine& peer = to_server ? pair.client : pair.server;
  Step step = FeedChanged(input, TakeOutput(peer), engine);
  Judge(engine, step);
  if (step == Step::kNeedsMore && !input.empty()) {
    step = Feed(engine, input.TakeRest(), &ignored);
    Judge(engine, step);
  }
  engine.Close();
  engine.ReceiveEnd();
  engine.output().Clear();
}

}  // namespace
}  // namespace penstock::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::wire::testing::FuzzInput input(data, size);
  penstock::wire::RunOnce(input);
  return 0;
}
