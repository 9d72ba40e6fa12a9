#include "penstock/tests/attack/under_attack.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "penstock/server/testing/test_client.h"
#include "penstock/tests/attack/hostile_peer.h"

namespace penstock::attack {
namespace {

constexpr char kExampleServer[] = "examples/helloworld/server";
constexpr int kCalls = 200;

// What a second attack may add beside its tenth: a server of few MiB grows by some pages of buffers
// now and then, whoever is connected.
constexpr size_t kAllowanceBytes = 512 * 1024;
// Else glibc raises it with the first large block that is freed, and keeps the next ones: resident
// memory would show what malloc holds, and not what the server does.
constexpr char kMallocReturnsLargeBlocks[] = "MALLOC_MMAP_THRESHOLD_=131072";

std::vector<std::string> Command(const std::string& io, size_t descriptors_max) {
  std::vector<std::string> command = {"/usr/bin/env",
                                      kMallocReturnsLargeBlocks,
                                      kExampleServer,
                                      "--listen",
                                      "127.0.0.1:0",
                                      "--shards",
                                      "1",
                                      "--io",
                                      io,
                                      // What attackers have left open is not worth a wait.
                                      "--drain-grace",
                                      "0"};
  if (descriptors_max == 0) return command;
  // From the beginning: io_uring takes the limit of the moment when accepting was asked for.
  const std::string limit = "ulimit -n " + std::to_string(descriptors_max);
  const std::vector<std::string> shell = {"/bin/sh", "-c", limit + " && exec \"$0\" \"$@\""};
  command.insert(command.begin(), shell.begin(), shell.end());
  return command;
}

void ExpectCallsServed(const std::string& address) {
  test::TestClient client(address);
  for (int i = 0; i < kCalls; ++i) {
    const std::string name = "caller " + std::to_string(i);
    const test::TestResponse& response = client.Call(kSayHello, CallMessage(name));
    ASSERT_EQ(response.status(), 0) << "call " << i << ": " << response.status_message();
    ASSERT_NE(response.message().find("Hello " + name), std::string::npos);
  }
}

}  // namespace

std::string AttackedIo() {
  const char* io = std::getenv("ATTACKED_IO");
  return io == nullptr ? "auto" : io;
}

UnderAttack::UnderAttack(const std::string& io, size_t descriptors_max)
    : target_(Command(io, descriptors_max)) {
  if (!started()) return;
  descriptors_ = target_.descriptors_count();
  ExpectCallsServed(target_.address());
}

bool UnderAttack::may_be_skipped() const {
  const char* ci = std::getenv("CI");
  const bool is_ci = ci != nullptr && std::string(ci) == "true";
  return !started() && !is_ci && target_.output().find("io_uring") != std::string::npos;
}

void UnderAttack::ExpectServes() {
  EXPECT_TRUE(target_.WaitForDescriptors(descriptors_))
      << target_.descriptors_count() << " descriptors are open, " << descriptors_ << " were";
  ExpectCallsServed(target_.address());
  EXPECT_TRUE(target_.WaitForDescriptors(descriptors_));
}

void UnderAttack::ExpectNoMoreThan(size_t warm_bytes) {
  const size_t bytes = target_.resident_bytes();
  EXPECT_GT(bytes, 0u);
  if (kMemoryIsTrue) EXPECT_LE(bytes, warm_bytes + warm_bytes / 10 + kAllowanceBytes);
}

void UnderAttack::ExpectCleanStop() { EXPECT_EQ(target_.Stop(), 0) << target_.output(); }

}  // namespace penstock::attack
