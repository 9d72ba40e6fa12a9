// Methods as generated code names them: a path and its message types, and where they are described.
//
//     struct Greeter {
//       static constexpr UnaryMethod<HelloRequest, HelloReply> SayHello{
//           "/helloworld.Greeter/SayHello", &File_helloworld_dproto};
//     };
//
// `file` is the descriptor of the .proto that declares the method, for a server's reflection; null
// where there is none, as for a method that is written by hand.
#ifndef PENSTOCK_RPC_METHOD_H_
#define PENSTOCK_RPC_METHOD_H_

#include <string_view>

namespace penstock {

namespace codec {
struct EmbeddedFile;  // codec/embedded_file.h
}  // namespace codec

// One request, one response. `path` is what `:path` carries: "/package.Service/Method".
template <typename RequestType, typename ResponseType>
struct UnaryMethod {
  using Request = RequestType;
  using Response = ResponseType;

  std::string_view path;
  const codec::EmbeddedFile* file = nullptr;
};

// One request, a stream of responses.
template <typename RequestType, typename ResponseType>
struct ServerStreamingMethod {
  using Request = RequestType;
  using Response = ResponseType;

  std::string_view path;
  const codec::EmbeddedFile* file = nullptr;
};

// A stream of requests, one response.
template <typename RequestType, typename ResponseType>
struct ClientStreamingMethod {
  using Request = RequestType;
  using Response = ResponseType;

  std::string_view path;
  const codec::EmbeddedFile* file = nullptr;
};

// A stream of either.
template <typename RequestType, typename ResponseType>
struct BidiStreamingMethod {
  using Request = RequestType;
  using Response = ResponseType;

  std::string_view path;
  const codec::EmbeddedFile* file = nullptr;
};

}  // namespace penstock

#endif  // PENSTOCK_RPC_METHOD_H_
