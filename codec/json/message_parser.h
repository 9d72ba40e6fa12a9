// MessageParser: one message from JSON. Part of json.h.
#ifndef PENSTOCK_CODEC_JSON_MESSAGE_PARSER_H_
#define PENSTOCK_CODEC_JSON_MESSAGE_PARSER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/json/field_path.h"
#include "penstock/codec/json/json.h"
#include "penstock/codec/json/json_numbers.h"
#include "penstock/codec/json/json_reader.h"
#include "penstock/codec/json/well_known.h"
#include "penstock/codec/reflection/message_ref.h"

namespace penstock::codec::json {

// Each Parse... takes one value of the text. It is false when the text, or what it says, is faulty:
// Describe() then has the sentence.
class MessageParser {
 public:
  MessageParser(std::string_view text, const JsonParseOptions& options)
      : in_(text), options_(options) {}

  // The whole text is this message.
  bool ParseText(reflection::MessageRef message);
  std::string Describe() const { return in_.FaultPlace() + ": " + path_.Prefix() + in_.sentence(); }

 private:
  // Which fields of a message were met.
  class SeenFields {
   public:
    explicit SeenFields(size_t field_count) : many_(field_count > 64 ? field_count : 0) {}
    // False when it was met before.
    bool Add(size_t index) {
      if (!many_.empty()) {
        if (many_[index]) return false;
        many_[index] = true;
        return true;
      }
      const uint64_t bit = uint64_t{1} << index;
      if ((few_ & bit) != 0) return false;
      few_ |= bit;
      return true;
    }

   private:
    uint64_t few_ = 0;
    std::vector<bool> many_;
  };

  bool ParseMessage(reflection::MessageRef message);
  bool ParseObject(reflection::MessageRef message);
  // The members of an object that was entered; with `skipped`, without the one of that name.
  bool ParseMembers(reflection::MessageRef message, std::optional<std::string_view> skipped);
  bool ParseMember(reflection::MessageRef message, const reflection::Field& field);
  bool ParseExtension(reflection::MessageRef message, const reflection::MessageType& holder_type);
  bool ParseSingular(reflection::MessageRef message, const reflection::Field& field);
  bool ParseArray(reflection::MessageRef message, const reflection::Field& field);
  bool ParseElement(reflection::MessageRef message, const reflection::Field& field);
  bool ParseMap(reflection::MessageRef message, const reflection::Field& field);
  bool ParseEntry(reflection::MessageRef message, const reflection::Field& field,
                  std::string_view key_text);

  // Nothing, where it succeeds: the name of an enum value that is to be left out.
  using FoundValue = std::optional<reflection::Value>;
  bool ParseValue(const reflection::Field& field, FoundValue* value);
  bool ParseKey(const reflection::Field& field, std::string_view text, FoundValue* key);
  bool ParseBool(FoundValue* value);
  bool ParseEnum(const reflection::Field& field, FoundValue* value);
  bool ParseString(const reflection::Field& field, FoundValue* value);
  template <typename Number>
  bool ParseNumberOf(const reflection::Field& field, FoundValue* value);
  template <typename Number>
  bool ConvertNumber(const reflection::Field& field, std::string_view spelling, size_t offset,
                     FoundValue* value);

  bool ParseWellKnown(WellKnown known, reflection::MessageRef message);
  bool ParseTime(WellKnown known, reflection::MessageRef message);
  bool ParseFieldMask(reflection::MessageRef mask);
  bool ParseDynamicValue(reflection::MessageRef value);
  bool ParseAny(reflection::MessageRef any);
  bool FindTypeUrl(std::string* url, size_t* url_offset, bool* has_members);
  bool ParsePayload(reflection::MessageRef payload);

  // False, with a sentence: what stands here is no `what`.
  PENSTOCK_COLD bool FailKind(std::string_view what);
  PENSTOCK_COLD bool FailName(const reflection::MessageType& type, std::string_view name);
  PENSTOCK_COLD bool FailNumber(const reflection::Field& field, std::string_view spelling,
                                size_t offset, NumberFault fault);
  PENSTOCK_COLD bool FailMemory();
  bool EnterMessage();

  JsonReader in_;
  const JsonParseOptions& options_;
  int depth_ = 0;  // messages around the one being parsed
  FieldPath path_;
  std::string octets_;  // of the last bytes value
};

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_MESSAGE_PARSER_H_
