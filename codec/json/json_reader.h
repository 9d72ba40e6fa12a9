// JsonReader: reads JSON text from front to back, one value at a time, and builds nothing.
//
//     JsonReader json(text);
//     if (json.Peek() == JsonKind::kObject && json.EnterObject()) {
//       for (std::string_view name; json.NextMember(&name);) json.SkipValue();
//     }
//     if (!json.Finish()) return json.Describe();  // "3:14: a comma is missing"
//
// Each step gives false once something is wrong; the first fault stays, and every later step gives
// false too. So loops need look at failed() only behind them.
//
// Spec:      RFC 8259, strictly: no comments, no commas too many, no bare words, no lone
//            surrogates; the text is UTF-8 without a byte order mark.
// Ownership: the text must outlive the reader. What ReadString() and NextMember() show lives until
//            they are called again.
// Limits:    kNestingMax objects and arrays inside each other.
#ifndef PENSTOCK_CODEC_JSON_JSON_READER_H_
#define PENSTOCK_CODEC_JSON_JSON_READER_H_

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/codec/json/json_limits.h"
#include "penstock/wire/check.h"

namespace penstock::codec::json {

enum class JsonKind : uint8_t {
  kNothing,  // no value begins here: the reader has failed
  kObject,
  kArray,
  kString,
  kNumber,
  kTrue,
  kFalse,
  kNull,
};

// "an object", "true": for sentences.
std::string_view NameWithArticle(JsonKind kind);

class JsonReader {
 public:
  explicit JsonReader(std::string_view text);

  // What the next value is, without taking it. A word is not read to its end.
  JsonKind Peek();
  // Where the next value begins, in octets.
  size_t offset() const { return at_; }

  // Each takes a value that Peek() has named.
  bool EnterObject() { return Enter(/*is_object=*/true); }
  bool EnterArray() { return Enter(/*is_object=*/false); }
  bool ReadString(std::string_view* text);
  bool ReadNumber(std::string_view* spelling);  // as it is written
  bool ReadWord(JsonKind kind);                 // true, false, null
  // Takes a value of any kind, with all there is in it.
  bool SkipValue();

  // To the next member's value, or behind the object: false when it ends or the text is faulty.
  // name_offset() is where the name begins.
  bool NextMember(std::string_view* name);
  size_t name_offset() const { return name_offset_; }
  // To the next element, or behind the array.
  bool NextElement();

  // True when the text holds nothing more, and no fault was found.
  bool Finish();

  // A place to come back to: reading twice.
  struct Place {
    size_t at;
    int depth;
    bool is_first;
  };
  Place place() const { return {at_, depth_, is_first_}; }
  void ReturnTo(const Place& place);

  bool failed() const { return failed_; }
  // Notes a fault at that octet, unless there is one already. Always false.
  PENSTOCK_COLD bool Fail(size_t offset, std::string sentence);
  const std::string& sentence() const { return sentence_; }
  // "LINE:COLUMN" of the fault, both from 1. Columns count characters.
  std::string FaultPlace() const;
  // "LINE:COLUMN: sentence".
  std::string Describe() const { return FaultPlace() + ": " + sentence_; }

 private:
  bool Enter(bool is_object);
  bool Leave();
  void SkipBlanks();
  bool TakeSeparator(char end, bool* ended);
  bool ReadStringInto(std::string* scratch, std::string_view* text);
  bool Unescape(size_t begin, std::string* scratch, std::string_view* text);
  bool AppendEscape(size_t* at, std::string* out);
  bool ReadCodeUnit(size_t at, uint32_t* unit);
  PENSTOCK_COLD bool FailAtControl(size_t offset);
  PENSTOCK_COLD bool FailExpecting(std::string_view what);
  char At(size_t offset) const { return offset < text_.size() ? text_[offset] : '\0'; }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
  bool is_first_ = true;  // nothing was read yet of what was entered last
  bool failed_ = false;
  std::bitset<kNestingMax + 1> is_object_;  // by depth
  size_t name_offset_ = 0;
  size_t fault_offset_ = 0;
  std::string sentence_;
  std::string name_;    // of the last member, where it has escapes
  std::string string_;  // the last string, where it has escapes
};

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_JSON_READER_H_
