// Cases: gRPC's official interoperability cases that need neither credentials nor a cloud, as calls
// of our client.
//
//     const Case* wanted = FindCase("large_unary");
//     Status status = co_await wanted->run(channel, scope);  // OK, or what is not as it should be
//
// Spec: gRPC's interop-test-descriptions.md, "Client"
#ifndef PENSTOCK_TESTS_INTEROP_GRPC_GO_CASES_H_
#define PENSTOCK_TESTS_INTEROP_GRPC_GO_CASES_H_

#include <string_view>

#include "penstock/client/stub.h"

namespace penstock::grpc_go {

struct Case {
  const char* name;
  Task<Status> (*run)(client::Channel& channel, CallScope& scope);
};

// Null: there is none of that name.
const Case* FindCase(std::string_view name);

}  // namespace penstock::grpc_go

#endif  // PENSTOCK_TESTS_INTEROP_GRPC_GO_CASES_H_
