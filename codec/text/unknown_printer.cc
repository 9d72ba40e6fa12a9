#include "penstock/codec/text/unknown_printer.h"

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <string>

#include "penstock/codec/compiler/wire_fields.h"
#include "penstock/codec/limits.h"
#include "penstock/codec/text/text_escape.h"

namespace penstock::codec::text {
namespace {

using compiler::FieldReader;
using compiler::WireField;
using compiler::WireType;

bool LooksLikeMessage(std::string_view octets) {
  FieldReader reader(octets);
  for (WireField field; reader.Next(&field);) {
  }
  return reader.ok() && !octets.empty();
}

void AppendHex(uint64_t value, int digit_count, std::string* out) {
  char text[24];  // "0x" and sixteen digits
  std::snprintf(text, sizeof text, "0x%0*" PRIx64, digit_count, value);
  *out += text;
}

void PrintFields(std::string_view fields, int depth, int guesses_left, TextWriter* writer) {
  FieldReader reader(fields);
  for (WireField field; reader.Next(&field);) {
    const std::string name = std::to_string(field.number);
    const bool guessed =
        field.type == WireType::kLength && guesses_left > 0 && LooksLikeMessage(field.bytes);
    if (field.type == WireType::kGroupStart || guessed) {
      writer->BeginMessage(name);
      if (depth < kParseDepthMax) {
        PrintFields(field.bytes, depth + 1, guesses_left - (guessed ? 1 : 0), writer);
      } else {
        writer->Omit();
      }
      writer->EndMessage();
      continue;
    }
    std::string& out = writer->BeginField(name);
    if (field.type == WireType::kLength) {
      AppendEscaped(field.bytes, false, &out);
    } else if (field.type == WireType::kVarint) {
      out += std::to_string(field.value);
    } else {
      AppendHex(field.value, field.type == WireType::kFixed32 ? 8 : 16, &out);
    }
    writer->EndField();
  }
}

}  // namespace

void PrintUnknownFields(std::string_view fields, int depth, TextWriter* writer) {
  PrintFields(fields, depth, kGuessedDepthMax, writer);
}

}  // namespace penstock::codec::text
