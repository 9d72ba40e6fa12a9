// Priority: how soon a client wants a response, and whether it can use it in pieces.
//
//     Priority priority;
//     ParsePriority("u=1, i", &priority);   // urgency 1, incremental
//
// Spec: RFC 9218 §4, whose field value is a dictionary of RFC 8941 §3.2
#ifndef PENSTOCK_HTTP2_PRIORITY_H_
#define PENSTOCK_HTTP2_PRIORITY_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::http2 {

inline constexpr uint8_t kUrgencyDefault = 3;
inline constexpr uint8_t kUrgencyLowest = 7;  // 0 is the most urgent

struct Priority {
  uint8_t urgency = kUrgencyDefault;
  bool incremental = false;

  bool operator==(const Priority&) const = default;
};

// Takes `u` and `i` out of a `priority` field or a PRIORITY_UPDATE. Other members, other types and
// an urgency out of range are passed over. False, and `priority` as it was, when the text is no
// dictionary.
bool ParsePriority(std::string_view text, Priority* priority);

// The shortest text that says so: "" for the defaults.
std::string PriorityText(const Priority& priority);

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_PRIORITY_H_
