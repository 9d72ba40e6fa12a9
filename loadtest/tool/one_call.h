// OneCall: a call of any of the four kinds whose messages are JSON, as `call` makes it.
//
// Requests go out while responses come in, and each response is printed when it comes.
#ifndef PENSTOCK_LOADTEST_TOOL_ONE_CALL_H_
#define PENSTOCK_LOADTEST_TOOL_ONE_CALL_H_

#include <string>
#include <string_view>
#include <vector>

#include "penstock/client/call_options.h"
#include "penstock/client/channel.h"
#include "penstock/codec/json/extension_types.h"
#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/codec/reflection/dynamic_message.h"
#include "penstock/rpc/call_scope.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/task.h"

namespace penstock::loadtest::tool {

class OneCall {
 public:
  // Of `method`, which has a name of its service and is in the pool. All is told on stdout and,
  // where `is_verbose`, the metadata on stderr.
  // Ownership: the pool outlives it.
  OneCall(const codec::reflection::DescriptorPool& pool,
          const codec::reflection::ServiceDescriptor& service,
          const codec::reflection::MethodDescriptor& method);

  // The requests: JSON messages one behind the other. None for a method that takes one is an empty
  // one. Returns what is wrong, "" when nothing is.
  std::string TakeRequests(std::string_view json);

  // How the call has ended. Ownership: `channel`, `scope` and `options` outlive the task.
  Task<Status> Make(client::Channel& channel, CallScope& scope, const client::CallOptions& options,
                    bool is_verbose);

  const codec::reflection::TypeSource& types() const { return types_; }

 private:
  Status Print(const RawMessage& response);

  const codec::reflection::MethodDescriptor& method_;
  const std::string path_;
  const codec::reflection::DynamicTypes types_;
  const codec::json::ExtensionTypes extensions_;
  std::vector<std::string> requests_;  // serialised
  size_t responses_count_ = 0;
};

}  // namespace penstock::loadtest::tool

#endif  // PENSTOCK_LOADTEST_TOOL_ONE_CALL_H_
