// The JSON forms of the well-known types: the other half of MessagePrinter.
#include <cmath>

#include "penstock/codec/json/field_mask_text.h"
#include "penstock/codec/json/message_printer.h"
#include "penstock/codec/json/scratch_message.h"
#include "penstock/codec/json/time_text.h"
#include "penstock/codec/limits.h"
#include "penstock/codec/parse_result.h"
#include "penstock/wire/bytes.h"

namespace penstock::codec::json {

using reflection::ConstMessageRef;
using reflection::Field;
using reflection::MessageType;
using reflection::Value;

namespace {

// WellKnownOf() has seen that it is there.
const Field& Part(ConstMessageRef message, uint32_t number) {
  return *message.type().FindByNumber(number);
}

}  // namespace

bool MessagePrinter::PrintWellKnown(WellKnown known, ConstMessageRef message) {
  switch (known) {
    case WellKnown::kAny:
      return PrintAny(message);
    case WellKnown::kTimestamp:
    case WellKnown::kDuration:
      return PrintTime(known, message);
    case WellKnown::kFieldMask:
      return PrintFieldMask(message);
    case WellKnown::kStruct:
      return PrintMap(message, Part(message, 1));
    case WellKnown::kValue:
      return PrintDynamicValue(message);
    case WellKnown::kListValue:
      return PrintArray(message, Part(message, 1));
    case WellKnown::kWrapper: {
      const Field& field = Part(message, 1);
      return PrintValue(field, message.Get(field));
    }
    case WellKnown::kNone:
    case WellKnown::kEmpty:
      break;
  }
  return true;
}

bool MessagePrinter::PrintAny(ConstMessageRef any) {
  const Value url = any.Get(Part(any, 1));
  const Value octets = any.Get(Part(any, 2));
  json_.BeginObject();
  if (!url.text().empty() || !octets.text().empty()) {
    const MessageType* type = FindTypeOf(url.text(), any.type(), options_.types);
    if (type == nullptr) {
      return Fail("the type \"" + std::string(url.text()) +
                  "\" in an Any is not known: give it with JsonPrintOptions::types");
    }
    ScratchMessage scratch(*type);
    const ParseResult parsed = scratch.ref().ParseFrom(wire::AsBytes(octets.text()));
    if (!parsed.ok() && parsed.error != ParseError::kMissingField) {
      return Fail("the " + type->full_name() +
                  " in an Any does not parse: " + codec::Describe(parsed));
    }
    json_.Key("@type");
    json_.String(url.text());
    if (HasOwnForm(WellKnownOf(*type))) {
      json_.Key("value");
      if (!PrintMessage(scratch.ref())) return false;
    } else {
      ++depth_;
      if (depth_ > kParseDepthMax) return PrintMessage(scratch.ref());  // says that it is too deep
      if (!PrintFields(scratch.ref())) return false;
      --depth_;
    }
  }
  json_.EndObject();
  return true;
}

bool MessagePrinter::PrintTime(WellKnown known, ConstMessageRef message) {
  const SecondsAndNanos time = {message.Get(Part(message, 1)).int64(),
                                message.Get(Part(message, 2)).int32()};
  std::string text;
  const bool is_timestamp = known == WellKnown::kTimestamp;
  if (!(is_timestamp ? AppendTimestamp(time, &text) : AppendDuration(time, &text))) {
    return Fail(std::to_string(time.seconds) + " seconds and " + std::to_string(time.nanos) +
                " nanos are no " + message.type().full_name() +
                (is_timestamp ? ": it reaches from year 1 to 9999, with nanos from 0 to 999999999"
                              : ": it reaches to 10000 years, and both have one sign"));
  }
  json_.String(text);
  return true;
}

bool MessagePrinter::PrintFieldMask(ConstMessageRef mask) {
  const Field& paths = Part(mask, 1);
  std::string text;
  for (size_t i = 0; i < mask.Size(paths); ++i) {
    if (i > 0) text += ',';
    const Value path = mask.At(paths, i);
    if (!AppendCamelPath(path.text(), &text)) {
      path_.WithinElement(i);
      path_.Within(paths.json_name());
      return Fail("the path \"" + std::string(path.text()) +
                  "\" has no lowerCamelCase form that leads back to it");
    }
  }
  return PrintText(paths, text);
}

bool MessagePrinter::PrintDynamicValue(ConstMessageRef value) {
  const Field* kind = value.Selected(static_cast<size_t>(Part(value, 1).oneof_index()));
  if (kind == nullptr) return Fail("a google.protobuf.Value has no value: set one of its kinds");
  if (kind->number() == 1) {
    json_.Null();
    return true;
  }
  const Value content = value.Get(*kind);
  if (kind->number() == 2 && !std::isfinite(content.float64())) {
    return Fail("a google.protobuf.Value is NaN or infinite, which JSON has no number for");
  }
  return PrintValue(*kind, content);
}

}  // namespace penstock::codec::json
