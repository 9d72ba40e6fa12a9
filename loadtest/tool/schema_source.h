// SchemaSource: the descriptors that a subcommand needs, from files or from the server itself.
//
//     Connection connection(options);
//     SchemaSource source(options, &connection);
//     if (auto failure = source.Load("helloworld.Greeter")) return failure->Report("ls");
//     source.pool().FindService("helloworld.Greeter")
//
// Ownership: the options and the connection outlive it.
#ifndef PENSTOCK_LOADTEST_TOOL_SCHEMA_SOURCE_H_
#define PENSTOCK_LOADTEST_TOOL_SCHEMA_SOURCE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/client/channel.h"
#include "penstock/client/main_shard.h"
#include "penstock/loadtest/schema.h"
#include "penstock/loadtest/tool/command_options.h"
#include "penstock/rpc/status.h"

namespace penstock::loadtest::tool {

// What a subcommand ends with: a sentence, and a status of command_line.h.
struct Failure {
  int exit_status;
  std::string sentence;

  // Says it on stderr, behind the program and what it was doing; returns the status.
  int Report(std::string_view doing) const;
};

// One channel to the target, on the thread of main. Ctrl-C cancels what is under way.
// Ownership: the options outlive it.
class Connection {
 public:
  explicit Connection(const CommandOptions& options);

  client::MainShard& main_shard() { return main_shard_; }
  client::Channel& channel() { return channel_; }
  // Why what has ended with `status` did so: interrupted, no connection, or the server.
  int ExitStatusOf(const Status& status);

 private:
  client::MainShard main_shard_;
  client::Channel channel_;
};

class SchemaSource {
 public:
  // `connection` may be null where the options have a schema.
  SchemaSource(const CommandOptions& options, Connection* connection)
      : options_(options), connection_(connection) {}

  // Full names, sorted.
  std::optional<Failure> ListServices(std::vector<std::string>* names);
  // Makes pool() have `symbol`: a service, a message, "pkg.Service/Method", a field and so on, or,
  // with a schema of files, the path of a file.
  std::optional<Failure> Load(const std::string& symbol);
  // Makes `*method` that of "pkg.Service/Method", or with a dot for the slash.
  std::optional<Failure> FindMethod(const std::string& name,
                                    const codec::reflection::ServiceDescriptor** service,
                                    const codec::reflection::MethodDescriptor** method);

  const codec::reflection::DescriptorPool& pool() const { return schema_->pool(); }
  std::shared_ptr<const Schema> schema() const { return schema_; }

 private:
  std::optional<Failure> ReadFiles();
  Status Fetch(const std::string& symbol);
  Failure Describe(const Status& status, const std::string& symbol);
  Failure Unknown(const std::string& symbol);
  Failure UnknownMethod(const codec::reflection::ServiceDescriptor& service,
                        std::string_view name) const;

  const CommandOptions& options_;
  Connection* const connection_;
  const std::shared_ptr<Schema> schema_ = std::make_shared<Schema>();
  bool has_read_files_ = false;
};

}  // namespace penstock::loadtest::tool

#endif  // PENSTOCK_LOADTEST_TOOL_SCHEMA_SOURCE_H_
