#include "penstock/codec/json/json_reader.h"

#include <utility>

#include "penstock/codec/json/json_numbers.h"
#include "penstock/codec/utf8.h"

namespace penstock::codec::json {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The octet where the first sequence begins that is not UTF-8.
size_t FirstInvalid(std::string_view text) {
  constexpr size_t kSequenceBytesMax = 4;
  size_t at = 0;
  while (at < text.size()) {
    size_t bytes = 1;
    while (bytes <= kSequenceBytesMax && !IsValidUtf8(text.substr(at, bytes))) ++bytes;
    if (bytes > kSequenceBytesMax) break;
    at += bytes;
  }
  return at;
}

void AppendUtf8(uint32_t code_point, std::string* out) {
  const auto add = [out](uint32_t octet) { *out += static_cast<char>(octet); };
  if (code_point < 0x80) {
    add(code_point);
    return;
  }
  if (code_point < 0x800) {
    add(0xc0 | code_point >> 6);
  } else {
    if (code_point < 0x10000) {
      add(0xe0 | code_point >> 12);
    } else {
      add(0xf0 | code_point >> 18);
      add(0x80 | (code_point >> 12 & 0x3f));
    }
    add(0x80 | (code_point >> 6 & 0x3f));
  }
  add(0x80 | (code_point & 0x3f));
}

std::string_view WordOf(JsonKind kind) {
  return kind == JsonKind::kTrue ? "true" : kind == JsonKind::kFalse ? "false" : "null";
}

}  // namespace

std::string_view NameWithArticle(JsonKind kind) {
  switch (kind) {
    case JsonKind::kNothing:
      return "nothing";
    case JsonKind::kObject:
      return "an object";
    case JsonKind::kArray:
      return "an array";
    case JsonKind::kString:
      return "a string";
    case JsonKind::kNumber:
      return "a number";
    case JsonKind::kTrue:
    case JsonKind::kFalse:
    case JsonKind::kNull:
      return WordOf(kind);
  }
  return "nothing";
}

JsonReader::JsonReader(std::string_view text) : text_(text) {
  if (PENSTOCK_UNLIKELY(!IsValidUtf8(text))) {
    Fail(FirstInvalid(text), "the text is not UTF-8 here");
  } else if (PENSTOCK_UNLIKELY(text.starts_with("\xef\xbb\xbf"))) {
    Fail(0, "the text begins with a byte order mark: leave it out");
  }
}

JsonKind JsonReader::Peek() {
  if (failed_) return JsonKind::kNothing;
  SkipBlanks();
  switch (At(at_)) {
    case '{':
      return JsonKind::kObject;
    case '[':
      return JsonKind::kArray;
    case '"':
      return JsonKind::kString;
    case 't':
      return JsonKind::kTrue;
    case 'f':
      return JsonKind::kFalse;
    case 'n':
      return JsonKind::kNull;
    default:
      break;
  }
  if (At(at_) == '-' || (At(at_) >= '0' && At(at_) <= '9')) return JsonKind::kNumber;
  FailExpecting("a value");
  return JsonKind::kNothing;
}

bool JsonReader::ReadString(std::string_view* text) { return ReadStringInto(&string_, text); }

bool JsonReader::ReadNumber(std::string_view* spelling) {
  if (failed_) return false;
  *spelling = text_.substr(at_, NumberBytes(text_.substr(at_)));
  at_ += spelling->size();
  // 01 and 1.x are no numbers, and neither are they a number and then something.
  const char next = At(at_);
  if (spelling->empty() || (next >= '0' && next <= '9') || next == '.' || next == '_' ||
      (next | 0x20) == 'e') {
    return Fail(at_ - spelling->size(), "this is not how JSON spells a number");
  }
  return true;
}

bool JsonReader::ReadWord(JsonKind kind) {
  if (failed_) return false;
  const std::string_view word = WordOf(kind);
  if (!text_.substr(at_).starts_with(word)) return FailExpecting(word);
  at_ += word.size();
  return true;
}

bool JsonReader::SkipValue() {
  const int outer_depth = depth_;
  std::string_view ignored;
  do {
    if (depth_ > outer_depth) {
      const bool more =
          is_object_[static_cast<size_t>(depth_)] ? NextMember(&ignored) : NextElement();
      if (failed_) return false;
      if (!more) continue;
    }
    switch (const JsonKind kind = Peek()) {
      case JsonKind::kNothing:
        return false;
      case JsonKind::kObject:
        if (!EnterObject()) return false;
        break;
      case JsonKind::kArray:
        if (!EnterArray()) return false;
        break;
      case JsonKind::kString:
        if (!ReadString(&ignored)) return false;
        break;
      case JsonKind::kNumber:
        if (!ReadNumber(&ignored)) return false;
        break;
      default:
        if (!ReadWord(kind)) return false;
    }
  } while (depth_ > outer_depth);
  return true;
}

bool JsonReader::NextMember(std::string_view* name) {
  bool ended = false;
  if (!TakeSeparator('}', &ended)) return false;
  if (ended) return Leave();
  if (At(at_) != '"') return FailExpecting("a member's name in quotes");
  name_offset_ = at_;
  if (!ReadStringInto(&name_, name)) return false;
  SkipBlanks();
  if (At(at_) != ':') return FailExpecting("a colon");
  ++at_;
  SkipBlanks();
  return true;
}

bool JsonReader::NextElement() {
  bool ended = false;
  if (!TakeSeparator(']', &ended)) return false;
  return ended ? Leave() : true;
}

bool JsonReader::Finish() {
  if (failed_) return false;
  SkipBlanks();
  return at_ == text_.size() || Fail(at_, "something follows the value");
}

void JsonReader::ReturnTo(const Place& place) {
  // What lies deeper was entered anew or is never looked at: is_object_ needs no copy.
  at_ = place.at;
  depth_ = place.depth;
  is_first_ = place.is_first;
}

bool JsonReader::Fail(size_t offset, std::string sentence) {
  if (failed_) return false;
  failed_ = true;
  fault_offset_ = offset;
  sentence_ = std::move(sentence);
  return false;
}

std::string JsonReader::FaultPlace() const {
  size_t line = 1;
  size_t column = 1;
  for (const char c : text_.substr(0, fault_offset_)) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if (!IsContinuation(c)) {
      ++column;
    }
  }
  return std::to_string(line) + ":" + std::to_string(column);
}

bool JsonReader::Enter(bool is_object) {
  if (failed_) return false;
  if (depth_ == kNestingMax) {
    return Fail(at_,
                "objects and arrays are nested more than " + std::to_string(kNestingMax) + " deep");
  }
  ++at_;
  ++depth_;
  is_object_[static_cast<size_t>(depth_)] = is_object;
  is_first_ = true;
  return true;
}

bool JsonReader::Leave() {
  ++at_;
  --depth_;
  is_first_ = false;
  return false;
}

void JsonReader::SkipBlanks() {
  while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
}

// To where the next member or element, or the closing bracket, stands.
bool JsonReader::TakeSeparator(char end, bool* ended) {
  if (failed_) return false;
  SkipBlanks();
  *ended = At(at_) == end;
  if (is_first_ || *ended) {
    is_first_ = false;
    return true;
  }
  if (At(at_) != ',') return FailExpecting(end == '}' ? "a comma or }" : "a comma or ]");
  ++at_;
  SkipBlanks();
  if (At(at_) == end) return Fail(at_, "a comma stands before the closing bracket");
  return true;
}

bool JsonReader::ReadStringInto(std::string* scratch, std::string_view* text) {
  if (failed_) return false;
  const size_t begin = at_ + 1;
  for (size_t i = begin; i < text_.size(); ++i) {
    const auto c = static_cast<uint8_t>(text_[i]);
    if (c == '"') {
      *text = text_.substr(begin, i - begin);
      at_ = i + 1;
      return true;
    }
    if (c == '\\') return Unescape(begin, scratch, text);
    if (c < 0x20) return FailAtControl(i);
  }
  return Fail(at_, "the string does not end");
}

bool JsonReader::Unescape(size_t begin, std::string* scratch, std::string_view* text) {
  scratch->clear();
  size_t i = begin;
  while (i < text_.size()) {
    const auto c = static_cast<uint8_t>(text_[i]);
    if (c == '"') {
      *text = *scratch;
      at_ = i + 1;
      return true;
    }
    if (c < 0x20) return FailAtControl(i);
    if (c == '\\') {
      if (!AppendEscape(&i, scratch)) return false;
    } else {
      *scratch += text_[i++];
    }
  }
  return Fail(at_, "the string does not end");
}

// *at is where the backslash stands, and becomes where the text goes on.
bool JsonReader::AppendEscape(size_t* at, std::string* out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const size_t begin = *at;
  const char letter = At(begin + 1);
  const size_t index = kLetters.find(letter);
  if (index != std::string_view::npos) {
    *out += kMeanings[index];
    *at = begin + 2;
    return true;
  }
  if (letter != 'u') return Fail(begin, "there is no such escape in JSON");
  uint32_t unit = 0;
  if (!ReadCodeUnit(begin, &unit)) return false;
  *at = begin + 6;
  const bool is_high = unit >= 0xd800 && unit < 0xdc00;
  if (is_high && At(begin + 6) == '\\' && At(begin + 7) == 'u') {
    uint32_t low = 0;
    if (!ReadCodeUnit(begin + 6, &low)) return false;
    if (low >= 0xdc00 && low < 0xe000) {
      AppendUtf8(0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00)), out);
      *at = begin + 12;
      return true;
    }
  }
  if (unit >= 0xd800 && unit < 0xe000) {
    return Fail(begin, "half of a surrogate pair stands alone");
  }
  AppendUtf8(unit, out);
  return true;
}

// The four digits of the escape at `at`.
bool JsonReader::ReadCodeUnit(size_t at, uint32_t* unit) {
  *unit = 0;
  for (size_t i = at + 2; i < at + 6; ++i) {
    const int digit = HexValue(At(i));
    if (digit < 0) return Fail(at, "\\u wants four hexadecimal digits");
    *unit = *unit << 4 | static_cast<uint32_t>(digit);
  }
  return true;
}

bool JsonReader::FailAtControl(size_t offset) {
  return Fail(offset, text_[offset] == '\n' ? "the string does not end on its line"
                                            : "a control character stands in a string: escape it");
}

bool JsonReader::FailExpecting(std::string_view what) {
  const bool at_end = at_ == text_.size();
  std::string sentence(at_end ? "the text ends where " : "");
  sentence.append(what).append(at_end ? " should stand" : " should stand here");
  return Fail(at_, std::move(sentence));
}

}  // namespace penstock::codec::json
