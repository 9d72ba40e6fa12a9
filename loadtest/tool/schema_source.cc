#include "penstock/loadtest/tool/schema_source.h"

#include <algorithm>
#include <cstdio>

#include "penstock/loadtest/command_line.h"
#include "penstock/loadtest/tool/reflection_source.h"
#include "penstock/loadtest/tool/status_text.h"
#include "penstock/wire/suggestion.h"

namespace penstock::loadtest::tool {
namespace {

using codec::reflection::FileDescriptor;
using codec::reflection::MethodDescriptor;
using codec::reflection::ServiceDescriptor;

// The most that a response may have: what stands on a terminal or in a file has no other bound.
constexpr uint32_t kMessageBytesMax = uint32_t{256} << 20;

client::ChannelOptions ChannelOptionsOf(const CommandOptions& options) {
  client::ChannelOptions channel;
  channel.tls = options.tls;
  channel.message_bytes_max = kMessageBytesMax;
  channel.user_agent_prefix = "penstock-load";
  return channel;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& words) {
  const std::string nearest = wire::NearestOf(word, words);
  return nearest.empty() ? "" : "; did you mean " + Printable(nearest) + "?";
}

// "a.B.c" for "/a.B/c": how reflection names a method.
std::string AsSymbol(std::string_view name) {
  if (name.starts_with('/')) name.remove_prefix(1);
  std::string symbol(name);
  std::replace(symbol.begin(), symbol.end(), '/', '.');
  return symbol;
}

std::string ScopeOf(const std::string& symbol) {
  const size_t dot = symbol.rfind('.');
  return dot == std::string::npos ? "" : symbol.substr(0, dot);
}

}  // namespace

int Failure::Report(std::string_view doing) const {
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(doing.size()), doing.data(),
               Printable(sentence, true).c_str());
  return exit_status;
}

Connection::Connection(const CommandOptions& options)
    : channel_(&main_shard_.shard(), options.target, ChannelOptionsOf(options)) {
  main_shard_.CancelOnSignals();
}

int Connection::ExitStatusOf(const Status& status) {
  if (status.ok()) return kExitOk;
  if (main_shard_.scope().cancelled()) return kExitInterrupted;
  return channel_.counters().connections_made == 0 ? kExitNoConnection : kExitErrors;
}

std::optional<Failure> SchemaSource::ReadFiles() {
  if (std::exchange(has_read_files_, true)) return std::nullopt;
  std::string why;
  for (const std::string& proto : options_.protos) {
    if (!schema_->AddProto(proto, options_.roots, &why)) return Failure{kExitUsage, why};
  }
  if (!options_.descriptor_set.empty() &&
      !schema_->AddDescriptorSet(options_.descriptor_set, &why)) {
    return Failure{kExitUsage, why};
  }
  return std::nullopt;
}

std::optional<Failure> SchemaSource::ListServices(std::vector<std::string>* names) {
  if (options_.has_schema()) {
    if (auto failure = ReadFiles()) return failure;
    for (const FileDescriptor* file : pool().files()) {
      for (const ServiceDescriptor& service : file->services) names->push_back(service.full_name);
    }
    std::sort(names->begin(), names->end());
    return std::nullopt;
  }
  ReflectionSource reflection(&connection_->channel(), options_.call);
  client::MainShard& main_shard = connection_->main_shard();
  const Status status = main_shard.Run(reflection.ListServices(main_shard.scope(), names));
  if (status.ok()) return std::nullopt;
  return Describe(status, "");
}

Status SchemaSource::Fetch(const std::string& symbol) {
  ReflectionSource reflection(&connection_->channel(), options_.call);
  client::MainShard& main_shard = connection_->main_shard();
  return main_shard.Run(reflection.Fetch(main_shard.scope(), symbol, &schema_->pool()));
}

std::optional<Failure> SchemaSource::Load(const std::string& name) {
  const std::string symbol = AsSymbol(name);
  if (options_.has_schema()) {
    if (auto failure = ReadFiles()) return failure;
    if (pool().FindFileOf(symbol) != nullptr || pool().FindService(symbol) != nullptr ||
        pool().FindFile(name) != nullptr) {
      return std::nullopt;
    }
    return Unknown(name);
  }
  Status status = Fetch(symbol);
  // Some servers know what stands inside of a service or a message by that alone.
  const std::string scope = ScopeOf(symbol);
  if (status.code() == StatusCode::kNotFound && !scope.empty()) status = Fetch(scope);
  if (status.ok()) return std::nullopt;
  return Describe(status, name);
}

Failure SchemaSource::Describe(const Status& status, const std::string& symbol) {
  if (status.code() == StatusCode::kUnimplemented) {
    return {kExitErrors, options_.target +
                             " has no reflection, and so does not say what it has: give the schema "
                             "with --proto or --descriptor-set"};
  }
  if (status.code() == StatusCode::kNotFound && !symbol.empty()) return Unknown(symbol);
  const int exit_status = connection_->ExitStatusOf(status);
  if (exit_status == kExitNoConnection) return {exit_status, std::string(MessageOf(status))};
  std::string text = DescribeStatus(status, nullptr);
  text.pop_back();  // the line's end
  return {exit_status, text};
}

Failure SchemaSource::Unknown(const std::string& symbol) {
  const std::string where = options_.has_schema() ? "the schema" : options_.target;
  const std::string what = "'" + symbol + "' is not in " + where;
  std::vector<std::string> services;
  if (ListServices(&services)) return {kExitUsage, what};
  std::string hint = DidYouMean(symbol, services);
  if (hint.empty()) hint = DidYouMean(ScopeOf(AsSymbol(symbol)), services);
  if (!hint.empty()) return {kExitUsage, what + hint};
  std::string all;
  for (const std::string& service : services) all += (all.empty() ? "" : ", ") + service;
  return {kExitUsage, what + (all.empty() ? "" : ", which has the services " + Printable(all))};
}

Failure SchemaSource::UnknownMethod(const ServiceDescriptor& service,
                                    std::string_view name) const {
  std::vector<std::string> names;
  std::string all;
  for (const MethodDescriptor& method : service.methods) {
    names.push_back(method.name);
    all += (all.empty() ? "" : ", ") + method.name;
  }
  const std::string nearest = wire::NearestOf(name, names);
  const std::string hint = nearest.empty() ? "; it has " + (all.empty() ? "none" : all)
                                           : "; did you mean " + service.full_name + "/" + nearest +
                                                 "?";
  return {kExitUsage, service.full_name + " has no method '" + std::string(name) + "'" + hint};
}

std::optional<Failure> SchemaSource::FindMethod(const std::string& name,
                                                const ServiceDescriptor** service,
                                                const MethodDescriptor** method) {
  const std::string symbol = AsSymbol(name);
  const std::string scope = ScopeOf(symbol);
  if (scope.empty()) {
    return Failure{kExitUsage,
                   "'" + name + "' is no method: write PKG.SERVICE/METHOD, for example "
                                "helloworld.Greeter/SayHello"};
  }
  if (auto failure = Load(scope)) return failure;
  *service = pool().FindService(scope);
  if (*service == nullptr) return Failure{kExitUsage, "'" + scope + "' is no service"};
  const std::string_view member = std::string_view(symbol).substr(scope.size() + 1);
  for (const MethodDescriptor& one : (*service)->methods) {
    if (one.name != member) continue;
    *method = &one;
    return std::nullopt;
  }
  return UnknownMethod(**service, member);
}

}  // namespace penstock::loadtest::tool
