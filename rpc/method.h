// Methods as generated code names them: a path and its message types.
//
//     struct Greeter {
//       static constexpr UnaryMethod<HelloRequest, HelloReply> SayHello{
//           "/helloworld.Greeter/SayHello"};
//     };
#ifndef PENSTOCK_RPC_METHOD_H_
#define PENSTOCK_RPC_METHOD_H_

#include <string_view>

namespace penstock {

// One request, one response. `path` is what `:path` carries: "/package.Service/Method".
template <typename RequestType, typename ResponseType>
struct UnaryMethod {
  using Request = RequestType;
  using Response = ResponseType;

  std::string_view path;
};

// One request, a stream of responses.
template <typename RequestType, typename ResponseType>
struct ServerStreamingMethod {
  using Request = RequestType;
  using Response = ResponseType;

  std::string_view path;
};

// A stream of requests, one response.
template <typename RequestType, typename ResponseType>
struct ClientStreamingMethod {
  using Request = RequestType;
  using Response = ResponseType;

  std::string_view path;
};

// A stream of either.
template <typename RequestType, typename ResponseType>
struct BidiStreamingMethod {
  using Request = RequestType;
  using Response = ResponseType;

  std::string_view path;
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_METHOD_H_
