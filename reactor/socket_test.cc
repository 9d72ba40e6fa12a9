#include "penstock/reactor/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>

#include "penstock/reactor/shard_fixture.h"

namespace penstock::reactor {
namespace {

class SocketTest : public ShardTest {
 protected:
  // Sends `text` and reads until as much came back.
  std::string Echo(Peer& peer, const std::string& text) {
    std::string back;
    size_t written = 0;
    DriveUntil([&] {
      written += peer.WriteSome(std::string_view(text).substr(written, 100'000));
      back += peer.ReadSome();
      return back.size() >= text.size();
    });
    return back;
  }

  // Octets that have arrived for the shard's end and were not read.
  static size_t Unread(const RecordingHandler& handler) {
    int bytes = 0;
    EXPECT_EQ(::ioctl(handler.socket->fd(), FIONREAD, &bytes), 0);
    return static_cast<size_t>(bytes);
  }

  // So that little is on its way when the peer does not read.
  static void ShrinkBuffers(const RecordingHandler& handler, const Peer& peer) {
    const int bytes = 16 * 1024;
    ASSERT_EQ(::setsockopt(handler.socket->fd(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)), 0);
    ASSERT_EQ(::setsockopt(peer.fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
  }

  // Reads to the end of the stream.
  std::string ReadToEnd(Peer& peer) {
    std::string text;
    bool ended = false;
    int error = 0;
    DriveUntil([&] {
      text += peer.ReadSome(1 << 20, &ended, &error);
      return ended || error != 0;
    });
    EXPECT_EQ(error, 0) << "reset instead of closed";
    return text;
  }
};

// ---- Bytes

TEST_P(SocketTest, EchoesAnySize) {
  auto [handler, peer] = Connection(/*echo=*/true);
  for (size_t bytes : {size_t{1}, size_t{100}, size_t{8191}, size_t{8192}, size_t{8193},
                       size_t{65536}, size_t{65537}, size_t{1'000'003}, size_t{5 * 1024 * 1024}}) {
    SCOPED_TRACE(bytes);
    const std::string text = Pattern(bytes);
    EXPECT_TRUE(Echo(peer, text) == text);
    if (HasFailure()) return;
  }
}

TEST_P(SocketTest, ManyConnectionsEchoWithoutMixingTheirBytes) {
  constexpr int kConnections = 100;
  std::vector<Peer> peers;
  for (int i = 0; i < kConnections; ++i) peers.push_back(Connection(/*echo=*/true).second);
  for (int round = 0; round < 5; ++round) {
    std::vector<std::string> back(kConnections);
    const auto text = [&](int i) { return Pattern(static_cast<size_t>(200 * round + i + 1)); };
    for (int i = 0; i < kConnections; ++i) peers[i].WriteSome(text(i));
    DriveUntil([&] {
      bool all = true;
      for (int i = 0; i < kConnections; ++i) {
        back[i] += peers[i].ReadSome();
        all = all && back[i].size() >= text(i).size();
      }
      return all;
    });
    for (int i = 0; i < kConnections; ++i) EXPECT_TRUE(back[i] == text(i)) << i;
  }
}

TEST_P(SocketTest, AFlushHappensOncePerTurnHoweverOftenItIsMarkedDirty) {
  auto [handler, peer] = Connection();
  for (int i = 0; i < 10; ++i) handler->Write("0123456789");
  std::string text;
  DriveUntil([&] { return (text += peer.ReadSome()).size() == 100; });
  EXPECT_EQ(handler->flush_count, 1);
  EXPECT_EQ(shard_->stats().sends, 1u);
  DriveUntil([&] { return handler->sent_count == 1; });
  EXPECT_TRUE(handler->chain().empty());
  EXPECT_FALSE(handler->socket->send_in_flight());
}

TEST_P(SocketTest, AnswersThatFillManySlabsArriveInOrder) {
  auto [handler, peer] = Connection();
  const std::string text = Pattern(3 * 1024 * 1024);  // several times the pieces of one send
  handler->Write(text);
  std::string received;
  DriveUntil([&] { return (received += peer.ReadSome()).size() >= text.size(); });
  EXPECT_TRUE(received == text);
  EXPECT_GT(shard_->stats().sends, 1u);
  EXPECT_GE(handler->sent_count, 2);
}

// ---- Back-pressure

TEST_P(SocketTest, APeerThatDoesNotReadStopsTheSendAndItGoesOnWhenItReads) {
  auto [handler, peer] = Connection();
  ShrinkBuffers(*handler, peer);
  const std::string text = Pattern(2 * 1024 * 1024);
  handler->Write(text);
  DriveUntil(
      [&] { return shard_->stats().sends_blocked > 0 && handler->socket->send_in_flight(); });
  DriveIdle();
  EXPECT_GT(handler->chain().size(), 1024u * 1024);
  const uint64_t completions = shard_->stats().completions;
  DriveIdle();
  EXPECT_EQ(shard_->stats().completions, completions)
      << "nothing happens while the peer does not read";

  std::string received;
  DriveUntil([&] { return (received += peer.ReadSome()).size() >= text.size(); });
  EXPECT_TRUE(received == text);
  DriveUntil([&] { return handler->chain().empty(); });
}

// Small sends are refused whole (EAGAIN) at the end instead of being cut.
TEST_P(SocketTest, SmallSendsIntoAFullSocketAreAllDeliveredInOrder) {
  auto [handler, peer] = Connection();
  ShrinkBuffers(*handler, peer);
  std::string text;
  while (shard_->stats().sends_blocked == 0) {
    const std::string piece = Pattern(512) + std::to_string(text.size());
    text += piece;
    handler->Write(piece);
    shard_->Turn(0);
    ASSERT_LT(text.size(), size_t{64} << 20);
  }
  for (int i = 0; i < 100; ++i) {  // and some that queue up behind the blocked one
    const std::string piece = Pattern(100) + std::to_string(i);
    text += piece;
    handler->Write(piece);
    shard_->Turn(0);
  }
  std::string received;
  DriveUntil([&] { return (received += peer.ReadSome()).size() >= text.size(); });
  EXPECT_TRUE(received == text);
}

TEST_P(SocketTest, PausedItReceivesNothingAndResumedItReceivesEverything) {
  auto [handler, peer] = Connection();
  handler->socket->PauseReceive();
  DriveIdle();
  EXPECT_TRUE(handler->socket->receive_paused());
  peer.WriteSome("held back");
  DriveUntil([&] { return Unread(*handler) == 9; });
  DriveIdle();
  EXPECT_EQ(handler->received, "");
  handler->socket->ResumeReceive();
  DriveUntil([&] { return handler->received == "held back"; });
}

TEST_P(SocketTest, PauseAndResumeInOneTurnLoseNothing) {
  auto [handler, peer] = Connection();
  std::string sent;
  for (int i = 0; i < 50; ++i) {
    handler->socket->PauseReceive();
    handler->socket->ResumeReceive();
    if (i % 3 == 0) handler->socket->PauseReceive();
    const std::string piece = std::to_string(i) + ",";
    sent += piece;
    peer.WriteSome(piece);
    shard_->Turn(0);
    handler->socket->ResumeReceive();
  }
  DriveUntil([&] { return handler->received == sent; });
}

TEST_P(SocketTest, AHandlerMayPauseWithinOnReceived) {
  auto [handler, peer] = Connection();
  RecordingHandler* const h = handler;
  h->on_received = [h] { h->socket->PauseReceive(); };
  peer.WriteSome("first");
  DriveUntil([&] { return h->received == "first"; });
  DriveIdle();
  peer.WriteSome("second");
  DriveUntil([&] { return Unread(*h) == 6; });
  DriveIdle();
  EXPECT_EQ(h->received, "first");
  h->socket->ResumeReceive();
  DriveUntil([&] { return h->received == "firstsecond"; });
}

// ---- Ends

TEST_P(SocketTest, AfterThePeerHalfClosedItStillGetsItsAnswer) {
  auto [handler, peer] = Connection();
  peer.WriteSome("question");
  peer.HalfClose();
  DriveUntil([&, h = handler] { return h->receive_ended; });
  EXPECT_EQ(handler->received, "question");
  EXPECT_EQ(handler->receive_error, 0);
  handler->Write("answer");
  std::string text;
  DriveUntil([&] { return (text += peer.ReadSome()) == "answer"; });
  handler->socket->CloseAfterSend();
  EXPECT_EQ(ReadToEnd(peer), "");
  DriveUntil([&, h = handler] { return h->closed; });
}

TEST_P(SocketTest, APeersResetIsReported) {
  auto [handler, peer] = Connection();
  RecordingHandler* const h = handler;
  peer.Reset();
  DriveUntil([&] { return h->broken; });
  EXPECT_EQ(h->receive_error, ECONNRESET);
  h->socket->Abort();
  DriveUntil([&] { return h->closed; });
}

TEST_P(SocketTest, AResetDuringABlockedSendIsReportedEvenWhenPaused) {
  auto [handler, peer] = Connection();
  RecordingHandler* const h = handler;
  h->socket->PauseReceive();
  ShrinkBuffers(*h, peer);
  h->Write(Pattern(1024 * 1024));
  DriveUntil([&] { return h->socket->send_in_flight() && shard_->stats().sends_blocked > 0; });
  DriveIdle();
  peer.Reset();
  DriveUntil([&] { return h->broken; });
  EXPECT_TRUE(h->receive_error == ECONNRESET || h->receive_error == EPIPE) << h->receive_error;
  h->socket->Abort();
  DriveUntil([&] { return h->closed; });
}

TEST_P(SocketTest, AbortEndsEverythingAtOnce) {
  auto [handler, peer] = Connection();
  RecordingHandler* const h = handler;
  h->Write("never sent");
  h->socket->Abort();
  EXPECT_FALSE(h->closed) << "never from inside a Socket method";
  peer.WriteSome("never read");
  DriveUntil([&] { return h->closed; });
  EXPECT_EQ(h->received, "");
  EXPECT_EQ(h->flush_count, 0);
  EXPECT_EQ(shard_->connections_count(), 0u);
}

TEST_P(SocketTest, AbortWhileASendIsInFlightWaitsForTheKernel) {
  auto [handler, peer] = Connection();
  RecordingHandler* const h = handler;
  ShrinkBuffers(*h, peer);
  h->Write(Pattern(1024 * 1024));
  DriveUntil([&] { return h->socket->send_in_flight() && shard_->stats().sends_blocked > 0; });
  h->on_closed = [h] { h->chain().Clear(); };  // nobody reads it any more
  h->socket->Abort();
  DriveUntil([&] { return h->closed; });
  bool ended = false;
  int error = 0;
  DriveUntil([&] {
    peer.ReadSome(1 << 20, &ended, &error);
    return ended || error != 0;
  });
}

TEST_P(SocketTest, AHandlerMayAbortInEveryCall) {
  for (int where = 0; where < 3; ++where) {
    SCOPED_TRACE(where);
    auto [handler, peer] = Connection(/*echo=*/true);
    RecordingHandler* const h = handler;
    const auto abort = [h] { h->socket->Abort(); };
    (where == 0 ? h->on_received : where == 1 ? h->on_flush : h->on_sent) = abort;
    peer.WriteSome(Pattern(100'000));
    DriveUntil([&] { return h->closed; });
  }
}

TEST_P(SocketTest, AHandlerMayDestroyItselfInOnClosed) {
  const auto [server, client] = TcpPair();
  auto* handler = new RecordingHandler(*shard_);
  bool gone = false;
  handler->on_closed = [&gone, handler] {
    gone = true;
    delete handler;
  };
  handler->socket = &shard_->Adopt(server, handler);
  Peer peer(client);
  handler->socket->Abort();
  DriveUntil([&] { return gone; });
}

TEST_P(SocketTest, ManyShortConnectionsReuseTheirSlots) {
  for (int i = 0; i < 300; ++i) {
    auto [handler, peer] = Connection(/*echo=*/true);
    RecordingHandler* const h = handler;
    peer.WriteSome("x");
    if (i % 2 == 0) peer.Reset();
    DriveUntil([&] { return h->broken || h->received == "x"; });
    h->socket->Abort();
    DriveUntil([&] { return h->closed; });
  }
  EXPECT_EQ(shard_->connections_count(), 0u);
}

// ---- Closing in good order

TEST_P(SocketTest, CloseAfterSendDeliversLastWordsAlthoughThePeerStillTalks) {
  auto [handler, peer] = Connection();
  RecordingHandler* const h = handler;
  // Unread input at close would reset the connection, and the last words would be lost with it.
  peer.WriteSome(Pattern(200'000));
  h->Write("goodbye");
  h->socket->CloseAfterSend();
  EXPECT_TRUE(h->socket->closing());
  std::string text;
  bool ended = false;
  int error = 0;
  DriveUntil([&] {
    peer.WriteSome("still talking");
    text += peer.ReadSome(1 << 20, &ended, &error);
    return ended || error != 0;
  });
  EXPECT_EQ(error, 0);
  EXPECT_EQ(text, "goodbye");
  EXPECT_FALSE(h->closed) << "it waits for the peer's end";
  EXPECT_EQ(h->received, "");
  peer.Close();
  DriveUntil([&] { return h->closed; });
}

TEST_P(SocketTest, CloseAfterSendFlushesWhatIsMarkedInTheSameTurn) {
  auto [handler, peer] = Connection();
  RecordingHandler* const h = handler;
  h->on_received = [h] {
    h->socket->CloseAfterSend();
    h->Write("after all");
  };
  peer.WriteSome("x");
  EXPECT_EQ(ReadToEnd(peer), "after all");
  peer.Close();
  DriveUntil([&] { return h->closed; });
}

TEST_P(SocketTest, CloseAfterSendWaitsForABlockedSend) {
  auto [handler, peer] = Connection();
  RecordingHandler* const h = handler;
  ShrinkBuffers(*h, peer);
  const std::string text = Pattern(1024 * 1024);
  h->Write(text);
  DriveUntil([&] { return h->socket->send_in_flight() && shard_->stats().sends_blocked > 0; });
  h->socket->CloseAfterSend();
  DriveIdle();
  EXPECT_FALSE(h->closed);
  EXPECT_TRUE(ReadToEnd(peer) == text);
  peer.Close();
  DriveUntil([&] { return h->closed; });
}

// Time passes by way of the wheel: the clock is not waited for.
TEST_P(SocketTest, APeerThatNeverClosesIsGivenUpAfterTheLinger) {
  auto [handler, peer] = Connection();
  RecordingHandler* const h = handler;
  h->socket->CloseAfterSend();
  EXPECT_EQ(ReadToEnd(peer), "");
  EXPECT_FALSE(h->closed);
  shard_->timers().Expire(shard_->now() + Socket::kLingerNsMax + kNsPerSecond);
  DriveUntil([&] { return h->closed; });
}

TEST_P(SocketTest, APeerThatNeverReadsIsGivenUpAfterTheStall) {
  auto [handler, peer] = Connection();
  RecordingHandler* const h = handler;
  ShrinkBuffers(*h, peer);
  h->Write(Pattern(1024 * 1024));
  DriveUntil([&] { return h->socket->send_in_flight() && shard_->stats().sends_blocked > 0; });
  h->socket->CloseAfterSend();
  shard_->timers().Expire(shard_->now() + kNsPerSecond);
  DriveIdle();
  EXPECT_FALSE(h->closed);
  shard_->timers().Expire(shard_->now() + Socket::kFlushStallNsMax + kNsPerSecond);
  DriveUntil([&] { return h->closed; });
}

TEST_P(SocketTest, APeerThatTalksOnForeverIsGivenUpAfterTheLingerBytes) {
  auto [handler, peer] = Connection();
  RecordingHandler* const h = handler;
  h->socket->CloseAfterSend();
  EXPECT_EQ(ReadToEnd(peer), "");
  const std::string text = Pattern(256 * 1024);
  size_t written = 0;
  DriveUntil([&] {
    written += peer.WriteSome(text);
    return h->closed;
  });
  EXPECT_GT(written, Socket::kLingerBytesMax);
}

// ---- Connecting

TEST_P(SocketTest, ConnectsAndSpeaks) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string why;
  const Address any = *Address::Resolve("127.0.0.1:0", &why);
  ASSERT_EQ(::bind(listener, any.get(), any.bytes()), 0);
  ASSERT_EQ(::listen(listener, 8), 0);
  handlers_.push_back(std::make_unique<RecordingHandler>(*shard_, /*echo=*/true));
  RecordingHandler* const h = handlers_.back().get();
  h->socket = &shard_->Connect(*Address::OfLocalEnd(listener), h);
  h->Write("early ");
  EXPECT_EQ(h->connected_count, 0);
  DriveUntil([&] { return h->connected_count == 1; });
  EXPECT_EQ(h->connect_error, 0);
  EXPECT_EQ(h->socket->PeerAddress(), Address::OfLocalEnd(listener)->ToString());
  EXPECT_EQ(h->socket->RememberedPeerAddress(), h->socket->PeerAddress());
  EXPECT_EQ(&h->socket->RememberedPeerAddress(), &h->socket->RememberedPeerAddress());
  Peer peer(::accept(listener, nullptr, nullptr));
  ::close(listener);
  peer.WriteSome("echo");
  std::string text;
  DriveUntil([&] { return (text += peer.ReadSome()) == "early echo"; });
}

TEST_P(SocketTest, ARefusedConnectionIsReportedAndEnds) {
  std::string why;
  Address nobody;
  {
    const int unused = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const Address any = *Address::Resolve("127.0.0.1:0", &why);
    ASSERT_EQ(::bind(unused, any.get(), any.bytes()), 0);
    nobody = *Address::OfLocalEnd(unused);
    ::close(unused);
  }
  for (const Address& address : {nobody, *Address::Resolve("unix:/nowhere/at.all", &why)}) {
    handlers_.push_back(std::make_unique<RecordingHandler>(*shard_));
    RecordingHandler* const h = handlers_.back().get();
    h->socket = &shard_->Connect(address, h);
    EXPECT_EQ(h->connected_count, 0) << "never from inside Connect()";
    DriveUntil([&] { return h->closed; });
    EXPECT_EQ(h->connected_count, 1);
    EXPECT_EQ(h->connect_error, address.is_unix() ? ENOENT : ECONNREFUSED);
  }
}

TEST_P(SocketTest, AnAbortedConnectReportsOnlyItsClose) {
  std::string why;
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const Address any = *Address::Resolve("127.0.0.1:0", &why);
  ASSERT_EQ(::bind(listener, any.get(), any.bytes()), 0);
  ASSERT_EQ(::listen(listener, 8), 0);
  handlers_.push_back(std::make_unique<RecordingHandler>(*shard_));
  RecordingHandler* const h = handlers_.back().get();
  h->socket = &shard_->Connect(*Address::OfLocalEnd(listener), h);
  h->socket->CloseAfterSend();
  DriveUntil([&] { return h->closed; });
  EXPECT_EQ(h->connected_count, 0);
  ::close(listener);
}

TEST_P(SocketTest, TheUserTimeoutIsTheKernelsInMilliseconds) {
  auto [handler, peer] = Connection();
  const struct {
    TimeNs timeout_ns;
    unsigned want_ms;
  } cases[] = {{20 * kNsPerSecond, 20'000}, {kNsPerMs + 1, 2}, {0, 1}, {kTimeNever, 0x7fffffff}};
  for (const auto& one : cases) {
    handler->socket->SetUserTimeout(one.timeout_ns);
    unsigned value_ms = 0;
    socklen_t bytes = sizeof(value_ms);
    ASSERT_EQ(::getsockopt(handler->socket->fd(), IPPROTO_TCP, TCP_USER_TIMEOUT, &value_ms, &bytes),
              0);
    EXPECT_EQ(value_ms, one.want_ms);
  }
}

TEST_P(SocketTest, StopClosesWhatIsOpen) {
  auto [idle, idle_peer] = Connection();
  auto [busy, busy_peer] = Connection();
  ShrinkBuffers(*busy, busy_peer);
  busy->Write(Pattern(1024 * 1024));
  DriveIdle();
  shard_->Stop();
  shard_->Run();
  EXPECT_TRUE(idle->closed);
  EXPECT_TRUE(busy->closed);
}

INSTANTIATE_ON_BOTH_RINGS(SocketTest);

}  // namespace
}  // namespace penstock::reactor
