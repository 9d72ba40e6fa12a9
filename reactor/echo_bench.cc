// What a shard costs per round trip: an echo server on one core, closed-loop clients on another.
//
//     bazel run --config=opt //reactor:echo_bench
//
// server_ns is the CPU time of the server's thread per message; calls its system calls per message.
//
// Echo/uring beside its two relatives says what counting quiet sends is worth (RingOptions::
// quiet_send_wait_ns_max): in uring_unbounded no wait has a time-out of its own, and the difference
// is what the bound costs; in uring_uncounted each send's completion ends a wait, and the
// difference is what the counting gains.
#include <benchmark/benchmark.h>
#include <pthread.h>
#include <time.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "penstock/reactor/listener.h"
#include "penstock/reactor/shard.h"
#include "penstock/wire/output_chain.h"

namespace penstock::reactor {
namespace {

constexpr size_t kMessageBytes = 64;

class EchoHandler final : public SocketHandler {
 public:
  EchoHandler(Shard& shard, Socket& socket) : socket_(socket), chain_(&shard.slabs()) {}
  void OnReceived(wire::Bytes bytes) override {
    chain_.Append(bytes);
    socket_.MarkDirty();
  }
  void OnFlush() override { socket_.Send(chain_); }
  void OnSent() override {}
  void OnReceiveEnd(int) override { socket_.Abort(); }
  void OnClosed() override { delete this; }

 private:
  Socket& socket_;
  wire::OutputChain chain_;
};

class EchoAcceptor final : public AcceptHandler {
 public:
  SocketHandler* OnAccepted(Shard& shard, Socket& socket) override {
    return new EchoHandler(shard, socket);
  }
};

// Sends a batch, waits for all of it, sends the next.
class ClientHandler final : public SocketHandler {
 public:
  ClientHandler(Shard& shard, const Address& address, size_t batch, uint64_t* done_count)
      : batch_(Text(batch)), chain_(&shard.slabs()), done_count_(done_count) {
    socket_ = &shard.Connect(address, this);
  }
  void OnConnected(int) override { socket_->MarkDirty(); }
  void OnReceived(wire::Bytes bytes) override {
    received_bytes_ += bytes.size();
    if (received_bytes_ < batch_.size()) return;
    received_bytes_ -= batch_.size();
    *done_count_ += batch_.size() / kMessageBytes;
    socket_->MarkDirty();
  }
  void OnFlush() override {
    chain_.Append(wire::AsBytes(batch_));
    socket_->Send(chain_);
  }
  void OnSent() override {}
  void OnReceiveEnd(int) override { socket_->Abort(); }
  void OnClosed() override {}

 private:
  static std::string Text(size_t batch) { return std::string(batch * kMessageBytes, 'x'); }

  const std::string batch_;
  Socket* socket_ = nullptr;
  wire::OutputChain chain_;
  uint64_t* const done_count_;
  size_t received_bytes_ = 0;
};

int64_t CpuNs(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void Echo(benchmark::State& state, IoMode io, int64_t quiet_send_wait_ns_max) {
  const size_t connections = static_cast<size_t>(state.range(0));
  const size_t batch = static_cast<size_t>(state.range(1));
  const int cpus = static_cast<int>(std::thread::hardware_concurrency());
  std::string why;
  ShardOptions options;
  options.io = io;
  options.ring.quiet_send_wait_ns_max = quiet_send_wait_ns_max;
  // Otherwise every wait has a time-out, and that of quiet sends is no more than another number.
  options.ring.sleep_ns_max = kTimeNever;
  options.cpu = cpus > 1 ? 0 : -1;
  Shard server(options);
  if (!server.Start(&why)) return state.SkipWithError(why.c_str());
  Placement placement({&server});
  EchoAcceptor acceptor;
  Listener listener(server, OpenListeningSocket("127.0.0.1:0", &why), placement, acceptor);
  listener.Start();
  std::atomic<clockid_t> server_clock{0};
  const auto report_clock = [](void* context, uint64_t) {
    clockid_t clock = 0;
    ::pthread_getcpuclockid(::pthread_self(), &clock);
    static_cast<std::atomic<clockid_t>*>(context)->store(clock);
  };
  if (!server.Post(report_clock, &server_clock)) std::abort();

  ShardOptions client_options;
  client_options.index = 1;
  client_options.cpu = cpus > 1 ? 1 : -1;
  Shard client(client_options);
  if (!client.Open(&why)) return state.SkipWithError(why.c_str());
  uint64_t done_count = 0;
  std::vector<std::unique_ptr<ClientHandler>> handlers;
  const Address address = *Address::Resolve(listener.address(), &why);
  for (size_t i = 0; i < connections; ++i) {
    handlers.push_back(std::make_unique<ClientHandler>(client, address, batch, &done_count));
  }
  while (done_count < 10 * connections * batch || server_clock == 0) client.Turn(kNsPerMs);

  const uint64_t first = done_count;
  const uint64_t calls = server.stats().system_calls;
  const int64_t cpu_ns = CpuNs(server_clock);
  for (auto _ : state) {
    const uint64_t target = done_count + connections * batch * 10;
    while (done_count < target) client.Turn(kNsPerMs);
  }
  const double messages = static_cast<double>(done_count - first);
  state.counters["server_ns"] = static_cast<double>(CpuNs(server_clock) - cpu_ns) / messages;
  // Read while it runs: near enough for a ratio.
  state.counters["calls"] = static_cast<double>(server.stats().system_calls - calls) / messages;
  state.SetItemsProcessed(static_cast<int64_t>(messages));

  listener.Stop();
  while (!listener.stopped()) client.Turn(kNsPerMs);
  server.Stop();
  server.Join();
  client.Stop();
  client.Run();
}

void Shapes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"connections", "batch"})->UseRealTime();
  for (const auto& [connections, batch] :
       {std::pair{1, 1}, std::pair{10, 1}, std::pair{100, 1}, std::pair{10, 100}}) {
    bench->Args({connections, batch});
  }
}

const int64_t kBounded = RingOptions().quiet_send_wait_ns_max;

BENCHMARK_CAPTURE(Echo, epoll, IoMode::kEpoll, kBounded)->Apply(Shapes);
BENCHMARK_CAPTURE(Echo, uring, IoMode::kUring, kBounded)->Apply(Shapes);
BENCHMARK_CAPTURE(Echo, uring_unbounded, IoMode::kUring, kTimeNever)->Apply(Shapes);
BENCHMARK_CAPTURE(Echo, uring_uncounted, IoMode::kUring, 0)->Apply(Shapes);

}  // namespace
}  // namespace penstock::reactor
