// Pair: a client's channel and a server's connection in one thread, joined by strings in memory:
// the whole path of a unary call, there and back, without a kernel. A fixed number of calls is
// under way all the time; each begins when the one before it has its reply. What it does is the
// same in every run, so that its instructions can be counted (tools/instructions).
//
//     Pair pair(*FindShape("small"));
//     pair.Round();                        // the client's turn, then the server's
//     pair.calls_count();                  // those that have ended, all of them well
#ifndef PENSTOCK_TESTS_IN_PROCESS_PAIR_H_
#define PENSTOCK_TESTS_IN_PROCESS_PAIR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "penstock/client/channel.h"
#include "penstock/client/stub.h"
#include "penstock/client/testing/root_coroutine.h"
#include "penstock/reactor/shard.h"
#include "penstock/reactor/testing/memory_net.h"
#include "penstock/server/options.h"
#include "penstock/server/registry.h"
#include "penstock/server/shard_state.h"

#include "tests/client/echo.client.h"

namespace penstock::in_process {

// What a call is like.
struct Shape {
  std::string_view name;
  // Of the text, which the reply repeats.
  size_t text_bytes = 5;
  // Calls under way at once.
  int calls_at_once = 32;
  // Four entries, as tracing and authentication send them.
  bool has_metadata = false;
  // Another one for each call, as clients with deadlines of their own have it.
  bool has_deadline = false;
  // Both ways.
  bool is_compressed = false;
  // The handler is one that does not suspend, instead of a plain function.
  bool is_coroutine = false;
};

std::span<const Shape> Shapes();
// Null where there is none of that name.
const Shape* FindShape(std::string_view name);

class Pair {
 public:
  explicit Pair(const Shape& shape);
  // Lets the calls end that are under way.
  ~Pair();
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  void Round() {
    client_shard_.Turn(0);
    CarryToServer();
    server_shard_.Turn(0);
    CarryToClient();
  }
  // The parts of a round.
  reactor::Shard& client_shard() { return client_shard_; }
  reactor::Shard& server_shard() { return server_shard_; }
  void CarryToServer();
  void CarryToClient();

  uint64_t calls_count() const { return calls_count_; }

 private:
  client::testing::RootCoroutine CallOnAndOn();
  void Serve();

  const Shape& shape_;
  const std::string text_;
  reactor::MemoryNet client_net_;
  reactor::MemoryNet server_net_;
  reactor::Shard client_shard_;
  reactor::Shard server_shard_;
  ServerOptions server_options_;
  Registry registry_;
  std::optional<server::ShardState> server_state_;
  client::CallOptions call_options_;
  std::optional<client::Channel> channel_;
  std::optional<test::client::EchoClient> echo_;
  uint64_t calls_count_ = 0;
  int callers_count_ = 0;
  bool is_over_ = false;
};

}  // namespace penstock::in_process

#endif  // PENSTOCK_TESTS_IN_PROCESS_PAIR_H_
