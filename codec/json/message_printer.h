// MessagePrinter: one message to JSON. Part of json.h.
#ifndef PENSTOCK_CODEC_JSON_MESSAGE_PRINTER_H_
#define PENSTOCK_CODEC_JSON_MESSAGE_PRINTER_H_

#include <string>
#include <string_view>

#include "penstock/codec/json/field_path.h"
#include "penstock/codec/json/json.h"
#include "penstock/codec/json/json_writer.h"
#include "penstock/codec/json/well_known.h"
#include "penstock/codec/reflection/message_ref.h"

namespace penstock::codec::json {

// Each Print... is false when what it prints has no JSON form: then sentence() and path() say why.
class MessagePrinter {
 public:
  MessagePrinter(std::string* out, const JsonPrintOptions& options)
      : json_(out, options.pretty ? JsonLayout::kPretty : JsonLayout::kCompact),
        options_(options) {}

  bool PrintMessage(reflection::ConstMessageRef message);
  std::string Describe() const { return path_.Prefix() + sentence_; }

 private:
  // The members of an object that has begun.
  bool PrintFields(reflection::ConstMessageRef message);
  bool PrintExtensions(reflection::ConstMessageRef message);
  bool PrintField(reflection::ConstMessageRef message, const reflection::Field& field);
  bool PrintArray(reflection::ConstMessageRef message, const reflection::Field& field);
  bool PrintMap(reflection::ConstMessageRef message, const reflection::Field& field);
  bool PrintValue(const reflection::Field& field, const reflection::Value& value);
  void PrintNumber(double value);
  void PrintNumber(float value);
  void PrintEnum(const reflection::Field& field, int32_t number);
  bool PrintText(const reflection::Field& field, std::string_view text);

  bool PrintWellKnown(WellKnown known, reflection::ConstMessageRef message);
  bool PrintAny(reflection::ConstMessageRef any);
  bool PrintTime(WellKnown known, reflection::ConstMessageRef message);
  bool PrintFieldMask(reflection::ConstMessageRef mask);
  bool PrintDynamicValue(reflection::ConstMessageRef value);

  PENSTOCK_COLD bool Fail(std::string sentence);

  JsonWriter json_;
  const JsonPrintOptions& options_;
  int depth_ = 0;  // messages around the one being printed
  FieldPath path_;
  std::string sentence_;
};

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_MESSAGE_PRINTER_H_
