// MethodEntry: a registered method without its types, and UnaryExchange, one call of it.
#ifndef PENSTOCK_SERVER_METHOD_ENTRY_H_
#define PENSTOCK_SERVER_METHOD_ENTRY_H_

#include <memory>
#include <string>

#include "penstock/codec/message_format.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/bytes.h"

namespace penstock::server {

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

struct MethodEntry {
  std::string path;
  // Parses, calls the handler, answers. Catches what the handler throws.
  void (*run_unary)(const MethodEntry& entry, UnaryExchange& exchange);
  std::shared_ptr<void> handler;  // the callable, as run_unary knows it
  // What both its request and its response can be written in.
  codec::Notations notations = codec::Notations::kProto;
};

// The status of a call whose handler let an exception escape. What it says goes to standard error
// and not to the peer: it may hold secrets.
Status StatusOfException(const MethodEntry& entry, const char* what);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_METHOD_ENTRY_H_
