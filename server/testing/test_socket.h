// TestSocket: a plain socket of a test that talks to a server: what it writes is exactly what goes
// out, and nothing waits for ever.
//
// Limits: kPatienceMs for each wait; then the test has failed, and every later wait ends at once.
#ifndef PENSTOCK_SERVER_TESTING_TEST_SOCKET_H_
#define PENSTOCK_SERVER_TESTING_TEST_SOCKET_H_

#include <string>
#include <string_view>

namespace penstock::test {

class TestSocket {
 public:
  // "127.0.0.1:40123" or "unix:/path", as Server::addresses() has them.
  explicit TestSocket(const std::string& address);
  ~TestSocket();
  TestSocket(const TestSocket&) = delete;
  TestSocket& operator=(const TestSocket&) = delete;

  // Until there is something to read (or room to write, if that is asked for). False: the test has
  // failed.
  bool Wait(bool for_room, bool* readable, bool* writable);

  // Writes all of it.
  void Write(std::string_view bytes);
  // As much as there is room for; 0 when there is none, or the connection is gone.
  size_t WriteSome(std::string_view bytes);
  // What has arrived, after a wait: "" at the end.
  std::string Read();
  // Everything until the peer closes; a reset counts as its end and sets reset().
  std::string ReadToEnd();

  // No more comes from us; the other direction stays.
  void CloseWrite();
  // Closes; with `reset` the peer sees ECONNRESET.
  void Close(bool reset = false);

  bool ended() const { return ended_; }
  bool reset() const { return reset_; }

 private:
  static constexpr int kPatienceMs = 20'000;

  int fd_ = -1;
  bool ended_ = false;  // nothing more can be read
  bool reset_ = false;
  bool failed_ = false;
};

}  // namespace penstock::test

#endif  // PENSTOCK_SERVER_TESTING_TEST_SOCKET_H_
