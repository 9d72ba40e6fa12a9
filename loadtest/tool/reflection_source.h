// ReflectionSource: what a server says of itself: its services, and the descriptors behind them.
//
//     ReflectionSource source(&channel, call_options);
//     std::vector<std::string> services;
//     co_await Try(co_await source.ListServices(scope, &services));
//     co_await Try(co_await source.Fetch(scope, "helloworld.Greeter", &pool));
//
// It asks grpc.reflection.v1 first, then v1alpha, which says the same in the same octets.
//
// Errors:    NOT_FOUND where the server does not know the name; FAILED_PRECONDITION where it does
//            not have what a file of its imports; UNIMPLEMENTED where it has no reflection;
//            UNAVAILABLE and what else calls end with.
// Ownership: the channel and the options outlive it, and what it is given outlives its tasks.
// Limits:    kReflectedFilesMax, so that a server's imports without end do; kReflectionTimeoutNs.
// Spec:      gRPC's server-reflection.md
#ifndef PENSTOCK_LOADTEST_TOOL_REFLECTION_SOURCE_H_
#define PENSTOCK_LOADTEST_TOOL_REFLECTION_SOURCE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "penstock/client/call_options.h"
#include "penstock/client/channel.h"
#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/task.h"
#include "penstock/wire/time.h"

namespace penstock::loadtest::tool {

// Files of one answer, imports included. Past it: RESOURCE_EXHAUSTED.
inline constexpr size_t kReflectedFilesMax = 4096;
// Of each question, with all that follows from it.
inline constexpr TimeNs kReflectionTimeoutNs = 10 * kNsPerSecond;

class ReflectionSource {
 public:
  // Of `options` the metadata is sent; their deadline is that of other calls.
  ReflectionSource(client::Channel* channel, const client::CallOptions& options);

  // Sorted.
  Task<Status> ListServices(CallScope& scope, std::vector<std::string>* names);
  // Adds the file that declares `symbol`, with all it imports.
  Task<Status> Fetch(CallScope& scope, std::string symbol, codec::reflection::DescriptorPool* pool);

 private:
  client::Channel& channel_;
  client::CallOptions options_;
};

// Adds serialised files in an order in which each stands behind what it imports. False, and a
// sentence in `*why`, when one is faulty, or imports what is not there.
[[nodiscard]] bool AddFilesInOrder(const std::vector<std::string>& files,
                                   codec::reflection::DescriptorPool* pool, std::string* why);

}  // namespace penstock::loadtest::tool

#endif  // PENSTOCK_LOADTEST_TOOL_REFLECTION_SOURCE_H_
