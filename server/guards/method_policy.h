// MethodPolicy: who may call which method.
//
//     MethodPolicy policy;                     // everybody may, but is required to say who it is
//     policy.AllowAnonymous("/grpc.health.v1.Health/*")
//         .AllowOnly("/shop.Admin/*", {"token:anna", "uri:spiffe://prod/console"})
//         .Require("/shop.Admin/Version");
//
// A pattern is a method, "/shop.Admin/Version"; a service, "/shop.Admin/*"; or everything, "*". The
// most specific one counts, whatever their order. Without "*", everything else is required to say
// who it is.
//
// Threading: filled before the server runs, read by every shard afterwards.
#ifndef PENSTOCK_SERVER_GUARDS_METHOD_POLICY_H_
#define PENSTOCK_SERVER_GUARDS_METHOD_POLICY_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/rpc/status.h"
#include "penstock/server/guards/identity.h"

namespace penstock {

class Registry;

class MethodPolicy {
 public:
  // What holds of a method.
  class Rule {
   public:
    bool allows_anonymous() const { return allows_anonymous_; }
    // Of a caller that is known; false: it is to be one of others.
    bool Allows(const Identity& identity) const;

   private:
    friend class MethodPolicy;
    bool allows_anonymous_ = false;
    bool allows_everybody_ = true;
    std::vector<std::string> allowed_;  // "token:anna"
  };

  // Nobody needs to say who it is.
  MethodPolicy& AllowAnonymous(std::string_view pattern);
  // Everybody does.
  MethodPolicy& Require(std::string_view pattern);
  // And must be one of these, in the form of Identity::ToString(); an empty list lets nobody in.
  MethodPolicy& AllowOnly(std::string_view pattern, const std::vector<std::string>& identities);

  // OK, or INVALID_ARGUMENT and a sentence about the first pattern or identity that is none, or
  // pattern that stands twice.
  const Status& status() const { return status_; }
  // OK, or NOT_FOUND and the first pattern that no method of `registry` has: misspelt, it would
  // leave the method it was for to a weaker rule. The server's own services need not be there: it
  // registers them when it starts, and not those that are off. Server::Start() asks this of the
  // policies of Authenticate.
  Status CheckMethods(const Registry& registry) const;

  const Rule& RuleOf(std::string_view method) const;

 private:
  void Insert(std::string_view pattern, Rule rule);

  Status status_;
  Rule otherwise_;
  bool has_otherwise_ = false;
  std::map<std::string, Rule, std::less<>> rules_;  // of a service: "/shop.Admin/"
};

}  // namespace penstock

#endif  // PENSTOCK_SERVER_GUARDS_METHOD_POLICY_H_
