// ReflectionService: grpc.reflection.v1.ServerReflection and its v1alpha, by which grpcurl and
// other tools find out what a server has, without a .proto.
//
// Both have the same messages, of different classes: one template answers for both. What is not
// found is said in the answer, and the stream goes on.
//
// Spec:      gRPC's server-reflection.md.
// Ownership: the registry that it tells of, and the Health, outlive it.
// Limits:    one question at a time on a stream: the next is read when its answer has gone out. A
//            stream without one ends with UNAVAILABLE when the watches of Health do.
#ifndef PENSTOCK_SERVER_BUILTIN_REFLECTION_SERVICE_H_
#define PENSTOCK_SERVER_BUILTIN_REFLECTION_SERVICE_H_

#include "penstock/server/builtin/descriptor_source.h"
#include "penstock/server/builtin/health.h"
#include "penstock/server/service.h"

namespace penstock::server {

class ReflectionService final : public Service {
 public:
  ReflectionService(const Registry* registry, Health* health)
      : source_(registry), health_(*health) {}

  // Leaves out the version that the program has registered itself.
  void Register(Registry& registry) override;

 private:
  DescriptorSource source_;
  Health& health_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_BUILTIN_REFLECTION_SERVICE_H_
