// Listening and connecting within the process: "inproc:NAME".
#include <errno.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "penstock/reactor/address.h"
#include "penstock/reactor/listener.h"
#include "penstock/reactor/listener_fixture.h"

namespace penstock::reactor {
namespace {

class InProcessTest : public ListenerTest {
 protected:
  Address Resolved(const std::string& text) {
    std::string why;
    const std::optional<Address> address = Address::Resolve(text, &why);
    EXPECT_TRUE(address) << why;
    return *address;
  }
};
INSTANTIATE_ON_BOTH_RINGS(InProcessTest);

TEST_P(InProcessTest, AShardConnectsToAnother) {
  Listen("inproc:a");
  EXPECT_EQ(listener_->address(), "inproc:a");
  RecordingHandler client(*second_);
  client.socket = &second_->Connect(Resolved("inproc:a"), &client);
  DriveBothUntil([&] { return client.connected_count == 1 && acceptor_.handlers.size() == 1; });
  EXPECT_EQ(client.connect_error, 0);
  EXPECT_EQ(client.socket->PeerAddress(), "inproc:a");
  EXPECT_EQ(acceptor_.handlers[0]->socket->PeerAddress(), "inproc:a");
  client.socket->Abort();
  DriveBothUntil([&] { return client.closed; });
}

TEST_P(InProcessTest, NobodyListens) {
  RecordingHandler client(*shard_);
  client.socket = &shard_->Connect(Resolved("inproc:nobody"), &client);
  DriveUntil([&] { return client.closed; });
  EXPECT_EQ(client.connect_error, ECONNREFUSED);
}

TEST_P(InProcessTest, ANameIsFreeAgainWhenItsListenerHasStopped) {
  for (int i = 0; i < 3; ++i) {
    Listen("inproc:a");
    ASSERT_NE(listener_, nullptr);
    Peer peer = ConnectPeer();
    ExpectEcho(peer);
    StopListening();
  }
}

TEST_P(InProcessTest, ANameHasOneListener) {
  Listen("inproc:a");
  std::string why;
  EXPECT_EQ(OpenListeningSocket("inproc:a", &why), -1);
  EXPECT_EQ(why,
            "cannot listen on inproc:a: address already in use: another server of this process "
            "listens on it; stop it, or choose another name");
}

// Runs `child` in a process that was forked; its exit status is what that answers.
template <typename Function>
pid_t Fork(const Function& child) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(child());
  return pid;
}

int ExitStatusOf(pid_t pid) {
  int status = -1;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_P(InProcessTest, AnotherProcessIsClosedAlthoughItKnowsTheName) {
  Listen("inproc:a");
  const Address address = Resolved("inproc:a");
  const pid_t pid = Fork([&] {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, address.get(), address.bytes()) != 0) return 1;
    char octet = 0;
    return ::recv(fd, &octet, 1, 0) == 0 ? 0 : 2;
  });
  DriveBothUntil([&] { return shard_->stats().accepts_refused == 1; });
  EXPECT_EQ(ExitStatusOf(pid), 0);
  EXPECT_EQ(acceptor_.handlers.size(), 0u);
  Peer peer = ConnectPeer();
  ExpectEcho(peer);
}

TEST(InProcess, TheNamesOfAChildAreItsOwn) {
  std::string why;
  const std::optional<Address> ours = Address::Resolve("inproc:a", &why);
  const pid_t pid = Fork([&] {
    const std::optional<Address> theirs = Address::Resolve("inproc:a", &why);
    return theirs->is_in_process() && !ours->is_in_process() ? 0 : 1;
  });
  EXPECT_EQ(ExitStatusOf(pid), 0);
}

}  // namespace
}  // namespace penstock::reactor
