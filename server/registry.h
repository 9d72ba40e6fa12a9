// Registry: which handler answers which path.
//
//     registry.Handle(Greeter::SayHello,
//                     [](Call& call, const HelloRequest& request, HelloReply& reply) {
//                       reply.set_message("Hello");
//                       return OkStatus();
//                     });
//
// Handlers are plain functions and run inline on the shard that received the call: they must not
// block.
//
// Threading: filled before the server runs, read by every shard afterwards; handlers are called on
//            all shards at once.
#ifndef PENSTOCK_SERVER_REGISTRY_H_
#define PENSTOCK_SERVER_REGISTRY_H_

#include <concepts>
#include <exception>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "penstock/codec/parse_result.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/method.h"
#include "penstock/rpc/status.h"
#include "penstock/server/method_entry.h"

namespace penstock {

template <typename Handler, typename Request, typename Response>
concept UnaryHandler = std::is_invocable_r_v<Status, Handler&, Call&, const Request&, Response&>;

class Registry {
 public:
  Registry() = default;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Ownership: keeps the callable. A path that is handled already, or is not "/Service/Method", is
  // a bug of the program and ends it with a sentence.
  template <typename Request, typename Response, UnaryHandler<Request, Response> Handler>
  void Handle(const UnaryMethod<Request, Response>& method, Handler handler) {
    Insert({std::string(method.path), &RunUnary<Request, Response, Handler>,
            std::make_shared<Handler>(std::move(handler))});
  }

  // Null when nobody handles `path`. What it returns lives as long as the registry.
  const server::MethodEntry* Find(std::string_view path) const;

  // "helloworld.Greeter", sorted: every service with at least one method.
  std::vector<std::string> services() const;

 private:
  struct PathHash {
    using is_transparent = void;
    size_t operator()(std::string_view path) const { return std::hash<std::string_view>{}(path); }
  };

  void Insert(server::MethodEntry entry);

  template <typename Request, typename Response, typename Handler>
  static void RunUnary(const server::MethodEntry& entry, server::UnaryExchange& exchange) {
    Call& call = exchange.call;
    Request request(&call.arena());
    const codec::ParseResult parsed =
        request.MergeFromBytes(exchange.request, codec::StringRule::kAlias);
    if (PENSTOCK_UNLIKELY(!parsed.ok())) {
      return exchange.Fail(server::StatusOfParseError(parsed));
    }
    Response response(&call.arena());
    Status status;
    try {
      status = (*static_cast<Handler*>(entry.handler.get()))(
          call, static_cast<const Request&>(request), response);
    } catch (const std::exception& exception) {
      status = server::StatusOfException(entry, exception.what());
    } catch (...) {
      status = server::StatusOfException(entry, "not a std::exception");
    }
    if (PENSTOCK_UNLIKELY(!status.ok())) return exchange.Fail(status);
    exchange.Reply(rpc::MessageWriter(response));
  }

  absl::flat_hash_map<std::string, std::unique_ptr<server::MethodEntry>, PathHash, std::equal_to<>>
      entries_;
};

}  // namespace penstock

#endif  // PENSTOCK_SERVER_REGISTRY_H_
