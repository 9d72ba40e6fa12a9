// Service: what generated service classes derive from.
#ifndef PENSTOCK_SERVER_SERVICE_H_
#define PENSTOCK_SERVER_SERVICE_H_

#include "penstock/rpc/call.h"
#include "penstock/rpc/method.h"
#include "penstock/rpc/status.h"
#include "penstock/server/registry.h"

namespace penstock {

// Threading: methods are called on every shard at once.
class Service {
 public:
  virtual ~Service() = default;
  // Registers every method. Ownership: the registry refers to the service, which outlives it.
  virtual void Register(Registry& registry) = 0;
};

}  // namespace penstock

#endif  // PENSTOCK_SERVER_SERVICE_H_
