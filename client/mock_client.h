// MockClient: what generated mocks of clients (x.mock.h) derive from. Behind the real client of a
// service stands the test instead of a server:
//
//     reactor::Shard shard{reactor::ShardOptions()};    // need not run
//     helloworld::MockGreeterClient greeter(&shard);
//     EXPECT_CALL(greeter, SayHello).WillOnce([](Call&, const HelloRequest&, HelloReply& reply) {
//       reply.set_message("hear, hear");
//       return OkStatus();
//     });
//     ... code under test is given greeter.client(), and awaits greeter.client().SayHello(scope, x)
//
// Messages are encoded and parsed as they would be; the answer is there at once. In the mock's
// method call.metadata() is what the client sends, and what is added to call.initial_metadata() and
// call.trailing_metadata() is what it receives. Streams are answered UNIMPLEMENTED: a MockXService
// on a server tests those.
//
// Ownership: outlives the calls.
// Threading: the shard's, or the one thread of a test whose shard does not run.
#ifndef PENSTOCK_CLIENT_MOCK_CLIENT_H_
#define PENSTOCK_CLIENT_MOCK_CLIENT_H_

#include <cstdint>
#include <string>
#include <utility>

#include "penstock/client/call_target.h"
#include "penstock/client/channel.h"
#include "penstock/client/client_call.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/notation.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::client {

class MockClient : public CallTarget {
 public:
  explicit MockClient(reactor::Shard* shard) : channel_(shard, this) {}
  virtual ~MockClient() = default;
  MockClient(const MockClient&) = delete;
  MockClient& operator=(const MockClient&) = delete;

 protected:
  Channel& channel() { return channel_; }

  // `answer(call, request, reply)` is the mock's method.
  template <typename Request, typename Reply, typename Function>
  static void AnswerUnary(ClientCall& call, const Function& answer) {
    Request request(&call.arena());
    Status status =
        rpc::ReadMessage(call, call.request().subspan(wire::kMessagePrefixBytes), request);
    Reply reply(&call.arena());
    if (status.ok()) status = answer(static_cast<Call&>(call), std::as_const(request), reply);
    if (status.ok()) {
      const rpc::MessageWriter writer(reply);
      auto* room = static_cast<uint8_t*>(call.response_arena().Allocate(writer.byte_size(), 1));
      writer.SerializeTo(room);
      call.AddResponse({{room, writer.byte_size()}, false, false});
    }
    call.Finish(std::move(status));
  }

  static void AnswerUnknown(ClientCall& call) {
    call.Finish(MakeStatus(StatusCode::kUnimplemented,
                           std::string(call.method()) +
                               " streams, and this mock answers unary methods alone"));
  }

 private:
  Channel channel_;
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_MOCK_CLIENT_H_
