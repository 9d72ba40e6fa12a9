// Any octets, read as JSON: a fault with a place, or text that is the same when it is skipped, and
// the same again when it is written anew.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/codec/json/json_reader.h"
#include "penstock/codec/json/json_writer.h"
#include "penstock/wire/check.h"

namespace {

namespace json = penstock::codec::json;

bool Rewrite(json::JsonReader& reader, json::JsonWriter& writer) {
  std::string_view text;
  switch (const json::JsonKind kind = reader.Peek()) {
    case json::JsonKind::kNothing:
      return false;
    case json::JsonKind::kObject:
      if (!reader.EnterObject()) return false;
      writer.BeginObject();
      while (reader.NextMember(&text)) {
        writer.Key(text);
        if (!Rewrite(reader, writer)) return false;
      }
      writer.EndObject();
      return !reader.failed();
    case json::JsonKind::kArray:
      if (!reader.EnterArray()) return false;
      writer.BeginArray();
      while (reader.NextElement()) {
        if (!Rewrite(reader, writer)) return false;
      }
      writer.EndArray();
      return !reader.failed();
    case json::JsonKind::kString:
      if (!reader.ReadString(&text)) return false;
      writer.String(text);
      return true;
    case json::JsonKind::kNumber:
      if (!reader.ReadNumber(&text)) return false;
      writer.Literal(text);
      return true;
    default:
      if (!reader.ReadWord(kind)) return false;
      writer.Literal(json::NameWithArticle(kind));
      return true;
  }
}

bool Rewritten(std::string_view text, json::JsonLayout layout, std::string* out) {
  json::JsonReader reader(text);
  json::JsonWriter writer(out, layout);
  return Rewrite(reader, writer) && reader.Finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string compact;
  const bool accepted = Rewritten(text, json::JsonLayout::kCompact, &compact);
  json::JsonReader skipper(text);
  const bool skipped = skipper.SkipValue() && skipper.Finish();
  PENSTOCK_CHECK(accepted == skipped, "skipping is as strict as reading");
  if (!accepted) {
    PENSTOCK_CHECK(!skipper.Describe().empty(), "a fault has a sentence");
    return 0;
  }
  std::string pretty;
  PENSTOCK_CHECK(Rewritten(compact, json::JsonLayout::kPretty, &pretty), "what we write, we read");
  std::string again;
  PENSTOCK_CHECK(Rewritten(pretty, json::JsonLayout::kCompact, &again), "and pretty, too");
  PENSTOCK_CHECK(again == compact, "layout changes nothing");
  return 0;
}
