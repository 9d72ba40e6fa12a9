#include "penstock/reactor/shard_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace penstock::reactor {

void Peer::Close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Peer::Reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  Close();
}

void Peer::HalfClose() { ::shutdown(fd_, SHUT_WR); }

size_t Peer::WriteSome(std::string_view text) {
  size_t taken = 0;
  while (taken < text.size()) {
    const ssize_t bytes =
        ::send(fd_, text.data() + taken, text.size() - taken, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (bytes < 0) break;
    taken += static_cast<size_t>(bytes);
  }
  return taken;
}

std::string Peer::ReadSome(size_t bytes_max, bool* ended, int* error) {
  std::string text;
  while (text.size() < bytes_max) {
    char buffer[65536];
    const ssize_t bytes =
        ::recv(fd_, buffer, std::min(sizeof(buffer), bytes_max - text.size()), MSG_DONTWAIT);
    if (bytes == 0 && ended != nullptr) *ended = true;
    if (bytes < 0 && errno != EAGAIN && error != nullptr) *error = errno;
    if (bytes <= 0) break;
    text.append(buffer, static_cast<size_t>(bytes));
  }
  return text;
}

std::pair<int, int> TcpPair() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t bytes = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(listener, generic, bytes), 0);
  EXPECT_EQ(::listen(listener, 1), 0);
  EXPECT_EQ(::getsockname(listener, generic, &bytes), 0);
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::connect(client, generic, bytes), 0);
  const int server = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  EXPECT_GE(server, 0);
  ::close(listener);
  return {server, client};
}

void PostAdopt(Shard& shard, int fd, RecordingHandler& handler) {
  const auto adopt = [](void* context, uint64_t descriptor) {
    auto* const h = static_cast<RecordingHandler*>(context);
    h->socket = &h->shard().Adopt(static_cast<int>(descriptor), h);
  };
  EXPECT_TRUE(shard.Post(adopt, &handler, static_cast<uint64_t>(fd)));
}

std::string Pattern(size_t bytes) {
  std::string text(bytes, '\0');
  uint32_t state = 1;
  for (char& c : text) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

std::string ModeName(const ::testing::TestParamInfo<IoMode>& info) {
  return std::string(ToString(info.param));
}

void ShardTest::MakeShard(const ShardOptions& options) {
  DestroyShard();
  shard_ = std::make_unique<Shard>(options);
  std::string why;
  ASSERT_TRUE(shard_->Open(&why)) << why;
  ASSERT_EQ(shard_->io(), options.io);
}

void ShardTest::DestroyShard() {
  if (shard_ == nullptr) return;
  shard_->Stop();
  shard_->Run();
  for (const auto& handler : handlers_) EXPECT_TRUE(handler->closed);
  EXPECT_EQ(shard_->connections_count(), 0u);
  handlers_.clear();
  shard_.reset();  // checks that every slab is back
}

void ShardTest::DriveUntil(const std::function<bool()>& done) {
  constexpr int kTurnsMax = 20'000;
  for (int i = 0; i < kTurnsMax; ++i) {
    if (done()) return;
    shard_->Turn(5 * kNsPerMs);
  }
  FAIL() << "it did not happen in " << kTurnsMax << " turns";
}

void ShardTest::DriveIdle() {
  // On the loopback interface what was sent is there when the call returns; a few turns without
  // sleeping let every follow-up happen.
  for (int i = 0; i < 20; ++i) shard_->Turn(0);
}

RecordingHandler* ShardTest::Adopt(int fd, bool echo) {
  handlers_.push_back(std::make_unique<RecordingHandler>(*shard_, echo));
  RecordingHandler* const handler = handlers_.back().get();
  handler->socket = &shard_->Adopt(fd, handler);
  return handler;
}

std::pair<RecordingHandler*, Peer> ShardTest::Connection(bool echo) {
  const auto [server, client] = TcpPair();
  return {Adopt(server, echo), Peer(client)};
}

}  // namespace penstock::reactor
