// Service: what generated service classes derive from.
#ifndef PENSTOCK_SERVER_SERVICE_H_
#define PENSTOCK_SERVER_SERVICE_H_

#include "penstock/rpc/blocking_reader.h"
#include "penstock/rpc/blocking_writer.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/method.h"
#include "penstock/rpc/reader.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/status_or.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"
#include "penstock/rpc/writer.h"
#include "penstock/server/registry.h"

namespace penstock {

// Threading: methods are called on every shard at once.
class Service {
 public:
  virtual ~Service() = default;
  // Registers every method. Ownership: the registry refers to the service, which outlives it.
  virtual void Register(Registry& registry) = 0;
};

// A method of one object, as a handler: the method's type says which form it has.
// Ownership: refers to the object, which outlives it.
template <auto kMethod>
class BoundMethod;

template <typename Object, typename Result, typename... Parameters,
          Result (Object::*kMethod)(Parameters...)>
class BoundMethod<kMethod> {
 public:
  explicit BoundMethod(Object* object) : object_(object) {}
  Result operator()(Parameters... parameters) const { return (object_->*kMethod)(parameters...); }

 private:
  Object* object_;
};

}  // namespace penstock

#endif  // PENSTOCK_SERVER_SERVICE_H_
