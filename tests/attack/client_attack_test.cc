// A server that attacks its clients: SETTINGS and other frames at which a careless client loops,
// hangs or overflows. penstock-load is the client; it must say what is wrong, and end.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "penstock/http2/frame.h"
#include "penstock/http2/testing/frame_script.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/endian.h"

namespace penstock::attack {
namespace {

using http2::ErrorCode;
using http2::FrameType;
using http2::SettingId;
using http2::testing::Frame;
using http2::testing::RawFrame;
using http2::testing::SettingsFrame;
using http2::testing::WindowUpdate;

constexpr char kProgram[] = "loadtest/penstock-load";

// Says the same to everyone who connects, and reads until they go.
class BadServer {
 public:
  explicit BadServer(std::string says) : says_(std::move(says)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof address;
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &bytes);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { Serve(); });
  }
  ~BadServer() { Stop(); }
  BadServer(const BadServer&) = delete;
  BadServer& operator=(const BadServer&) = delete;

  const std::string& address() const { return address_; }
  // What the first client said, once the server has been stopped.
  const std::string& heard() {
    Stop();
    return heard_;
  }

 private:
  void Serve() {
    for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; ::close(fd)) {
      ::send(fd, says_.data(), says_.size(), MSG_NOSIGNAL);
      char bytes[4096];
      std::string all;
      for (ssize_t count; (count = ::recv(fd, bytes, sizeof bytes, 0)) > 0;) {
        all.append(bytes, static_cast<size_t>(count));
      }
      if (heard_.empty()) heard_ = all;
    }
  }

  void Stop() {
    if (!thread_.joinable()) return;
    ::shutdown(listener_, SHUT_RDWR);  // ends accept(2)
    thread_.join();
    ::close(listener_);
  }

  const std::string says_;
  std::string heard_;
  std::string address_;
  int listener_ = -1;
  std::thread thread_;
};

// "PROTOCOL_ERROR": the code of the client's GOAWAY.
std::string GoAwayIn(std::string_view heard) {
  http2::testing::FrameScanner scanner(4096);
  heard.remove_prefix(std::min(heard.size(), http2::kClientPreface.size()));
  for (const Frame& frame : scanner.Scan(heard)) {
    if (frame.type != FrameType::kGoAway) continue;
    const uint32_t code = wire::LoadBig32(wire::AsBytes(frame.payload).data() + 4);
    return std::string(http2::ErrorCodeName(static_cast<ErrorCode>(code)));
  }
  return "no GOAWAY";
}

// The exit status of penstock-load against `address`.
int RunLoad(const std::string& address, std::string* output) {
  const std::string command = std::string(kProgram) +
                              " --quiet --method helloworld.Greeter/SayHello -n 10 " + address +
                              " 2>&1";
  FILE* program = ::popen(command.c_str(), "r");
  char bytes[4096];
  for (size_t count; (count = ::fread(bytes, 1, sizeof bytes, program)) > 0;) {
    output->append(bytes, count);
  }
  const int status = ::pclose(program);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Frame ManySettings() {
  Frame frame = SettingsFrame({});
  for (int i = 0; i < 33; ++i) {
    frame.payload += SettingsFrame({{SettingId::kMaxConcurrentStreams, 100}}).payload;
  }
  return frame;
}

std::string Says(std::initializer_list<Frame> frames) {
  http2::HpackEncoder encoder;
  std::string bytes;
  for (const Frame& frame : frames) bytes += Encode(frame, encoder);
  return bytes;
}

TEST(ClientUnderAttack, NamesTheFaultAndEnds) {
  const Frame settings = SettingsFrame({});
  const struct {
    const char* name;
    std::string says;
    const char* want;
  } cases[] = {
      {"frames of 0 octets", Says({SettingsFrame({{SettingId::kMaxFrameSize, 0}})}),
       "PROTOCOL_ERROR"},
      {"frames of 2^24 octets", Says({SettingsFrame({{SettingId::kMaxFrameSize, 1 << 24}})}),
       "PROTOCOL_ERROR"},
      {"a window of 2^31", Says({SettingsFrame({{SettingId::kInitialWindowSize, 1u << 31}})}),
       "FLOW_CONTROL_ERROR"},
      {"push from a server", Says({SettingsFrame({{SettingId::kEnablePush, 1}})}),
       "PROTOCOL_ERROR"},
      {"SETTINGS of five octets", Says({RawFrame(FrameType::kSettings, 0, 0, "12345")}),
       "FRAME_SIZE_ERROR"},
      {"SETTINGS on a stream", Says({RawFrame(FrameType::kSettings, 0, 1, "")}), "PROTOCOL_ERROR"},
      {"33 entries", Says({ManySettings()}), "ENHANCE_YOUR_CALM"},
      {"the connection's window past 2^31-1",
       Says({settings, WindowUpdate(0, 0x7fff'ffff), WindowUpdate(0, 0x7fff'ffff)}),
       "FLOW_CONTROL_ERROR"},
      {"a pushed stream that was forbidden",
       Says({settings, RawFrame(FrameType::kPushPromise, http2::flags::kEndHeaders, 1,
                                std::string_view("\0\0\0\2", 4))}),
       "PROTOCOL_ERROR"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    BadServer server(test.says);
    std::string output;
    const int status = RunLoad(server.address(), &output);
    EXPECT_TRUE(status == 1 || status == 2) << status << ": " << output;
    EXPECT_EQ(GoAwayIn(server.heard()), test.want) << output;
  }
}

}  // namespace
}  // namespace penstock::attack
