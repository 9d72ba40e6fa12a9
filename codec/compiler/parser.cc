#include "penstock/codec/compiler/parser.h"

#include <array>
#include <string>
#include <utility>

#include "penstock/codec/compiler/declarations.h"
#include "penstock/codec/compiler/names.h"
#include "penstock/codec/compiler/token_stream.h"
#include "penstock/codec/limits.h"

namespace penstock::codec::compiler {
namespace {

struct ScalarName {
  std::string_view name;
  FieldType type;
};

constexpr std::array<ScalarName, 15> kScalarNames = {{
    {"double", FieldType::kDouble},
    {"float", FieldType::kFloat},
    {"int64", FieldType::kInt64},
    {"uint64", FieldType::kUint64},
    {"int32", FieldType::kInt32},
    {"fixed64", FieldType::kFixed64},
    {"fixed32", FieldType::kFixed32},
    {"bool", FieldType::kBool},
    {"string", FieldType::kString},
    {"bytes", FieldType::kBytes},
    {"uint32", FieldType::kUint32},
    {"sfixed32", FieldType::kSfixed32},
    {"sfixed64", FieldType::kSfixed64},
    {"sint32", FieldType::kSint32},
    {"sint64", FieldType::kSint64},
}};

class FileParser {
 public:
  FileParser(FileDescriptor* file, TokenStream tokens) : file_(file), tokens_(std::move(tokens)) {}

  void Run() {
    ParseSyntax();
    while (!tokens_.AtEnd()) {
      if (!ParseTopLevel()) tokens_.SkipStatement();
      if (tokens_.LooksAt("}")) {
        tokens_.Error(tokens_.Peek().location, "\"}\" closes nothing");
        tokens_.Take();
      }
    }
  }

 private:
  void ParseSyntax() {
    const Location start = tokens_.Peek().location;
    file_->syntax = "proto3";
    if (tokens_.LooksAt("edition")) {
      tokens_.Error(start, "editions are not supported yet: write syntax = \"proto3\";");
      tokens_.SkipStatement();
      return;
    }
    if (!tokens_.LooksAt("syntax")) {
      tokens_.Error(start,
                    "no syntax statement, which means proto2, and proto2 is not supported yet: "
                    "begin with syntax = \"proto3\";");
      return;
    }
    tokens_.Take();
    Location location;
    if (!tokens_.Expect("=", "after \"syntax\"") ||
        !tokens_.ExpectString("\"proto3\"", &file_->syntax, &location)) {
      tokens_.SkipStatement();
      return;
    }
    if (file_->syntax == "proto2") {
      tokens_.Error(location, "proto2 is not supported yet: write syntax = \"proto3\";");
    } else if (file_->syntax != "proto3") {
      tokens_.Error(location,
                    "unknown syntax \"" + file_->syntax + "\": write syntax = \"proto3\";");
    }
    if (!tokens_.ExpectEndOfStatement("the syntax statement")) tokens_.SkipStatement();
  }

  bool ParseTopLevel() {
    if (tokens_.TryTake(";")) return true;
    const Comments comments = {tokens_.LeadingComment(), ""};
    if (tokens_.LooksAt("message")) return ParseMessage(nullptr, &file_->messages, 1);
    if (tokens_.LooksAt("enum")) return ParseEnum(tokens_, *file_, nullptr, &file_->enums);
    if (tokens_.LooksAt("service")) return ParseService(tokens_, file_);
    if (tokens_.LooksAt("import")) return ParseImport();
    if (tokens_.LooksAt("option")) return ParseOptionStatement(tokens_, &file_->options);
    if (tokens_.LooksAt("package")) return ParsePackage(comments);
    if (tokens_.LooksAt("extend")) return RefuseExtend();
    tokens_.ErrorExpected(
        "\"message\", \"enum\", \"service\", \"import\", \"option\" or "
        "\"package\"");
    return false;
  }

  bool RefuseExtend() {
    tokens_.Error(tokens_.Peek().location, "extensions are not supported yet");
    tokens_.SkipStatement();
    return true;
  }

  bool ParsePackage(Comments comments) {
    const Location start = tokens_.Take().location;
    std::string name;
    Location location;
    if (!tokens_.ExpectFullName("the package's name", false, &name, &location)) return false;
    if (!file_->package.empty()) tokens_.Error(start, "a file has one package statement");
    file_->package = std::move(name);
    file_->package_comments = std::move(comments);
    return tokens_.ExpectEndOfStatement("the package statement");
  }

  bool ParseImport() {
    tokens_.Take();
    ImportDescriptor import;
    if (tokens_.TryTake("public")) {
      import.is_public = true;
    } else if (tokens_.TryTake("weak")) {
      import.is_weak = true;
    }
    if (!tokens_.ExpectString("the path of the imported file, in quotes", &import.path,
                              &import.location)) {
      return false;
    }
    for (const ImportDescriptor& other : file_->imports) {
      if (other.path == import.path) {
        tokens_.Error(import.location, "import \"" + import.path + "\" stands here twice");
      }
    }
    file_->imports.push_back(std::move(import));
    return tokens_.ExpectEndOfStatement("the import");
  }

  bool ParseMessage(MessageDescriptor* parent,
                    std::vector<std::unique_ptr<MessageDescriptor>>* messages, int depth) {
    auto message = std::make_unique<MessageDescriptor>();
    message->comments.leading = tokens_.LeadingComment();
    tokens_.Take();
    if (!tokens_.ExpectIdentifier("the message's name", &message->name, &message->location) ||
        !tokens_.Expect("{", "after the message's name")) {
      return false;
    }
    message->comments.trailing = tokens_.TrailingComment();
    message->full_name = FullName(*file_, parent, message->name);
    message->file = file_;
    message->parent = parent;
    if (depth > kMessageNestingMax) {
      tokens_.Error(message->location, "messages are nested more than " +
                                           std::to_string(kMessageNestingMax) + " deep");
      tokens_.SkipBlock();
      return true;
    }
    MessageDescriptor* body = messages->emplace_back(std::move(message)).get();
    while (!tokens_.AtEnd() && !tokens_.LooksAt("}")) {
      if (!ParseMessageElement(body, depth)) tokens_.SkipStatement();
    }
    return tokens_.Expect("}", "at the end of message \"" + body->name + "\"");
  }

  bool ParseMessageElement(MessageDescriptor* message, int depth) {
    if (tokens_.TryTake(";")) return true;
    if (tokens_.LooksAt("message")) return ParseMessage(message, &message->messages, depth + 1);
    if (tokens_.LooksAt("enum")) return ParseEnum(tokens_, *file_, message, &message->enums);
    if (tokens_.LooksAt("option")) return ParseOptionStatement(tokens_, &message->options);
    if (tokens_.LooksAt("oneof")) return ParseOneof(message);
    if (tokens_.LooksAt("reserved")) {
      return ParseReserved(tokens_, 1, kFieldNumberMax, &message->reserved_ranges,
                           &message->reserved_names);
    }
    if (tokens_.LooksAt("extend")) return RefuseExtend();
    if (tokens_.LooksAt("extensions")) {
      tokens_.Error(tokens_.Peek().location, "extension ranges do not exist in proto3");
      tokens_.SkipStatement();
      return true;
    }
    return ParseField(message, -1);
  }

  bool ParseOneof(MessageDescriptor* message) {
    OneofDescriptor oneof;
    oneof.comments.leading = tokens_.LeadingComment();
    tokens_.Take();
    if (!tokens_.ExpectIdentifier("the oneof's name", &oneof.name, &oneof.location) ||
        !tokens_.Expect("{", "after the oneof's name")) {
      return false;
    }
    const int index = static_cast<int>(message->oneofs.size());
    const size_t fields_before = message->fields.size();
    message->oneofs.push_back(std::move(oneof));
    while (!tokens_.AtEnd() && !tokens_.LooksAt("}")) {
      if (tokens_.TryTake(";")) continue;
      if (tokens_.LooksAt("option")) {
        if (!ParseOptionStatement(tokens_, &message->oneofs.back().options))
          tokens_.SkipStatement();
      } else if (!ParseField(message, index)) {
        tokens_.SkipStatement();
      }
    }
    if (message->fields.size() == fields_before && tokens_.LooksAt("}") &&
        tokens_.diagnostics()->ok()) {
      tokens_.Error(message->oneofs.back().location, "a oneof needs at least one field");
    }
    return tokens_.Expect("}", "at the end of oneof \"" + message->oneofs.back().name + "\"");
  }

  bool ParseLabel(FieldDescriptor* field) {
    const Location location = tokens_.Peek().location;
    if (tokens_.TryTake("repeated")) {
      field->label = FieldDescriptor::Label::kRepeated;
    } else if (tokens_.TryTake("optional")) {
      field->label = FieldDescriptor::Label::kOptional;
    } else if (tokens_.TryTake("required")) {
      tokens_.Error(location, "required fields do not exist in proto3");
    } else {
      return true;
    }
    if (field->oneof_index >= 0) {
      tokens_.Error(location, "fields of a oneof have no label");
      field->label = FieldDescriptor::Label::kSingular;
    }
    return true;
  }

  bool ParseField(MessageDescriptor* message, int oneof_index) {
    FieldDescriptor field;
    field.oneof_index = oneof_index;
    field.comments.leading = tokens_.LeadingComment();
    if (!ParseLabel(&field)) return false;
    if (tokens_.LooksAt("map") && tokens_.Peek(1).Is("<")) return ParseMapField(message, field);
    if (tokens_.LooksAt("group")) {
      tokens_.Error(tokens_.Peek().location, "groups do not exist in proto3");
      tokens_.SkipStatement();
      return true;
    }
    if (!ParseType(&field)) return false;
    return FinishField(message, std::move(field));
  }

  // `name = number [options];`
  bool FinishField(MessageDescriptor* message, FieldDescriptor field) {
    int64_t number = 0;
    if (!tokens_.ExpectIdentifier("the field's name", &field.name, &field.location) ||
        !tokens_.Expect("=", "and a number after the field's name")) {
      return false;
    }
    const bool good_number = tokens_.ExpectInteger("the field's number", 1, kFieldNumberMax,
                                                   &number, &field.number_location);
    if (!good_number && tokens_.Peek().kind != TokenKind::kSymbol) return false;
    if (!tokens_.ParseBracketOptions(&field.options)) return false;
    field.number = static_cast<uint32_t>(number);
    field.json_name = JsonName(field.name);
    for (const Option& option : field.options) {
      if (option.name == "json_name") field.json_name = option.text;
    }
    field.full_name = message->full_name + "." + field.name;
    const bool ended = tokens_.ExpectEndOfStatement("field \"" + field.name + "\"");
    field.comments.trailing = tokens_.TrailingComment();
    if (good_number) message->fields.push_back(std::move(field));
    return ended;
  }

  bool ParseType(FieldDescriptor* field) {
    field->type_location = tokens_.Peek().location;
    for (const ScalarName& scalar : kScalarNames) {
      if (tokens_.LooksAt(scalar.name)) {
        field->type = scalar.type;
        tokens_.Take();
        return true;
      }
    }
    return tokens_.ExpectFullName("the field's type", true, &field->type_name,
                                  &field->type_location);
  }

  bool ParseMapField(MessageDescriptor* message, FieldDescriptor field) {
    if (field.label != FieldDescriptor::Label::kSingular) {
      tokens_.Error(tokens_.Peek().location, "a map has no label");
    }
    if (field.oneof_index >= 0) {
      tokens_.Error(tokens_.Peek().location, "a map cannot be in a oneof");
      field.oneof_index = -1;
    }
    field.type_location = tokens_.Take().location;
    field.label = FieldDescriptor::Label::kRepeated;
    field.is_map = true;
    FieldDescriptor key;
    FieldDescriptor value;
    if (!tokens_.Expect("<", "after \"map\"") || !ParseType(&key) ||
        !tokens_.Expect(",", "after the map's key type") || !ParseType(&value) ||
        !tokens_.Expect(">", "after the map's value type")) {
      return false;
    }
    switch (key.type) {
      case FieldType::kMessage:
      case FieldType::kDouble:
      case FieldType::kFloat:
      case FieldType::kBytes:
        tokens_.Error(key.type_location, "the key of a map is an integer, a bool or a string");
        break;
      default:
        break;
    }
    const size_t field_count = message->fields.size();
    const bool ended = FinishField(message, std::move(field));
    if (message->fields.size() == field_count) return ended;
    AddMapEntry(message, std::move(key), std::move(value));
    return ended;
  }

  // A map is a repeated field of messages with a key and a value: here that message is made.
  void AddMapEntry(MessageDescriptor* message, FieldDescriptor key, FieldDescriptor value) {
    FieldDescriptor& map = message->fields.back();
    auto entry = std::make_unique<MessageDescriptor>();
    entry->name = MapEntryName(map.name);
    entry->full_name = message->full_name + "." + entry->name;
    entry->file = file_;
    entry->parent = message;
    entry->is_map_entry = true;
    entry->location = map.location;
    key.name = key.json_name = "key";
    key.number = 1;
    value.name = value.json_name = "value";
    value.number = 2;
    key.location = value.location = map.location;
    key.full_name = entry->full_name + ".key";
    value.full_name = entry->full_name + ".value";
    map.type = FieldType::kMessage;
    map.type_name = "." + entry->full_name;
    entry->fields.push_back(std::move(key));
    entry->fields.push_back(std::move(value));
    message->messages.push_back(std::move(entry));
  }

  FileDescriptor* const file_;
  TokenStream tokens_;
};

}  // namespace

std::unique_ptr<FileDescriptor> ParseFile(std::string_view path, std::string_view source,
                                          Diagnostics* diagnostics) {
  auto file = std::make_unique<FileDescriptor>();
  file->path = path;
  std::vector<Token> tokens = Lex(path, source, diagnostics);
  FileParser(file.get(), TokenStream(file->path, std::move(tokens), diagnostics)).Run();
  return file;
}

}  // namespace penstock::codec::compiler
