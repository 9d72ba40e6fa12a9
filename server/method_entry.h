// MethodEntry: a registered method without its types; UnaryExchange, one call of a plain function;
// CoroutineExchange, one of a coroutine; and BlockingExchange, one that streams on a worker.
#ifndef PENSTOCK_SERVER_METHOD_ENTRY_H_
#define PENSTOCK_SERVER_METHOD_ENTRY_H_

#include <coroutine>
#include <cstdint>
#include <memory>
#include <string>

#include "penstock/codec/message_format.h"
#include "penstock/rpc/blocking_reader.h"
#include "penstock/rpc/blocking_writer.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/message_source.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/writer.h"
#include "penstock/wire/bytes.h"

namespace penstock::codec {
struct EmbeddedFile;  // codec/embedded_file.h
}  // namespace penstock::codec

namespace penstock::server {

class WorkerPool;

// What the dispatcher gives a unary method, and takes back from it.
// Ownership: all of it lives until Reply() or Fail() returns; one of them is called exactly once.
class UnaryExchange {
 public:
  UnaryExchange(Call& exchanged_call, wire::Bytes request_bytes)
      : call(exchanged_call), request(request_bytes) {}

  virtual void Reply(const rpc::MessageWriter& reply) = 0;
  virtual void Fail(const Status& status) = 0;

  Call& call;
  const wire::Bytes request;  // serialised; the message may alias it

 protected:
  ~UnaryExchange() = default;
};

// The same for a handler that answers when it pleases. What comes after the call is over is
// dropped.
// Ownership: lives until End(), which is called exactly once, behind the one answer.
class CoroutineExchange : public rpc::MessageSink {
 public:
  // Of a method that takes one request `its_source` is null.
  CoroutineExchange(Call& exchanged_call, const wire::Bytes& request_bytes,
                    rpc::MessageSource* its_source)
      : call(exchanged_call), request(request_bytes), source(its_source) {}

  // One of them is the answer: the one message and OK, or the status behind what was sent.
  virtual void Reply(const rpc::MessageWriter& reply) = 0;
  virtual void Finish(const Status& status) = 0;
  // What to destroy where the handler will never end: its outermost coroutine.
  virtual void KeepFrame(std::coroutine_handle<> outermost) { frame = outermost; }
  // The handler's coroutine touches nothing of the call any more: it is gone when this returns.
  virtual void End() = 0;

  Call& call;
  // Serialised, in the call's arena; the message may alias it. A reference to what the call has: a
  // copy, made right behind the writing of pointer and length, has to wait for both.
  // Bench: handler_bench, coroutine_interceptor: 208 to 204 ns.
  const wire::Bytes& request;
  rpc::MessageSource* const source;  // of a stream of requests
  // The outermost coroutine. Null until the handler begins, std::noop_coroutine() while it has not
  // been suspended, and may end without one.
  std::coroutine_handle<> frame;
  // An interceptor goes on without the handler, which cannot be destroyed and is on a worker still:
  // whatever it says is not for the call any more.
  bool is_dropped = false;

 protected:
  ~CoroutineExchange() = default;
};

// The same for a handler that streams on a worker thread, and blocks it.
// Ownership: lives until its function returns; Reply() or Finish() was called exactly once.
// Threading: the worker's.
class BlockingExchange : public rpc::BlockingSource, public rpc::BlockingSink {
 public:
  BlockingExchange(Call& exchanged_call, wire::Bytes request_bytes)
      : call(exchanged_call), request(request_bytes) {}

  // The one message and OK, or the status behind what was sent.
  virtual void Reply(const rpc::MessageWriter& reply) = 0;
  virtual void Finish(const Status& status) = 0;

  Call& call;
  const wire::Bytes request;  // serialised; the message may alias it

 protected:
  ~BlockingExchange() = default;
};

struct MethodEntry {
  std::string path = {};
  uint32_t index = 0;  // of its MethodMetrics, in the order of registration
  // What is run for a call; one of the two is set: what the handler needs, or what runs its
  // interceptors around that (interception.h).
  void (*run_inline)(const MethodEntry& entry, UnaryExchange& exchange) = nullptr;
  void (*start)(const MethodEntry& entry, CoroutineExchange& exchange) = nullptr;
  std::shared_ptr<void> handler = nullptr;  // the callable, as what the handler needs knows it
  const codec::EmbeddedFile* file = nullptr;    // that declares the method, where it is known
  // What both its request and its response can be written in.
  codec::Notations notations = codec::Notations::kProto;

  // What the handler needs; one of the two is set. It parses, calls the handler, answers, and
  // catches what the handler throws.
  void (*own_run_inline)(const MethodEntry& entry, UnaryExchange& exchange) = nullptr;
  void (*own_start)(const MethodEntry& entry, CoroutineExchange& exchange) = nullptr;
  // Of a handler for workers: what one of them runs while own_start, StartOnWorker or
  // StartStreamOnWorker, waits.
  void (*run_on_worker)(const MethodEntry& entry, UnaryExchange& exchange) = nullptr;
  void (*stream_on_worker)(const MethodEntry& entry, BlockingExchange& exchange) = nullptr;
  WorkerPool* workers = nullptr;  // set before the server runs
  bool reads = false;        // a stream of requests: its handler begins at the request's head
  bool streams_out = false;  // any number of messages, and not one
  rpc::Interceptors interceptors = {};

  bool needs_workers() const { return run_on_worker != nullptr || stream_on_worker != nullptr; }
};

// The status of a call whose handler let an exception escape, of which a catch (...) has hold. What
// it says goes to standard error and not to the peer: it may hold secrets.
Status StatusOfException(const MethodEntry& entry);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_METHOD_ENTRY_H_
