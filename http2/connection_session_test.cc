// Whole sessions: a client's and a server's Connection back to back, doing at random what
// applications do. A failure names the seed.
#include <algorithm>
#include <random>

#include "gtest/gtest.h"

#include "penstock/http2/testing/session_end.h"

namespace penstock::http2::testing {
namespace {

constexpr int kStepsMax = 200'000;

// Windows, tables and outputs small enough to be hit, or the defaults.
Limits RandomLimits(std::mt19937_64& random) {
  Limits limits;
  const auto one_of = [&random](std::initializer_list<uint32_t> values) {
    return *(values.begin() + random() % values.size());
  };
  limits.concurrent_streams_max = one_of({1, 5, 100});
  limits.header_list_bytes_max = 64 * 1024;
  limits.header_list_bytes_advertised = one_of({150, 8192, 64 * 1024});
  limits.decoder_table_bytes = one_of({0, 100, 4096, 60'000});
  limits.encoder_table_bytes_max = one_of({0, 200, 4096});
  limits.stream_window_bytes = one_of({10, 1000, 65'535, 1 << 20});
  limits.connection_window_bytes = one_of({65'535, 100'000, 16 << 20});
  limits.connection_unread_bytes_max = one_of({0, 10'000, 4 << 20});
  limits.output_bytes_max = one_of({1, 20'000, 1 << 20});
  return limits;
}

void DriveUntilIdle(SessionEnd& client, SessionEnd& server) {
  for (int step = 0; step < kStepsMax; ++step) {
    client.Finish();
    server.Finish();
    const bool to_server = client.Deliver(server, SIZE_MAX);
    const bool to_client = server.Deliver(client, SIZE_MAX);
    if (!to_server && !to_client) return;
  }
  ADD_FAILURE() << "the session never comes to rest";
}

void RunSession(uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const Limits client_limits = RandomLimits(random);
  const Limits server_limits = RandomLimits(random);
  SessionEnd client(Role::kClient, client_limits, &random);
  SessionEnd server(Role::kServer, server_limits, &random);
  // Whether a stream fits is the server's to say, once the client has heard it.
  while (!client.connection().established()) {
    client.Deliver(server, 1 + random() % 100);
    server.Deliver(client, 1 + random() % 100);
  }
  for (int step = 0; step < 1500; ++step) {
    client.ActAtRandom();
    server.ActAtRandom();
    const size_t bytes = random() % 4 == 0 ? 1 + random() % 20 : SIZE_MAX;
    if (random() % 2 == 0) client.Deliver(server, bytes);
    if (random() % 2 == 0) server.Deliver(client, bytes);
  }
  DriveUntilIdle(client, server);
  EXPECT_GT(server.streams_begun(), 0u);
  client.ExpectAllArrived(server);
  server.ExpectAllArrived(client);
  EXPECT_EQ(client.connection().streams_open_count(), 0u);
  EXPECT_EQ(server.connection().streams_open_count(), 0u);
  EXPECT_FALSE(client.connection().has_output());
  EXPECT_FALSE(server.connection().has_output());
  // Nothing is unread: what a window lacks is less than the half that makes a WINDOW_UPDATE.
  EXPECT_GT(client.connection().send_window_bytes(), ConnectionWindowBytes(server_limits) / 2);
  EXPECT_GT(server.connection().send_window_bytes(), ConnectionWindowBytes(client_limits) / 2);
}

TEST(ConnectionSession, WhateverIsSentArrivesAndEverythingIsReleased) {
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    RunSession(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace penstock::http2::testing
