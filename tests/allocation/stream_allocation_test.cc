// A long bidirectional stream in steady state costs the server's thread no heap allocation: counted
// over thousands of messages, one at a time and many at once, that fit a slab.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <string>

#include "penstock/rpc/reader.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"
#include "penstock/rpc/writer.h"
#include "penstock/server/testing/server_fixture.h"
#include "penstock/tests/allocation/counting_allocator.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::test {
namespace {

constexpr BidiStreamingMethod<Text, Text> kRepeat{"/penstock.test.Streams/Repeat"};

// More than two windows of a stream take.
constexpr size_t kSlabsMost = 200;

class StreamAllocationTest : public ServerTest {
 protected:
  // The text "start" begins to count on the shard's thread, "stop" ends it; all are repeated.
  StreamAllocationTest() {
    options_.http2.ping_strikes_max = UINT32_MAX;  // PINGs are how the tests wait for DATA
    register_more_ = [this](Registry& registry) {
      registry.Handle(kRepeat, [this](Call& call, Reader<Text>& in, Writer<Text>& out) {
        return Repeat(call, in, out);
      });
    };
  }

  // How much lies unread and unsent at the worst is the kernel's luck: there are slabs for all.
  static void FillPool(wire::SlabPool& slabs) {
    std::array<wire::Slab*, kSlabsMost> lent;
    for (wire::Slab*& slab : lent) slab = slabs.Take();
    for (wire::Slab* slab : lent) slabs.Give(slab);
  }

  Task<Status> Repeat(Call& call, Reader<Text>& in, Writer<Text>& out) {
    while (const Text* text = co_await Try(co_await in.Next())) {
      if (text->text() == "start") {
        FillPool(call.shard().slabs());
        StartCountingHere(&count_);
      }
      if (text->text() == "stop") StopCountingHere();
      co_await Try(co_await out.Write(*text));
    }
    co_return OkStatus();
  }

  // Sends `framed` so many times, `at_once` before it waits for the answers.
  void Run(TestClient& client, uint32_t id, const std::string& framed, int count, int at_once) {
    std::string burst;
    for (int i = 0; i < at_once; ++i) burst += framed;
    for (int sent = 0; sent < count; sent += at_once) {
      client.Send(id, burst);
      answered_bytes_ += burst.size();
      while (client.response(id).data.size() < answered_bytes_) {
        client.Ping();
        ASSERT_FALSE(client.response(id).ended) << client.response(id).status_message();
      }
    }
  }

  AllocationCount count_;
  size_t answered_bytes_ = 0;
};
INSTANTIATE_SERVER_TEST(StreamAllocationTest);

TEST_P(StreamAllocationTest, ALongStreamAllocatesNothing) {
  START_SERVER();
  const struct {
    const char* name;
    size_t bytes;
    int at_once;
  } cases[] = {{"small, one at a time", 64, 1},
               {"small, many at once", 64, 100},
               {"of several buffers, one at a time", 12'000, 1},
               {"of several buffers, many at once", 12'000, 20}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    TestClient client(address());
    answered_bytes_ = 0;
    const uint32_t id = client.Open(TestClient::Head(kRepeat.path));
    const std::string framed = FramedText(std::string(c.bytes, 'm'));
    const int count = c.bytes > 1'000 ? 1'000 : 5'000;
    Run(client, id, framed, 2 * count, 4 * c.at_once);
    Run(client, id, FramedText("start"), 1, 1);
    Run(client, id, framed, count, c.at_once);
    Run(client, id, FramedText("stop"), 1, 1);
    EXPECT_EQ(count_.allocations, 0u);
    EXPECT_EQ(count_.frees, 0u);
    client.Send(id, "", http2::EndStream::kYes);
    EXPECT_EQ(client.Wait(id).status(), 0);
  }
}

}  // namespace
}  // namespace penstock::test
