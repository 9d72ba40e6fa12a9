// Option: one thing that operators set, whatever they set it by: a flag, a variable of the
// environment, or a line of a file. server/option_table.h has them all.
//
//     const Option option = Span("drain-grace", &ServerOptions::drain_grace_ns, {.most = kHourNs},
//                                "how long calls may take to end");
//     ServerOptions options;
//     std::string why = option.take({"1m30s"}, &options);         // "": taken
//
// The functions below make one of a member of ServerOptions, or of its http2 or tls.
#ifndef PENSTOCK_SERVER_OPTION_H_
#define PENSTOCK_SERVER_OPTION_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "penstock/server/options.h"

namespace penstock::server {

struct Option {
  std::string name;  // "drain-grace": --drain-grace, PENSTOCK_DRAIN_GRACE, drain-grace = 30s
  std::string group;  // of --help and the documentation; the table says
  std::string form;   // "TIME"
  std::string help;   // what it does, in half a sentence
  bool repeatable = false;
  bool is_switch = false;  // --name alone is true, and --no-name false
  // Takes the values, one unless it is repeatable. Returns what is wrong, the options being as they
  // were, or "".
  std::function<std::string(const std::vector<std::string>& values, ServerOptions* options)> take;
  // In the form that is taken; nothing, or nothing but "": not set.
  std::function<std::vector<std::string>(const ServerOptions& options)> show;
};

// Bounds of a number, both allowed. Units: of the member.
struct Bounds {
  int64_t least = 0;
  int64_t most = std::numeric_limits<int64_t>::max();  // the member's type may allow less
  bool never = false;  // a time may be "never": kTimeNever
};

// What a member of `Owner` belongs to.
template <typename Owner, typename Options>
auto& PartOf(Options& options) {
  if constexpr (std::is_same_v<Owner, http2::Limits>) {
    return options.http2;
  } else if constexpr (std::is_same_v<Owner, wire::TlsServerOptions>) {
    return options.tls;
  } else {
    static_assert(std::is_same_v<Owner, ServerOptions>);
    return options;
  }
}

// What the functions below are made of: the option's way to a value of ServerOptions.
template <typename Value>
struct Place {
  std::function<void(ServerOptions* options, Value value)> set;
  std::function<Value(const ServerOptions& options)> get;
};

template <typename Value, typename Owner, typename Member>
Place<Value> PlaceOf(Member Owner::*member) {
  return {[member](ServerOptions* options, Value value) {
            PartOf<Owner>(*options).*member = static_cast<Member>(value);
          },
          [member](const ServerOptions& options) {
            return static_cast<Value>(PartOf<Owner>(options).*member);
          }};
}

enum class NumberKind : uint8_t { kCount, kBytes, kSpan };
Option MakeNumber(NumberKind kind, std::string name, Place<int64_t> place, Bounds bounds,
                  std::string help);
Option MakeChoice(std::string name, std::vector<std::string> choices, Place<int64_t> place,
                  std::string help);
Option MakeSwitch(std::string name, Place<bool> place, std::string help);

template <typename Member>
Bounds Within(Bounds bounds) {
  constexpr uint64_t kLargest = std::min<uint64_t>(std::numeric_limits<Member>::max(),
                                                   std::numeric_limits<int64_t>::max());
  bounds.most = std::min(bounds.most, static_cast<int64_t>(kLargest));
  return bounds;
}

// "4", "10k".
template <typename Owner, typename Member>
Option Count(std::string name, Member Owner::*member, Bounds bounds, std::string help) {
  return MakeNumber(NumberKind::kCount, std::move(name), PlaceOf<int64_t>(member),
                    Within<Member>(bounds), std::move(help));
}

// "64KiB", "1MB", "1000".
template <typename Owner, typename Member>
Option Bytes(std::string name, Member Owner::*member, Bounds bounds, std::string help) {
  return MakeNumber(NumberKind::kBytes, std::move(name), PlaceOf<int64_t>(member),
                    Within<Member>(bounds), std::move(help));
}

// "500ms", "1m30s"; a bare number is seconds.
template <typename Owner>
Option Span(std::string name, TimeNs Owner::*member, Bounds bounds, std::string help) {
  return MakeNumber(NumberKind::kSpan, std::move(name), PlaceOf<int64_t>(member), bounds,
                    std::move(help));
}

// "true" or "false", also "on", "off", "yes", "no", "1" and "0".
template <typename Owner>
Option Switch(std::string name, bool Owner::*member, std::string help) {
  return MakeSwitch(std::move(name), PlaceOf<bool>(member), std::move(help));
}

// One of the words, which stand in the order of the enumeration, from 0 on.
template <typename Owner, typename Enumeration>
Option Choice(std::string name, Enumeration Owner::*member, std::vector<std::string> choices,
              std::string help) {
  return MakeChoice(std::move(name), std::move(choices), PlaceOf<int64_t>(member),
                    std::move(help));
}

// Any text that `check` has nothing against: it returns what is wrong, or "". "" is not set, and
// not checked.
using TextCheck = std::string (*)(const std::string& text);
Option Text(std::string name, std::string ServerOptions::*member, std::string form,
            TextCheck check, std::string help);

// "--drain-grace", "PENSTOCK_DRAIN_GRACE".
std::string FlagOf(const std::string& name);
std::string VariableOf(const std::string& name);

// What there is in place of the unknown `word`: ", did you mean shards?", or "".
std::string DidYouMean(const std::string& word, const std::vector<std::string>& known);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_OPTION_H_
