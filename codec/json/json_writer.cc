#include "penstock/codec/json/json_writer.h"

#include <array>
#include <cstdint>

namespace penstock::codec::json {
namespace {

constexpr size_t kIndentBytes = 2;

// What stands behind the backslash: a letter, or 'u' for four hexadecimal digits. 0: no escape.
constexpr std::array<char, 256> EscapesOfOctets() {
  std::array<char, 256> escapes{};
  for (size_t i = 0; i < 0x20; ++i) escapes[i] = 'u';
  escapes[0x7f] = 'u';
  escapes['\b'] = 'b';
  escapes['\t'] = 't';
  escapes['\n'] = 'n';
  escapes['\f'] = 'f';
  escapes['\r'] = 'r';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}

constexpr std::array<char, 256> kEscapes = EscapesOfOctets();

}  // namespace

void AppendQuoted(std::string_view text, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  size_t plain_begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<uint8_t>(text[i]);
    const char escape = kEscapes[octet];
    if (escape == 0) continue;
    out->append(text, plain_begin, i - plain_begin);
    plain_begin = i + 1;
    *out += '\\';
    *out += escape;
    if (escape == 'u') out->append("00").append({kHex[octet >> 4], kHex[octet & 15]});
  }
  out->append(text, plain_begin);
  *out += '"';
}

void JsonWriter::Key(std::string_view name) {
  Separate();
  AppendQuoted(name, &out_);
  out_ += ':';
  if (pretty_) out_ += ' ';
  behind_key_ = true;
}

void JsonWriter::String(std::string_view text) {
  BeforeValue();
  AppendQuoted(text, &out_);
}

void JsonWriter::Literal(std::string_view spelling) {
  BeforeValue();
  out_ += spelling;
}

void JsonWriter::Begin(char bracket) {
  BeforeValue();
  out_ += bracket;
  ++depth_;
  is_first_ = true;
}

void JsonWriter::End(char bracket) {
  --depth_;
  if (pretty_ && !is_first_) {
    out_ += '\n';
    out_.append(depth_ * kIndentBytes, ' ');
  }
  out_ += bracket;
  is_first_ = false;
}

void JsonWriter::BeforeValue() {
  if (!behind_key_ && depth_ != 0) Separate();
  behind_key_ = false;
}

void JsonWriter::Separate() {
  if (!is_first_) out_ += ',';
  is_first_ = false;
  if (!pretty_) return;
  out_ += '\n';
  out_.append(depth_ * kIndentBytes, ' ');
}

}  // namespace penstock::codec::json
