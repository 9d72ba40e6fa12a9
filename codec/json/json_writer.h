// JsonWriter: appends one JSON value to a string, piece by piece.
//
//     JsonWriter json(&out, JsonLayout::kCompact);
//     json.BeginObject();
//     json.Key("name");
//     json.String("Ada");
//     json.EndObject();  // {"name":"Ada"}
//
// The caller sees to it that objects hold keys and values in turn; text is UTF-8.
#ifndef PENSTOCK_CODEC_JSON_JSON_WRITER_H_
#define PENSTOCK_CODEC_JSON_JSON_WRITER_H_

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace penstock::codec::json {

enum class JsonLayout {
  kCompact,  // no blanks at all
  kPretty,   // a line for each member and element, two blanks deeper than what holds it
};

// Adds `text` in quotes. Escaped are quotes, backslashes and control characters.
void AppendQuoted(std::string_view text, std::string* out);

class JsonWriter {
 public:
  JsonWriter(std::string* out, JsonLayout layout)
      : out_(*out), pretty_(layout == JsonLayout::kPretty) {}

  void BeginObject() { Begin('{'); }
  void EndObject() { End('}'); }
  void BeginArray() { Begin('['); }
  void EndArray() { End(']'); }

  // Of the next value.
  void Key(std::string_view name);

  void String(std::string_view text);
  void Literal(std::string_view spelling);  // a number, true, false, null
  void Bool(bool value) { Literal(value ? "true" : "false"); }
  void Null() { Literal("null"); }
  template <typename Integer>
  void Integer64(Integer value) {  // as a string: 64 bits do not fit what JavaScript has
    BeforeValue();
    out_ += '"';
    AppendInteger(value);
    out_ += '"';
  }
  template <typename Integer>
  void Integer32(Integer value) {
    BeforeValue();
    AppendInteger(value);
  }
  // Where the caller adds a value by itself.
  std::string& Value() {
    BeforeValue();
    return out_;
  }

 private:
  template <typename Integer>
  void AppendInteger(Integer value) {
    char digits[24];  // "-9223372036854775808" has twenty characters
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
  void Begin(char bracket);
  void End(char bracket);
  void BeforeValue();
  void Separate();

  std::string& out_;
  const bool pretty_;
  size_t depth_ = 0;
  bool is_first_ = true;  // nothing stands yet in what was begun last
  bool behind_key_ = false;
};

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_JSON_WRITER_H_
