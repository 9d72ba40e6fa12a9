// A client that keeps to every rule and yet does, in earnest, what attacks overdo: for tools/soak,
// which wants to see that no limit mistakes it for one.
//
//     bazel run //tests/attack:honest_client -- cancel --target 127.0.0.1:50051 --seconds 10
//
// Prints one line, and ends with 1 when a call was not answered as it must be or the connection did
// not last.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <regex>
#include <string>
#include <thread>

#include "penstock/http2/error.h"
#include "penstock/tests/attack/hostile_peer.h"

namespace penstock::attack {
namespace {

using http2::testing::Data;
using http2::testing::RstStream;
using http2::testing::WindowUpdate;
using Clock = std::chrono::steady_clock;

constexpr uint32_t kWindow = 0x7fff'ffff - 0xffff;  // all there is, so that it lasts
constexpr uint32_t kCallsOfBatch = 10;
// Ten calls each: one of them is cancelled.
constexpr double kBatchesPerSecond = 80;

struct Tally {
  uint64_t calls = 0;      // that must be answered
  uint64_t cancelled = 0;  // that may be
};

std::string WholeCall(HostilePeer& peer, uint32_t id, const char* timeout) {
  http2::testing::Frame head = CallHead(id);
  if (timeout != nullptr) head.Field("grpc-timeout", timeout);
  return peer.Encoded(head) + peer.Encoded(Data(id, CallMessage("someone")).End());
}

// Nine calls, and one that is given up, at most 80 times a second.
uint32_t CancelOneInTen(HostilePeer& peer, uint32_t id, Tally* tally) {
  peer.Sends(CallHead(id));
  peer.Sends(RstStream(id, http2::ErrorCode::kCancel));
  std::string calls;
  for (uint32_t i = 1; i < kCallsOfBatch; ++i) calls += WholeCall(peer, id += 2, nullptr);
  peer.SendsBytes(calls);
  tally->calls += kCallsOfBatch - 1;
  ++tally->cancelled;
  return id;
}

// Nine calls with a deadline of 1 ms, and one whose message does not come in that time: server and
// client both notice, and the client resets what the server may have ended already.
uint32_t Deadlines(HostilePeer& peer, uint32_t id, Tally* tally) {
  const uint32_t late = id;
  std::string calls = peer.Encoded(CallHead(late).Field("grpc-timeout", "1m"));
  for (uint32_t i = 1; i < kCallsOfBatch; ++i) calls += WholeCall(peer, id += 2, "1m");
  peer.SendsBytes(calls);
  // tidy: allow(test-sleep): not a test: the deadline is to pass
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  peer.Sends(RstStream(late, http2::ErrorCode::kCancel));
  tally->calls += kCallsOfBatch - 1;
  ++tally->cancelled;
  return id;
}

// A message of a hundred octets in as many DATA frames.
uint32_t Crumbs(HostilePeer& peer, uint32_t id, Tally* tally) {
  std::string frames = peer.Encoded(CallHead(id));
  for (const char octet : CallMessage(std::string(100, 'x'))) {
    frames += peer.Encoded(Data(id, {&octet, 1}));
  }
  peer.SendsBytes(frames + peer.Encoded(Data(id, "").End()));
  ++tally->calls;
  return id;
}

using Batch = uint32_t (*)(HostilePeer& peer, uint32_t id, Tally* tally);

Batch BatchOf(const std::string& mode) {
  if (mode == "cancel") return &CancelOneInTen;
  if (mode == "deadline") return &Deadlines;
  return &Crumbs;
}

// 0 when all is well.
int Run(const std::string& mode, const std::string& target, double seconds) {
  HostilePeer peer(target);
  peer.Hello();
  peer.Sends(WindowUpdate(0, kWindow));
  Tally tally;
  const Batch batch = BatchOf(mode);
  const auto begun = Clock::now();
  uint32_t id = 1;
  for (uint64_t batches = 0;; ++batches) {
    const std::chrono::duration<double> due(static_cast<double>(batches) / kBatchesPerSecond);
    if (due.count() >= seconds) break;
    // tidy: allow(test-sleep): not a test: it keeps its pace
    std::this_thread::sleep_until(begun + std::chrono::duration_cast<Clock::duration>(due));
    const uint32_t last_id = batch(peer, id, &tally);
    if (!peer.HearUntil([&] { return peer.last_ended_id() >= last_id; })) break;
    id = last_id + 2;
  }
  // Before the PING, that nothing is on its way.
  const uint64_t answered = peer.streams_ended();
  const std::string verdict = peer.Verdict();
  const bool right =
      std::regex_match(verdict, std::regex("OPEN; \\d+ x grpc-status 0(, \\d+ x grpc-status 4)?"));
  const bool whole = answered >= tally.calls && answered <= tally.calls + tally.cancelled;
  std::printf("%s: %llu calls, %llu given up, %llu answered: %s\n", mode.c_str(),
              static_cast<unsigned long long>(tally.calls),
              static_cast<unsigned long long>(tally.cancelled),
              static_cast<unsigned long long>(answered), verdict.c_str());
  return right && whole ? 0 : 1;
}

int Main(int argc, char** argv) {
  std::string mode;
  std::string target;
  double seconds = 10;
  CLI::App app{"An honest client that does what attacks overdo."};
  app.add_option("MODE", mode, "cancel, deadline or crumbs")
      ->required()
      ->check(CLI::IsMember({"cancel", "deadline", "crumbs"}));
  app.add_option("--target", target, "address of the server, 127.0.0.1:PORT")->required();
  app.add_option("--seconds", seconds, "how long")->check(CLI::Range(0.1, 86'400.0));
  CLI11_PARSE(app, argc, argv);
  return Run(mode, target, seconds);
}

}  // namespace
}  // namespace penstock::attack

int main(int argc, char** argv) { return penstock::attack::Main(argc, argv); }
