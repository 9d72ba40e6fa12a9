#include "penstock/rpc/tracing/trace_context.h"

#include <algorithm>

namespace penstock {
namespace {

// Where the parts of a traceparent begin, and how long they are.
constexpr size_t kVersionDigits = 2;
constexpr size_t kTraceIdAt = 3;
constexpr size_t kSpanIdAt = 36;
constexpr size_t kFlagsAt = 53;
constexpr size_t kIdDigits = 16;

constexpr size_t kStateKeyBytesMax = 256;
constexpr size_t kStateValueBytesMax = 256;

// Lower case alone: upper case is malformed. Spec: §3.2.2
std::optional<uint64_t> ParseHex(std::string_view digits) {
  uint64_t number = 0;
  for (const char c : digits) {
    uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<uint64_t>(c - 'a' + 10);
    } else {
      return std::nullopt;
    }
    number = number << 4 | digit;
  }
  return number;
}

char* WriteHex(uint64_t id, char* out) {
  const HexId text = HexOf(id);
  return std::copy(text.begin(), text.end(), out);
}

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool IsStateKeyCharacter(char c) {
  return IsLowerOrDigit(c) || c == '_' || c == '-' || c == '*' || c == '/' || c == '@';
}

bool IsStateValueCharacter(char c) { return c >= 0x20 && c <= 0x7e && c != ',' && c != '='; }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Spec: Level 2, §3.3.1.3: no parts on both sides of one "@" any more
bool IsStateMember(std::string_view member) {
  const size_t equals = member.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals > kStateKeyBytesMax) return false;
  const std::string_view key = member.substr(0, equals);
  const std::string_view value = member.substr(equals + 1);
  return IsLowerOrDigit(key.front()) &&
         std::all_of(key.begin(), key.end(), IsStateKeyCharacter) && !value.empty() &&
         value.size() <= kStateValueBytesMax &&
         std::all_of(value.begin(), value.end(), IsStateValueCharacter);
}

}  // namespace

HexId HexOf(uint64_t id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  HexId text;
  for (size_t i = text.size(); i > 0; --i, id >>= 4) text[i - 1] = kDigits[id & 0xf];
  return text;
}

std::array<char, 32> TraceContext::TraceIdText() const {
  std::array<char, 32> text;
  WriteHex(trace_id_low, WriteHex(trace_id_high, text.data()));
  return text;
}

std::optional<TraceContext> ParseTraceparent(std::string_view text) {
  if (text.size() < kTraceparentBytes) return std::nullopt;
  const auto version = ParseHex(text.substr(0, kVersionDigits));
  if (!version || *version == 0xff) return std::nullopt;
  // Of version 00 nothing may follow; of later ones a dash and more. Spec: §3.2.4
  if (text.size() > kTraceparentBytes && (*version == 0 || text[kTraceparentBytes] != '-')) {
    return std::nullopt;
  }
  if (text[kTraceIdAt - 1] != '-' || text[kSpanIdAt - 1] != '-' || text[kFlagsAt - 1] != '-') {
    return std::nullopt;
  }
  const auto high = ParseHex(text.substr(kTraceIdAt, kIdDigits));
  const auto low = ParseHex(text.substr(kTraceIdAt + kIdDigits, kIdDigits));
  const auto span_id = ParseHex(text.substr(kSpanIdAt, kIdDigits));
  const auto flags = ParseHex(text.substr(kFlagsAt, kTraceparentBytes - kFlagsAt));
  if (!high || !low || !span_id || !flags) return std::nullopt;
  if ((*high == 0 && *low == 0) || *span_id == 0) return std::nullopt;
  TraceContext trace;
  trace.trace_id_high = *high;
  trace.trace_id_low = *low;
  trace.parent_span_id = *span_id;
  trace.flags = static_cast<uint8_t>(*flags & (TraceContext::kSampled | TraceContext::kRandom));
  return trace;
}

std::array<char, kTraceparentBytes> FormatTraceparent(const TraceContext& trace) {
  std::array<char, kTraceparentBytes> text;
  text.fill('-');
  text[0] = text[1] = '0';
  WriteHex(trace.trace_id_low, WriteHex(trace.trace_id_high, text.data() + kTraceIdAt));
  WriteHex(trace.span_id, text.data() + kSpanIdAt);
  const HexId flags = HexOf(trace.flags);
  std::copy(flags.end() - 2, flags.end(), text.begin() + kFlagsAt);
  return text;
}

bool IsTracestate(std::string_view text) {
  if (text.size() > kTracestateBytesMax) return false;
  size_t members_count = 0;
  for (;;) {
    const size_t comma = text.find(',');
    const std::string_view member = Trimmed(text.substr(0, comma));
    // Empty ones are allowed, and count for nothing.
    if (!member.empty()) {
      if (!IsStateMember(member) || ++members_count > kTracestateMembersMax) return false;
    }
    if (comma == std::string_view::npos) return members_count > 0;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace penstock
