#include "penstock/server/guards/method_policy.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "penstock/server/registry.h"

namespace penstock {
namespace {

constexpr std::string_view kEverything = "*";

// What a server has of its own: see docs/health.md, docs/reflection.md, docs/channelz.md.
constexpr std::string_view kOfServer[] = {
    "grpc.channelz.v1.Channelz", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection"};

Status Mistake(const std::string& sentence) {
  return MakeStatus(StatusCode::kInvalidArgument, "MethodPolicy: " + sentence);
}

// "/Service/Method" or "/Service/*".
bool IsPattern(std::string_view text) {
  if (!text.starts_with('/')) return false;
  const size_t slash = text.find('/', 1);
  if (slash == std::string_view::npos || slash == 1) return false;
  const std::string_view method = text.substr(slash + 1);
  if (method.empty() || method.find('/') != std::string_view::npos) return false;
  return text.find('*') == std::string_view::npos || (method == "*" && text.find('*') > slash);
}

}  // namespace

bool MethodPolicy::Rule::Allows(const Identity& identity) const {
  if (allows_everybody_) return true;
  return std::any_of(allowed_.begin(), allowed_.end(), [&identity](const std::string& text) {
    return ParseIdentity(text) == identity;
  });
}

MethodPolicy& MethodPolicy::AllowAnonymous(std::string_view pattern) {
  Rule rule;
  rule.allows_anonymous_ = true;
  Insert(pattern, std::move(rule));
  return *this;
}

MethodPolicy& MethodPolicy::Require(std::string_view pattern) {
  Insert(pattern, Rule());
  return *this;
}

MethodPolicy& MethodPolicy::AllowOnly(std::string_view pattern,
                                      const std::vector<std::string>& identities) {
  Rule rule;
  rule.allows_everybody_ = false;
  rule.allowed_ = identities;
  for (const std::string& each : identities) {
    if (ParseIdentity(each) || !status_.ok()) continue;
    status_ = Mistake("'" + each +
                      "' is no identity: it begins with \"token:\", \"uri:\", \"dns:\", \"cn:\" "
                      "or \"sha256:\", as in \"token:anna\"");
  }
  Insert(pattern, std::move(rule));
  return *this;
}

void MethodPolicy::Insert(std::string_view pattern, Rule rule) {
  const std::string_view written = pattern;
  bool is_new = true;
  if (pattern == kEverything) {
    is_new = !std::exchange(has_otherwise_, true);
    otherwise_ = std::move(rule);
  } else if (!IsPattern(pattern)) {
    if (status_.ok()) {
      status_ = Mistake("'" + std::string(pattern) +
                        "' is no pattern: write \"/package.Service/Method\", "
                        "\"/package.Service/*\" or \"*\"");
    }
  } else {
    if (pattern.ends_with('*')) pattern.remove_suffix(1);
    is_new = rules_.insert_or_assign(std::string(pattern), std::move(rule)).second;
  }
  if (!is_new && status_.ok()) {
    status_ = Mistake("'" + std::string(written) + "' stands there twice: which one counts?");
  }
}

Status MethodPolicy::CheckMethods(const Registry& registry) const {
  const std::vector<std::string> services = registry.services();
  for (const auto& [pattern, rule] : rules_) {
    const bool is_service = pattern.ends_with('/');
    const std::string_view service = std::string_view(pattern).substr(1, pattern.rfind('/') - 1);
    const bool is_known = std::find(services.begin(), services.end(), service) != services.end();
    const bool is_of_server =
        std::find(std::begin(kOfServer), std::end(kOfServer), service) != std::end(kOfServer);
    if (is_known ? is_service || registry.Find(pattern) != nullptr : is_of_server) continue;
    return MakeStatus(StatusCode::kNotFound,
                      "MethodPolicy: nothing is registered for '" + pattern +
                          (is_service ? "*" : "") +
                          "': is it misspelt, or registered later than this is asked?");
  }
  return OkStatus();
}

const MethodPolicy::Rule& MethodPolicy::RuleOf(std::string_view method) const {
  if (rules_.empty()) return otherwise_;
  auto found = rules_.find(method);
  if (found == rules_.end()) found = rules_.find(method.substr(0, method.rfind('/') + 1));
  return found == rules_.end() ? otherwise_ : found->second;
}

}  // namespace penstock
