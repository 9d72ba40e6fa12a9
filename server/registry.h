// Registry: which handler answers which path.
//
//     registry.Handle(Greeter::SayHello,
//                     [](Call& call, const HelloRequest& request, HelloReply& reply) {
//                       reply.set_message("Hello");
//                       return OkStatus();
//                     });
//
// A plain function runs inline on the shard that received the call: the fastest form. A coroutine
// may wait: it returns a Task, and `co_await`s. Neither may block; a plain function that must is
// given to a worker thread with RunOn::kWorkers, where it may also stream. docs/handlers.md tells
// when which.
//
//     registry.Handle(Greeter::SayHello,
//                     [](Call& call, const HelloRequest& request) -> Task<StatusOr<HelloReply>> {
//                       co_await Try(co_await Sleep(call, kNsPerMs));
//                       HelloReply reply(&call.arena());
//                       co_return reply;
//                     });
//
// HandleGet() is for plain HTTP beside the RPCs: see http.h. Messages are those of generated code,
// RawMessage, or Google's with codec/protobuf_adapter.h; AddCodec() serves them in JSON and other
// notations: see docs/codecs.md.
//
// Threading: filled before the server runs, read by every shard afterwards; handlers are called on
//            all shards at once.
#ifndef PENSTOCK_SERVER_REGISTRY_H_
#define PENSTOCK_SERVER_REGISTRY_H_

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "penstock/codec/codec.h"
#include "penstock/codec/message_format.h"
#include "penstock/rpc/blocking_reader.h"
#include "penstock/rpc/blocking_writer.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/encodings.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/method.h"
#include "penstock/rpc/reader.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/status_or.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"
#include "penstock/rpc/writer.h"
#include "penstock/server/http.h"
#include "penstock/server/method_entry.h"
#include "penstock/server/run_handler.h"
#include "penstock/server/run_on_worker.h"
#include "penstock/server/worker_run.h"
#include "penstock/server/worker_stream.h"
#include "penstock/wire/compressor.h"

namespace penstock {

template <typename Handler, typename Request, typename Response>
concept UnaryHandler = std::is_invocable_r_v<Status, Handler&, Call&, const Request&, Response&>;

template <typename Handler, typename Request, typename Response>
concept UnaryCoroutine =
    std::is_invocable_r_v<Task<StatusOr<Response>>, Handler&, Call&, const Request&>;

template <typename Handler, typename Request, typename Response>
concept ServerStreamingCoroutine =
    std::is_invocable_r_v<Task<Status>, Handler&, Call&, const Request&, Writer<Response>&>;

template <typename Handler, typename Request, typename Response>
concept ClientStreamingCoroutine =
    std::is_invocable_r_v<Task<StatusOr<Response>>, Handler&, Call&, Reader<Request>&>;

template <typename Handler, typename Request, typename Response>
concept BidiStreamingCoroutine =
    std::is_invocable_r_v<Task<Status>, Handler&, Call&, Reader<Request>&, Writer<Response>&>;

// Plain functions that stream: they wait where they stand, and so run on workers.
template <typename Handler, typename Request, typename Response>
concept ServerStreamingFunction =
    std::is_invocable_r_v<Status, Handler&, Call&, const Request&, BlockingWriter<Response>&>;

template <typename Handler, typename Request, typename Response>
concept ClientStreamingFunction =
    std::is_invocable_r_v<Status, Handler&, Call&, BlockingReader<Request>&, Response&>;

template <typename Handler, typename Request, typename Response>
concept BidiStreamingFunction =
    std::is_invocable_r_v<Status, Handler&, Call&, BlockingReader<Request>&,
                          BlockingWriter<Response>&>;

// Where a plain function runs: inline on the shard that received the call, the fastest, where it
// may not block; or on a thread of the server's workers (ServerOptions::workers).
enum class RunOn : uint8_t { kShard, kWorkers };

class Registry {
 public:
  // With gzip, deflate and zstd.
  Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Ownership: keeps the callable. A path that is handled already, or is not "/Service/Method", is
  // a bug of the program and ends it with a sentence.
  template <typename Request, typename Response, UnaryHandler<Request, Response> Handler>
  void Handle(const UnaryMethod<Request, Response>& method, Handler handler) {
    Insert<Request, Response>(
        method, std::move(handler),
        {.own_run_inline = &server::RunInline<Request, Response, Handler>});
  }

  // For a plain function that blocks or takes long: RunOn::kWorkers gives it to a worker thread.
  template <typename Request, typename Response, UnaryHandler<Request, Response> Handler>
  void Handle(const UnaryMethod<Request, Response>& method, Handler handler, RunOn run_on) {
    if (run_on == RunOn::kShard) return Handle(method, std::move(handler));
    Insert<Request, Response>(
        method, std::move(handler),
        {.own_start = &server::StartOnWorker,
         .run_on_worker = &server::RunInline<Request, Response, Handler>});
  }

  template <typename Request, typename Response, UnaryCoroutine<Request, Response> Handler>
  void Handle(const UnaryMethod<Request, Response>& method, Handler handler) {
    Insert<Request, Response>(method, std::move(handler),
                              {.own_start = &server::StartUnary<Request, Response, Handler>});
  }

  template <typename Request, typename Response,
            ServerStreamingCoroutine<Request, Response> Handler>
  void Handle(const ServerStreamingMethod<Request, Response>& method, Handler handler) {
    Insert<Request, Response>(
        method, std::move(handler),
        {.own_start = &server::StartServerStreaming<Request, Response, Handler>,
         .streams_out = true});
  }

  // What streams in is read by a coroutine: on a shard a plain function could not wait for it.
  template <typename Request, typename Response,
            ClientStreamingCoroutine<Request, Response> Handler>
  void Handle(const ClientStreamingMethod<Request, Response>& method, Handler handler) {
    Insert<Request, Response>(
        method, std::move(handler),
        {.own_start = &server::StartClientStreaming<Request, Response, Handler>, .reads = true});
  }

  template <typename Request, typename Response, BidiStreamingCoroutine<Request, Response> Handler>
  void Handle(const BidiStreamingMethod<Request, Response>& method, Handler handler) {
    Insert<Request, Response>(method, std::move(handler),
                              {.own_start = &server::StartBidiStreaming<Request, Response, Handler>,
                               .reads = true,
                               .streams_out = true});
  }

  // Plain functions that stream run on workers, whether that is said or not: they block, by
  // BlockingReader and BlockingWriter. RunOn::kShard is a bug of the program and ends it with a
  // sentence.
  template <typename Request, typename Response,
            ServerStreamingFunction<Request, Response> Handler>
  void Handle(const ServerStreamingMethod<Request, Response>& method, Handler handler,
              RunOn run_on = RunOn::kWorkers) {
    RefuseShard(method.path, run_on);
    Insert<Request, Response>(
        method, std::move(handler),
        {.own_start = &server::StartStreamOnWorker,
         .stream_on_worker = &server::StreamOut<Request, Response, Handler>,
         .streams_out = true});
  }

  template <typename Request, typename Response,
            ClientStreamingFunction<Request, Response> Handler>
  void Handle(const ClientStreamingMethod<Request, Response>& method, Handler handler,
              RunOn run_on = RunOn::kWorkers) {
    RefuseShard(method.path, run_on);
    Insert<Request, Response>(method, std::move(handler),
                              {.own_start = &server::StartStreamOnWorker,
                               .stream_on_worker = &server::StreamIn<Request, Response, Handler>,
                               .reads = true});
  }

  template <typename Request, typename Response, BidiStreamingFunction<Request, Response> Handler>
  void Handle(const BidiStreamingMethod<Request, Response>& method, Handler handler,
              RunOn run_on = RunOn::kWorkers) {
    RefuseShard(method.path, run_on);
    Insert<Request, Response>(
        method, std::move(handler),
        {.own_start = &server::StartStreamOnWorker,
         .stream_on_worker = &server::StreamBothWays<Request, Response, Handler>,
         .reads = true,
         .streams_out = true});
  }

  // Answers GET and HEAD of `path`, whatever the query behind it. A path that has a handler
  // already, or is not "/...", is a bug of the program and ends it with a sentence.
  template <HttpHandler Handler>
  void HandleGet(std::string_view path, Handler handler) {
    InsertGet({std::string(path), std::move(handler)});
  }

  // Runs around every handler, those that are registered later among them: see rpc/interceptor.h.
  // The first stands outermost. What never becomes a call (no such method, a malformed request, a
  // deadline that has passed) and HandleGet() have none.
  template <typename T>
    requires InterceptorCoroutine<T> || PlainInterceptor<T>
  void Intercept(T interceptor) {
    InsertCheck(interceptor);
    InsertInterceptor("", rpc::Interceptor(std::move(interceptor)));
  }
  // Around those of one service alone, "helloworld.Greeter". Server::Start() refuses to run where
  // no method of it is registered.
  template <typename T>
    requires InterceptorCoroutine<T> || PlainInterceptor<T>
  void Intercept(std::string_view service, T interceptor) {
    InsertCheck(interceptor);
    InsertInterceptor(service, rpc::Interceptor(std::move(interceptor)));
  }

  // Serves calls of "application/grpc+SUBTYPE" by `codec`; the methods need not know. A subtype
  // that has a codec already, "proto" among them, or is no lower-case token, is a bug of the
  // program and ends it with a sentence.
  void AddCodec(std::unique_ptr<const codec::Codec> codec);
  // Null when there is none. In any spelling.
  const codec::Codec* FindCodec(std::string_view subtype) const;
  // "proto", and what was added.
  std::vector<std::string> subtypes() const;

  // Takes requests, and sends responses to who asks for it, in one more encoding; one of the
  // same name gives way, as for another level: AddCompression(wire::Gzip(1)). What is no lower-case
  // token is a bug of the program and ends it with a sentence.
  void AddCompression(wire::Compression compression);
  const rpc::Encodings& encodings() const { return encodings_; }

  // Null when nobody handles `path`. What it returns lives as long as the registry.
  const server::MethodEntry* Find(std::string_view path) const;
  const server::HttpEntry* FindGet(std::string_view path) const;

  // Some method runs on workers: SetWorkers() is called before it does. Ownership: `workers`
  // outlives the last call.
  bool needs_workers() const;
  void SetWorkers(server::WorkerPool* workers);

  // The service of an interceptor that has no method; empty without one.
  std::string idle_interceptor() const;
  // What the interceptors that have `Status CheckMethods(const Registry&) const` say of the methods
  // that are here, the first error of it.
  Status CheckInterceptors() const;

  // "helloworld.Greeter", sorted: every service with at least one method.
  std::vector<std::string> services() const;
  // The .proto files that declare their methods, each once, in the order of their services; those
  // of methods that are written by hand are not known.
  std::vector<const codec::EmbeddedFile*> files() const;
  // Every method, by its index.
  std::vector<const server::MethodEntry*> methods() const;
  size_t methods_count() const { return entries_.size(); }
  // "/healthz", sorted.
  std::vector<std::string> get_paths() const;

 private:
  struct PathHash {
    using is_transparent = void;
    size_t operator()(std::string_view path) const { return std::hash<std::string_view>{}(path); }
  };

  template <typename Entry>
  using PathMap =
      absl::flat_hash_map<std::string, std::unique_ptr<Entry>, PathHash, std::equal_to<>>;

  // Of one service, or of all where that is empty.
  struct ServiceInterceptor {
    std::string service;
    rpc::Interceptor interceptor;
  };

  static void RefuseShard(std::string_view path, RunOn run_on);
  void Insert(server::MethodEntry entry);
  void InsertInterceptor(std::string_view service, rpc::Interceptor interceptor);
  void InsertGet(server::HttpEntry entry);
  template <typename T>
  void InsertCheck(const T& interceptor) {
    if constexpr (requires {
                    { interceptor.CheckMethods(*this) } -> std::same_as<Status>;
                  }) {
      checks_.push_back(
          [interceptor](const Registry& registry) { return interceptor.CheckMethods(registry); });
    }
  }

  template <typename Request, typename Response, typename Method, typename Handler>
  void Insert(const Method& method, Handler handler, server::MethodEntry entry) {
    entry.path = method.path;
    entry.file = method.file;
    entry.handler = std::make_shared<Handler>(std::move(handler));
    entry.notations = std::min(codec::NotationsOf<Request>(), codec::NotationsOf<Response>());
    Insert(std::move(entry));
  }

  PathMap<server::MethodEntry> entries_;
  PathMap<server::HttpEntry> get_entries_;
  std::vector<std::unique_ptr<const codec::Codec>> codecs_;                // a handful
  std::vector<std::unique_ptr<const ServiceInterceptor>> interceptors_;  // in their order
  std::vector<std::function<Status(const Registry&)>> checks_;
  rpc::Encodings encodings_;
};

}  // namespace penstock

#endif  // PENSTOCK_SERVER_REGISTRY_H_
