// What TLS costs: records of several lengths from one engine to the other, and handshakes.
//
//     bazel run --config=opt //wire:tls_bench
//
// Handshakes are measured in CPU time: of both ends together, and of the server's alone (without
// what it takes to make and to forget the connection).
#include <benchmark/benchmark.h>
#include <time.h>

#include <memory>
#include <string>

#include "penstock/wire/testing/certificates.h"
#include "penstock/wire/testing/tls_pair.h"

namespace penstock::wire {
namespace {

struct World {
  explicit World(bool rsa) {
    TestSubject subject;
    subject.rsa = rsa;
    server_options.certificates = {folder.Write("server", ca.Issue(subject))};
    client_options.ca = folder.WriteFile("ca.pem", ca.pem());
    server = LoadOrDie(server_options);
    client = LoadOrDie(client_options);
  }
  TestAuthority ca{"test CA"};
  CertificateFolder folder;
  TlsServerOptions server_options;
  TlsClientOptions client_options;
  std::shared_ptr<const TlsContext> server;
  std::shared_ptr<const TlsContext> client;
};

// Encrypts and takes the output, and nothing more.
void BM_Seal(benchmark::State& state) {
  const World world(false);
  TlsPair pair(world.server, world.client, "localhost");
  pair.Shake();
  SlabPool slabs;
  OutputChain plain(&slabs);
  const std::string text(static_cast<size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    plain.Append(AsBytes(text));
    pair.client.Encrypt(plain, SIZE_MAX);
    pair.client.output().Consume(pair.client.output().size());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Seal)->RangeMultiplier(4)->Range(64, 16 * 1024);

// The whole way: seals, and opens at the other end.
void BM_SealAndOpen(benchmark::State& state) {
  const World world(false);
  TlsPair pair(world.server, world.client, "localhost");
  pair.Shake();
  SlabPool slabs;
  OutputChain plain(&slabs);
  const std::string text(static_cast<size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    plain.Append(AsBytes(text));
    pair.client.Encrypt(plain, SIZE_MAX);
    while (!pair.client.output().empty()) {
      Bytes piece;
      pair.client.output().Gather({&piece, 1});
      pair.server.Receive(piece);
      Bytes opened;
      while (pair.server.Decrypt(&opened) == TlsEngine::Step::kPlain) {
        benchmark::DoNotOptimize(opened.data());
      }
      pair.client.output().Consume(piece.size());
    }
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_SealAndOpen)->RangeMultiplier(4)->Range(64, 16 * 1024);

double ThreadSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// The server's share of a handshake, or both ends' together: its CPU time.
void RunHandshakes(benchmark::State& state, bool rsa, bool both_ends, TlsSessions* sessions) {
  const World world(rsa);
  std::string ignored;
  for (auto _ : state) {
    const double began = ThreadSeconds();
    double server_seconds = 0;
    {
      TlsPair pair(world.server, world.client, "localhost");
      pair.client.Start("localhost", sessions);
      for (int flight = 0; flight < 2; ++flight) {
        const std::string from_client = TakeOutput(pair.client);
        const double server_began = ThreadSeconds();
        (void)Feed(pair.server, AsBytes(from_client), &ignored);
        const std::string from_server = TakeOutput(pair.server);
        server_seconds += ThreadSeconds() - server_began;
        (void)Feed(pair.client, AsBytes(from_server), &ignored);
      }
      if (!pair.server.is_open()) return state.SkipWithError("no handshake");
    }
    state.SetIterationTime(both_ends ? ThreadSeconds() - began : server_seconds);
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_HandshakeBothEnds(benchmark::State& state) {
  RunHandshakes(state, state.range(0) == 1, true, nullptr);
}
BENCHMARK(BM_HandshakeBothEnds)->UseManualTime()->ArgName("rsa")->Arg(0)->Arg(1);

void BM_HandshakeServer(benchmark::State& state) {
  RunHandshakes(state, state.range(0) == 1, false, nullptr);
}
BENCHMARK(BM_HandshakeServer)->UseManualTime()->ArgName("rsa")->Arg(0)->Arg(1);

void BM_HandshakeServerResumed(benchmark::State& state) {
  TlsSessions sessions;
  RunHandshakes(state, false, false, &sessions);
}
BENCHMARK(BM_HandshakeServerResumed)->UseManualTime();

}  // namespace
}  // namespace penstock::wire
