// CallKind: which side of a call sends one message, and which a stream of them.
//
//     --kind server-stream -> CallKind::kServerStream
#ifndef PENSTOCK_LOADTEST_CALL_KIND_H_
#define PENSTOCK_LOADTEST_CALL_KIND_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock::loadtest {

enum class CallKind : uint8_t { kUnary, kClientStream, kServerStream, kBidi };

inline constexpr std::array<std::string_view, 4> kCallKindNames = {"unary", "client-stream",
                                                                  "server-stream", "bidi"};

constexpr CallKind CallKindOf(bool sends_stream, bool receives_stream) {
  if (sends_stream) return receives_stream ? CallKind::kBidi : CallKind::kClientStream;
  return receives_stream ? CallKind::kServerStream : CallKind::kUnary;
}
// The client does.
constexpr bool SendsStream(CallKind kind) {
  return kind == CallKind::kClientStream || kind == CallKind::kBidi;
}
constexpr bool ReceivesStream(CallKind kind) {
  return kind == CallKind::kServerStream || kind == CallKind::kBidi;
}

constexpr std::string_view NameOf(CallKind kind) {
  return kCallKindNames[static_cast<size_t>(kind)];
}
// Nullopt: it is none of kCallKindNames.
constexpr std::optional<CallKind> ParseCallKind(std::string_view text) {
  for (size_t i = 0; i < kCallKindNames.size(); ++i) {
    if (kCallKindNames[i] == text) return static_cast<CallKind>(i);
  }
  return std::nullopt;
}

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_CALL_KIND_H_
