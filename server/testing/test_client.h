// TestClient: a gRPC client for tests of the server: http2::Connection in the client's role on a
// TestSocket. It can say things that no decent client says.
//
//     TestClient client(server.addresses().front());
//     const TestResponse& response = client.Call("/a.B/C", Framed("..."));
//     EXPECT_EQ(response.status(), 0);
//
// Ownership: responses live as long as the client.
#ifndef PENSTOCK_SERVER_TESTING_TEST_CLIENT_H_
#define PENSTOCK_SERVER_TESTING_TEST_CLIENT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/http2/connection.h"
#include "penstock/http2/workspace.h"
#include "penstock/server/testing/test_socket.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::test {

using Fields = std::vector<std::pair<std::string, std::string>>;

// gRPC's prefix and the message.
std::string Framed(std::string_view message, uint8_t flag = 0);

struct TestResponse {
  Fields promise;  // the request that a pushed response answers
  Fields head;
  std::string data;
  Fields trailers;
  bool ended = false;
  std::optional<http2::ErrorCode> reset;

  bool trailers_only() const { return ended && trailers.empty() && data.empty(); }
  // Of the trailers, or else of the head; "" without it.
  std::string Field(std::string_view name) const;
  // Every value, the head's first.
  std::vector<std::string> Values(std::string_view name) const;
  std::string http_status() const { return Field(":status"); }
  int status() const;                  // grpc-status, -1 without one
  std::string status_message() const;  // grpc-message, decoded
  // The one message of a unary response; a failure of the test when it is not one.
  std::string message() const;
};

class TestClient {
 public:
  explicit TestClient(const std::string& address, const http2::Limits& limits = {});
  ~TestClient();

  // The head of a good unary call, and one with more fields behind it or others instead.
  static Fields Head(std::string_view path, const Fields& more = {});
  static Fields HeadWith(std::string_view path, std::string_view name, std::string_view value);

  // A whole call: head, `data` as it is, END_STREAM; waits for the end of the response.
  const TestResponse& Call(std::string_view path, std::string_view data, const Fields& more = {});
  const TestResponse& CallWithHead(const Fields& head, std::string_view data);

  // Piece by piece. They only queue: Flush(), or a wait, writes.
  uint32_t Open(const Fields& head, http2::EndStream end = http2::EndStream::kNo);
  void Send(uint32_t id, std::string_view data, http2::EndStream end = http2::EndStream::kNo);
  void SendTrailers(uint32_t id, const Fields& fields);
  void Reset(uint32_t id, http2::ErrorCode code);
  void Flush();
  // Each octet in a write of its own.
  void FlushOctets();

  const TestResponse& response(uint32_t id) const { return streams_.at(id).response; }
  // Until the response has ended, its stream was reset, or the connection ended.
  const TestResponse& Wait(uint32_t id);
  // The same, and until the server has reset the stream.
  const TestResponse& WaitForReset(uint32_t id);
  // A PING and its answer: everything sent before has been received.
  void Ping();
  // Until the server closed.
  void WaitForClose();

  const std::optional<http2::ErrorCode>& goaway() const { return goaway_; }
  http2::Connection& connection() { return connection_; }
  TestSocket& socket() { return socket_; }

 private:
  struct TestStream {
    http2::Stream* stream = nullptr;  // null: closed on both sides
    bool local_ended = false;
    TestResponse response;
  };

  bool Turn();  // false: nothing more will come
  void Receive(std::string_view bytes);
  void OnEvent(const http2::Event& event);

  wire::SlabPool slabs_;
  http2::Workspace workspace_{&slabs_};
  http2::Connection connection_;
  TestSocket socket_;
  std::map<uint32_t, TestStream> streams_;
  std::optional<http2::ErrorCode> goaway_;
  uint64_t pings_count_ = 0;
  uint64_t pongs_count_ = 0;
};

}  // namespace penstock::test

#endif  // PENSTOCK_SERVER_TESTING_TEST_CLIENT_H_
