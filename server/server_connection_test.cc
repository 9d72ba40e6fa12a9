// Connections: how they begin, end, break, and keep out of each other's way.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "penstock/http2/frame.h"
#include "penstock/server/testing/server_fixture.h"
#include "penstock/wire/endian.h"

namespace penstock::test {
namespace {

using namespace std::string_literals;
using http2::EndStream;
using http2::ErrorCode;

class ServerConnectionTest : public ServerTest {};
INSTANTIATE_SERVER_TEST(ServerConnectionTest);

// Sends `bytes`, all at once or octet by octet, and gives what the server says before it closes.
std::string AnswerTo(const std::string& address, std::string_view bytes, bool octets) {
  TestSocket socket(address);
  if (!octets) socket.Write(bytes);
  for (size_t i = 0; octets && i < bytes.size(); ++i) socket.Write(bytes.substr(i, 1));
  return socket.ReadToEnd();
}

// Whether the last of `bytes`, frames of HTTP/2, is a GOAWAY with `code`.
bool EndsWithGoAway(const std::string& bytes, ErrorCode code) {
  http2::FrameHeader frame;
  size_t at = 0, payload_at = 0;
  while (at + http2::kFrameHeaderBytes <= bytes.size()) {
    frame = http2::LoadFrameHeader(reinterpret_cast<const uint8_t*>(bytes.data()) + at);
    payload_at = at + http2::kFrameHeaderBytes;
    at = payload_at + frame.payload_bytes;
  }
  if (at != bytes.size() || frame.type != http2::FrameType::kGoAway) return false;
  const auto* payload = reinterpret_cast<const uint8_t*>(bytes.data()) + payload_at;
  return wire::LoadBig32(payload + 4) == static_cast<uint32_t>(code);
}

TEST_P(ServerConnectionTest, Http1GetsItsAnswer) {
  START_SERVER();
  for (const bool octets : {false, true}) {
    for (const char* request : {"GET / HTTP/1.1\r\nhost: x\r\n\r\n", "POST /a HTTP/1.1\r\n\r\n",
                                "OPTIONS * HTTP/1.1\r\n\r\n"}) {
      SCOPED_TRACE(request);
      const std::string answer = AnswerTo(address(), request, octets);
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << answer;
      EXPECT_TRUE(answer.ends_with("or: curl --http2-prior-knowledge\n")) << answer;
    }
  }
  ExpectServes(address());
  EXPECT_EQ(Stop().connections_refused, 6u);
}

TEST_P(ServerConnectionTest, TlsGetsAnAlert) {
  START_SERVER();
  const std::string hello = "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03"s;
  for (const bool octets : {false, true}) {
    EXPECT_EQ(AnswerTo(address(), hello, octets), "\x15\x03\x01\x00\x02\x02\x28"s);
  }
  ExpectServes(address());
}

TEST_P(ServerConnectionTest, GarbageGetsGoAway) {
  START_SERVER();
  for (const bool octets : {false, true}) {
    for (const std::string& garbage :
         {"SSH-2.0-OpenSSH_9.2\r\n"s, std::string(1000, '\0'), std::string(100'000, '\xff'), "x"s,
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\rX"s, std::string(http2::kClientPreface) + "garbage..."}) {
      if (octets && garbage.size() > 1000) continue;
      SCOPED_TRACE(garbage.substr(0, 30));
      const std::string answer = AnswerTo(address(), garbage, octets);
      EXPECT_TRUE(EndsWithGoAway(answer, ErrorCode::kProtocolError) ||
                  EndsWithGoAway(answer, ErrorCode::kFrameSizeError))
          << answer;
    }
  }
  ExpectServes(address());
}

TEST_P(ServerConnectionTest, ThePrefaceMayComeInAnyPieces) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kSay));
  client.Send(id, FramedText("x"), EndStream::kYes);
  client.FlushOctets();
  EXPECT_EQ(TextOf(client.Wait(id)), "x");
}

TEST_P(ServerConnectionTest, WhoSaysNothingIsClosedInTime) {
  options_.http2.preface_timeout_ns = 30 * kNsPerMs;
  START_SERVER();
  TestSocket silent(address()), undecided(address()), half(address());
  undecided.Write("PR");
  half.Write(http2::kClientPreface.substr(0, 20));
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_EQ(undecided.ReadToEnd(), "");
  EXPECT_TRUE(EndsWithGoAway(half.ReadToEnd(), ErrorCode::kSettingsTimeout));
  ExpectServes(address());
}

TEST_P(ServerConnectionTest, WhoDoesNotAcknowledgeSettingsIsClosedInTime) {
  options_.http2.settings_ack_timeout_ns = 30 * kNsPerMs;
  START_SERVER();
  TestSocket socket(address());
  socket.Write(std::string(http2::kClientPreface) + "\0\0\0\4\0\0\0\0\0"s);
  EXPECT_TRUE(EndsWithGoAway(socket.ReadToEnd(), ErrorCode::kSettingsTimeout));
}

TEST_P(ServerConnectionTest, AHalfClosedClientStillGetsItsAnswer) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kSay));
  client.Send(id, FramedText("last words"), EndStream::kYes);
  client.Flush();
  client.socket().CloseWrite();
  EXPECT_EQ(TextOf(client.Wait(id)), "last words");
  client.WaitForClose();
  EXPECT_FALSE(client.socket().reset());
}

TEST_P(ServerConnectionTest, ClosingInTheMiddleCancelsWhatWasOpen) {
  START_SERVER();
  const std::string framed = FramedText("never whole");
  for (const bool reset : {false, true}) {
    TestClient client(address());
    for (int i = 0; i < 5; ++i) {
      const uint32_t id = client.Open(TestClient::Head(kSay, {{"grpc-timeout", "1H"}}));
      client.Send(id, std::string_view(framed).substr(0, static_cast<size_t>(i)));
    }
    client.Ping();
    client.socket().Close(reset);
  }
  ExpectServes(address());
  EXPECT_EQ(Stop().calls_cancelled, 10u);
  EXPECT_EQ(handled_count_, 1);
}

TEST_P(ServerConnectionTest, AResetInTheMiddleCancelsItsCallAlone) {
  START_SERVER();
  TestClient client(address());
  const uint32_t kept = client.Open(TestClient::Head(kSay));
  client.Send(kept, FramedText("kept"));
  for (int i = 0; i < 200; ++i) {
    const uint32_t id = client.Open(TestClient::Head(kSay, {{"grpc-timeout", "1H"}}));
    client.Send(id, Framed(std::string(100, 'x')).substr(0, 50));
    client.Flush();
    client.Reset(id, ErrorCode::kCancel);
  }
  client.Send(kept, "", EndStream::kYes);
  EXPECT_EQ(TextOf(client.Wait(kept)), "kept");
  client.socket().Close();
  const server::ServerCounters& counters = Stop();
  EXPECT_EQ(counters.calls_cancelled, 200u);
  EXPECT_EQ(counters.calls_ok, 1u);
}

TEST_P(ServerConnectionTest, AResetAfterTheAnswerIsNothing) {
  START_SERVER();
  TestClient client(address());
  const uint32_t id = client.Open(TestClient::Head(kSay));
  client.Send(id, FramedText("x"), EndStream::kYes);
  client.Wait(id);
  client.socket().Write("\0\0\4\3\0\0\0\0"s + static_cast<char>(id) + "\0\0\0\x8"s);
  EXPECT_EQ(client.Call(kSay, FramedText("y")).status(), 0);
}

// Nothing the client says wakes the server meanwhile. A server that waited for its own timers would
// take many times as long.
TEST_P(ServerConnectionTest, LargeResponsesDoNotWaitForTheClientToSpeak) {
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = limits.connection_window_bytes = 1 << 30;
  TestClient client(address(), limits);
  const std::string text(4'000'000, 'w');
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(TextOf(client.Call(kSay, FramedText(text))) == text);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_P(ServerConnectionTest, ClosingDoesNotWaitForTheServersTimers) {
  START_SERVER();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) AnswerTo(address(), "GET / HTTP/1.1\r\n\r\n", false);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

// A client that takes nothing, then takes all: flow control holds the response, not the server.
TEST_P(ServerConnectionTest, AResponseWaitsForTheClientsWindow) {
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = 1000;
  TestClient client(address(), limits);
  const std::string text(500'000, 'w');
  EXPECT_TRUE(TextOf(client.Call(kSay, FramedText(text))) == text);
}

TEST_P(ServerConnectionTest, ClosingWithAResponseUnderWayLeaksNothing) {
  START_SERVER();
  for (int i = 0; i < 5; ++i) {
    http2::Limits limits;
    limits.stream_window_bytes = 1000;
    TestClient client(address(), limits);
    const uint32_t id = client.Open(TestClient::Head(kSay));
    client.Send(id, FramedText(std::string(500'000, 'w')), EndStream::kYes);
    client.Flush();
    client.socket().Close(i % 2 == 0);
  }
  ExpectServes(address());
}

TEST_P(ServerConnectionTest, TwoHundredConnectionsAtOnce) {
  START_SERVER();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(std::make_unique<TestClient>(address()));
  for (int round = 0; round < 3; ++round) {
    std::vector<uint32_t> ids;
    for (auto& client : clients) {
      ids.push_back(client->Open(TestClient::Head(kSay)));
      client->Send(ids.back(), FramedText("r" + std::to_string(round)), EndStream::kYes);
      client->Flush();
    }
    for (size_t i = 0; i < clients.size(); ++i) {
      ASSERT_EQ(TextOf(clients[i]->Wait(ids[i])), "r" + std::to_string(round));
    }
  }
  clients.clear();
  EXPECT_EQ(Stop().calls_ok, 600u);
}

TEST_P(ServerConnectionTest, TwoShardsShareTheConnections) {
  options_.shards = 2;
  std::mutex mutex;
  std::set<std::thread::id> threads;
  act_ = [&](Call&, const Text&, Text&) {
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
    return OkStatus();
  };
  START_SERVER();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<TestClient>(address()));
    EXPECT_EQ(clients.back()->Call(kAct, Framed("")).status(), 0);
  }
  clients.clear();
  EXPECT_EQ(Stop().calls_ok, 8u);
  EXPECT_EQ(threads.size(), 2u);
}

TEST_P(ServerConnectionTest, UnixSocketsServe) {
  // Not in Bazel's folder for tests: the paths of sockets are short, 107 octets.
  char folder[] = "/tmp/penstock_test_XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string path = "unix:" + std::string(folder) + "/s";
  options_.listen = {path, "127.0.0.1:0"};
  Shared<std::string> peer;
  act_ = [&peer](Call& call, const Text&, Text&) {
    peer.Set(call.peer());
    return OkStatus();
  };
  START_SERVER();
  ASSERT_EQ(server().addresses().size(), 2u);
  EXPECT_EQ(server().addresses()[0], path);
  TestClient client(path);
  EXPECT_EQ(client.Call(kAct, Framed("")).status(), 0);
  EXPECT_TRUE(peer.Get().starts_with("unix:")) << peer.Get();
  const std::string text(300'000, 'u');
  EXPECT_TRUE(TextOf(client.Call(kSay, FramedText(text))) == text);
  ExpectServes(server().addresses()[1]);
  client.socket().Close();
  Stop();
  EXPECT_EQ(::rmdir(folder), 0) << "a file was left behind";
}

TEST_P(ServerConnectionTest, AUnixSocketOfALiveServerIsItsOwnAndOfAStoppedOneFree) {
  char folder[] = "/tmp/penstock_test_XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string path = "unix:" + std::string(folder) + "/s";
  options_.listen = {path};
  START_SERVER();
  {
    Server second(options_);
    EXPECT_EQ(MessageOf(second.Start()), "cannot listen on " + path +
                                             ": address already in use: this process listens "
                                             "on it; stop it or choose another address");
  }
  ExpectServes(path);
  Stop();
  Server third(options_);
  EXPECT_EQ(third.Start(), OkStatus());
  third.Stop();
  EXPECT_EQ(::rmdir(folder), 0) << "a file was left behind";
}

// A client that has said nothing yet is not known to speak HTTP/2: GOAWAY without SETTINGS before
// it would be no HTTP/2 either.
TEST_P(ServerConnectionTest, StoppingSaysNothingToWhoHasSaidNothing) {
  START_SERVER();
  TestSocket silent(address()), undecided(address());
  undecided.Write("PR");
  ExpectServes(address());  // behind them in the backlog, so that they have been accepted
  std::thread stopper([this] { Stop(); });
  EXPECT_EQ(silent.ReadToEnd(), "");
  EXPECT_EQ(undecided.ReadToEnd(), "");
  silent.Close();
  undecided.Close();
  stopper.join();
}

TEST_P(ServerConnectionTest, StoppingSaysGoAwayAndCancelsWhatIsIncomplete) {
  START_SERVER();
  TestClient idle(address()), busy(address());
  EXPECT_EQ(idle.Call(kSay, FramedText("x")).status(), 0);
  busy.Open(TestClient::Head(kSay, {{"grpc-timeout", "1H"}}));
  busy.Ping();
  TestSocket silent(address());
  std::thread idle_reader([&idle] { idle.WaitForClose(); });
  std::thread busy_reader([&busy] { busy.WaitForClose(); });
  const server::ServerCounters& counters = Stop();
  idle_reader.join();
  busy_reader.join();
  EXPECT_EQ(idle.goaway(), ErrorCode::kNoError);
  EXPECT_EQ(busy.goaway(), ErrorCode::kNoError);
  EXPECT_EQ(counters.calls_ok, 1u);
  EXPECT_EQ(counters.calls_cancelled, 1u);
}

TEST_P(ServerConnectionTest, StoppingDoesNotWaitForThePeerThatDoesNotRead) {
  START_SERVER();
  http2::Limits limits;
  limits.stream_window_bytes = limits.connection_window_bytes;
  TestClient client(address(), limits);
  for (int i = 0; i < 8; ++i) {
    const uint32_t id = client.Open(TestClient::Head(kSay));
    client.Send(id, FramedText(std::string(900'000, 'z')), EndStream::kYes);
  }
  client.Flush();
  Stop();  // ends, whatever the client does
}

TEST_P(ServerConnectionTest, StoppingTwiceIsStoppingOnce) {
  START_SERVER();
  ExpectServes(address());
  EXPECT_EQ(Stop().calls_ok, 1u);
  EXPECT_EQ(Stop().calls_ok, 1u);
}

}  // namespace
}  // namespace penstock::test
