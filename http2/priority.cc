#include "penstock/http2/priority.h"

#include <cstddef>

namespace penstock::http2 {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsAlpha(char c) { return IsLower(c) || (c >= 'A' && c <= 'Z'); }

// Besides letters and digits: RFC 8941 §3.3.4
constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~:/";

bool IsTokenOctet(char c) {
  return IsAlpha(c) || IsDigit(c) || kTokenMarks.find(c) != std::string_view::npos;
}

bool IsBase64Octet(char c) { return IsAlpha(c) || IsDigit(c) || c == '+' || c == '/' || c == '='; }

// What a member's value came to, as far as priorities care.
struct Value {
  enum class Kind : uint8_t { kOther, kInteger, kBoolean };
  Kind kind = Kind::kOther;
  int64_t number = 0;  // of a boolean: 0 or 1
};

// A cursor over a dictionary. Each Take... moves behind what it names; false when it is not there.
// Spec: RFC 8941 §4.2
class DictionaryReader {
 public:
  explicit DictionaryReader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  void SkipBlanks(bool tabs) {
    while (!rest_.empty() && (rest_.front() == ' ' || (tabs && rest_.front() == '\t'))) Advance();
  }

  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    Advance();
    return true;
  }

  bool TakeKey(std::string_view* key) {
    if (rest_.empty() || (!IsLower(rest_.front()) && rest_.front() != '*')) return false;
    *key = TakeWhile([](char c) {
      return IsLower(c) || IsDigit(c) || c == '_' || c == '-' || c == '.' || c == '*';
    });
    return true;
  }

  // The value of a member or of a parameter, which is true without one.
  bool TakeMember(Value* value) {
    *value = {Value::Kind::kBoolean, 1};
    if (Take('=') && !(Take('(') ? TakeInnerList(value) : TakeBareItem(value))) return false;
    return TakeParameters();
  }

 private:
  void Advance() { rest_.remove_prefix(1); }

  template <typename Predicate>
  std::string_view TakeWhile(Predicate predicate) {
    size_t count = 0;
    while (count < rest_.size() && predicate(rest_[count])) ++count;
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  bool TakeParameters() {
    while (Take(';')) {
      SkipBlanks(false);
      std::string_view key;
      Value value;
      if (!TakeKey(&key) || (Take('=') && !TakeBareItem(&value))) return false;
    }
    return true;
  }

  bool TakeInnerList(Value* value) {
    *value = {};
    Value item;
    for (;;) {
      SkipBlanks(false);
      if (Take(')')) return true;
      if (!TakeBareItem(&item) || !TakeParameters()) return false;
      if (rest_.empty() || (rest_.front() != ' ' && rest_.front() != ')')) return false;
    }
  }

  bool TakeBareItem(Value* value) {
    *value = {};
    if (rest_.empty()) return false;
    const char first = rest_.front();
    if (first == '-' || IsDigit(first)) return TakeNumber(value);
    if (first == '"') return TakeString();
    if (first == '?') return TakeBoolean(value);
    if (first == ':') return TakeOctets();
    if (first != '*' && !IsAlpha(first)) return false;
    TakeWhile(IsTokenOctet);
    return true;
  }

  // Integers have up to 15 digits, decimals up to 12 before the point and 3 behind it.
  bool TakeNumber(Value* value) {
    const bool negative = Take('-');
    const std::string_view digits = TakeWhile(IsDigit);
    if (digits.empty() || digits.size() > 15) return false;
    if (Take('.')) {
      const size_t decimals = TakeWhile(IsDigit).size();
      return digits.size() <= 12 && decimals >= 1 && decimals <= 3;
    }
    value->kind = Value::Kind::kInteger;
    for (const char digit : digits) value->number = value->number * 10 + (digit - '0');
    if (negative) value->number = -value->number;
    return true;
  }

  bool TakeString() {
    Advance();
    while (!rest_.empty()) {
      const char c = rest_.front();
      Advance();
      if (c == '"') return true;
      if (c < 0x20 || c > 0x7e) return false;
      if (c == '\\' && !Take('"') && !Take('\\')) return false;
    }
    return false;
  }

  bool TakeBoolean(Value* value) {
    Advance();
    value->kind = Value::Kind::kBoolean;
    value->number = Take('1') ? 1 : 0;
    return value->number == 1 || Take('0');
  }

  bool TakeOctets() {
    Advance();
    TakeWhile(IsBase64Octet);
    return Take(':');
  }

  std::string_view rest_;
};

// Of a member that comes twice the last one counts, even if it says nothing: RFC 8941 §3.2
void ApplyMember(std::string_view key, const Value& value, const Priority& before,
                 Priority* priority) {
  if (key == "u") {
    const bool is_urgency =
        value.kind == Value::Kind::kInteger && value.number >= 0 && value.number <= kUrgencyLowest;
    priority->urgency = is_urgency ? static_cast<uint8_t>(value.number) : before.urgency;
  }
  if (key == "i") {
    const bool is_boolean = value.kind == Value::Kind::kBoolean;
    priority->incremental = is_boolean ? value.number == 1 : before.incremental;
  }
}

}  // namespace

bool ParsePriority(std::string_view text, Priority* priority) {
  Priority parsed = *priority;
  DictionaryReader reader(text);
  reader.SkipBlanks(false);
  while (!reader.at_end()) {
    std::string_view key;
    Value value;
    if (!reader.TakeKey(&key) || !reader.TakeMember(&value)) return false;
    ApplyMember(key, value, *priority, &parsed);
    reader.SkipBlanks(true);
    if (reader.at_end()) break;
    if (!reader.Take(',')) return false;
    reader.SkipBlanks(true);
    if (reader.at_end()) return false;  // a comma with nothing behind it
  }
  *priority = parsed;
  return true;
}

std::string PriorityText(const Priority& priority) {
  std::string text;
  if (priority.urgency != kUrgencyDefault) text = "u=" + std::to_string(int{priority.urgency});
  if (priority.incremental) text += text.empty() ? "i" : ", i";
  return text;
}

}  // namespace penstock::http2
