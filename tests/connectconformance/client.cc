// The client under connectconformance's test: it learns from standard input which calls to make,
// makes several of them at once, and says on standard output what became of each.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>

#include "penstock/client/testing/root_coroutine.h"
#include "penstock/reactor/shard.h"
#include "penstock/wire/bytes.h"

#include "tests/connectconformance/call_maker.h"
#include "tests/connectconformance/sized.h"

namespace penstock::connectconformance {
namespace {

namespace pb = connectrpc::conformance::v1;

// Most of the cases wait for something: one after the other they would take minutes.
constexpr ptrdiff_t kCallsMax = 16;

int Fail(std::string_view why) {
  std::fprintf(stderr, "client: %.*s\n", static_cast<int>(why.size()), why.data());
  return EXIT_FAILURE;
}

// One that the shard was given.
struct WantedCall {
  pb::ClientCompatRequest request;
  reactor::Shard& shard;
  std::counting_semaphore<kCallsMax>& room;
};

// The call's channel and what it has of the shard go before the room is given back.
penstock::client::testing::RootCoroutine Answer(std::unique_ptr<WantedCall> wanted) {
  pb::ClientCompatResponse response;
  response.set_test_name(wanted->request.test_name());
  {
    CallMaker maker(&wanted->request, &wanted->shard);
    const Status made = co_await maker.Make();
    if (made.ok()) {
      *response.mutable_response() = maker.result();
    } else {
      response.mutable_error()->set_message(MessageOf(made));
    }
  }
  if (!WriteSized(response.SerializeAsString())) Fail("standard output is closed");
  wanted->room.release();
}

int MakeCalls(reactor::Shard& shard, std::counting_semaphore<kCallsMax>& room) {
  std::string octets;
  while (ReadSized(&octets)) {
    room.acquire();
    auto wanted = std::unique_ptr<WantedCall>(new WantedCall{{}, shard, room});
    if (!wanted->request.ParseFrom(wire::AsBytes(octets)).ok()) {
      return Fail("standard input has what is no ClientCompatRequest");
    }
    const bool posted = shard.Post(
        [](void* context, uint64_t) {
          Answer(std::unique_ptr<WantedCall>(static_cast<WantedCall*>(context)));
        },
        wanted.get());
    if (!posted) return Fail("the shard has no room for a call");
    (void)wanted.release();  // the shard's
  }
  for (ptrdiff_t i = 0; i < kCallsMax; ++i) room.acquire();
  return EXIT_SUCCESS;
}

int Run() {
  std::counting_semaphore<kCallsMax> room(kCallsMax);
  reactor::Shard shard((reactor::ShardOptions()));
  std::string why;
  if (!shard.Start(&why)) return Fail(why);
  const int status = MakeCalls(shard, room);
  shard.Stop();
  shard.Join();
  return status;
}

}  // namespace
}  // namespace penstock::connectconformance

int main() { return penstock::connectconformance::Run(); }
