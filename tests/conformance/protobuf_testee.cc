// The program under test for the official conformance runner of Protocol Buffers.
//
//     conformance_test_runner --enforce_recommended bazel-bin/tests/conformance/protobuf_testee
//
// With --dynamic it knows the messages by their descriptors alone.
//
// Each message on standard input and output has its length before it: four octets, the lowest
// first.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "penstock/codec/parse_result.h"
#include "penstock/tests/conformance/testee.h"
#include "penstock/wire/bytes.h"

#include "tests/conformance/conformance.penstock.h"

namespace penstock::testing {
namespace {

// Far above the runner's longest case; a longer one means that we are out of step.
constexpr uint32_t kMessageBytesMax = 64 << 20;

enum class ReadResult { kMessage, kEnd, kFault };

ReadResult ReadMessage(std::string* message) {
  uint8_t length[4];
  const size_t got = std::fread(length, 1, sizeof length, stdin);
  if (got == 0) return ReadResult::kEnd;
  if (got < sizeof length) return ReadResult::kFault;
  const uint32_t bytes = length[0] | uint32_t{length[1]} << 8 | uint32_t{length[2]} << 16 |
                         uint32_t{length[3]} << 24;
  if (bytes > kMessageBytesMax) return ReadResult::kFault;
  message->resize(bytes);
  return std::fread(message->data(), 1, bytes, stdin) == bytes ? ReadResult::kMessage
                                                               : ReadResult::kFault;
}

bool WriteMessage(const std::string& message) {
  const uint32_t bytes = static_cast<uint32_t>(message.size());
  const uint8_t length[4] = {static_cast<uint8_t>(bytes), static_cast<uint8_t>(bytes >> 8),
                             static_cast<uint8_t>(bytes >> 16), static_cast<uint8_t>(bytes >> 24)};
  return std::fwrite(length, 1, sizeof length, stdout) == sizeof length &&
         std::fwrite(message.data(), 1, bytes, stdout) == bytes && std::fflush(stdout) == 0;
}

int Fail(const char* sentence) {
  std::fprintf(stderr, "protobuf_testee: %s\n", sentence);
  return 1;
}

int Serve(Testee* testee) {
  std::string octets;
  for (;;) {
    const ReadResult read = ReadMessage(&octets);
    if (read == ReadResult::kEnd) return 0;
    if (read == ReadResult::kFault) return Fail("standard input is no sequence of requests");
    conformance::ConformanceRequest request;
    const wire::Bytes bytes(reinterpret_cast<const uint8_t*>(octets.data()), octets.size());
    if (!request.ParseFrom(bytes).ok()) return Fail("a ConformanceRequest does not parse");
    const conformance::ConformanceResponse response = testee->Answer(request);
    if (!WriteMessage(response.SerializeAsString())) return Fail("the runner is gone");
  }
}

}  // namespace
}  // namespace penstock::testing

int main(int argc, char** argv) {
  using namespace penstock::testing;
  bool dynamic = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--dynamic") {
      dynamic = true;
    } else if (argument != argv[0]) {  // older runners give the program its name twice
      std::fprintf(stderr, "protobuf_testee: the one flag there is is --dynamic\n");
      return 64;
    }
  }
  const auto testee = dynamic ? MakeDynamicTestee() : MakeGeneratedTestee();
  return Serve(testee.get());
}
