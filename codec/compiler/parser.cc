#include "penstock/codec/compiler/parser.h"

#include <string>
#include <utility>

#include "penstock/codec/compiler/declarations.h"
#include "penstock/codec/compiler/descriptor_numbers.h"
#include "penstock/codec/compiler/token_stream.h"
#include "penstock/codec/limits.h"

namespace penstock::codec::compiler {
namespace {

bool ParseMessage(ParseContext& context, const Scope& scope) {
  TokenStream& tokens = context.tokens;
  Span span(scope.span, {scope.messages_number, static_cast<int32_t>(scope.messages->size())});
  auto message = std::make_unique<MessageDescriptor>();
  tokens.Take();
  {
    const Span name(span, {number::kMessageName});
    if (!tokens.ExpectIdentifier("the message's name", &message->name, &message->location)) {
      return false;
    }
  }
  message->full_name = FullName(*context.file, scope.message, message->name);
  message->file = context.file;
  message->parent = scope.message;
  MessageDescriptor* body = scope.messages->emplace_back(std::move(message)).get();
  return ParseMessageBlock(context, span, body);
}

// `extend M { ... }`; `number` is that of the list of extensions.
bool ParseExtend(ParseContext& context, const Scope& scope, int32_t number,
                 std::vector<FieldDescriptor>* extensions) {
  TokenStream& tokens = context.tokens;
  Span span(scope.span, {number});
  tokens.Take();
  const Token& first = tokens.Peek();
  FieldDescriptor extension;
  extension.is_extension = true;
  if (!tokens.ExpectFullName("the extended message", true, &extension.extendee_name,
                             &extension.extendee_location)) {
    return false;
  }
  const Token& last = tokens.Previous();
  if (!tokens.ExpectBlock("after the extended message", &span)) return false;
  if (tokens.LooksAt("}")) tokens.ErrorExpected("at least one field");
  while (!tokens.AtEnd() && !tokens.LooksAt("}")) {
    Span field_span(span, {static_cast<int32_t>(extensions->size())});
    {
      Span extendee(field_span, {number::kFieldExtendee});
      extendee.StartAt(first);
      extendee.EndAt(last);
    }
    FieldDescriptor field = extension;
    if (!ParseLabel(context, field_span, &field) ||
        !ParseField(context, scope, field_span, std::move(field), extensions)) {
      tokens.SkipStatement();
    }
  }
  return tokens.ExpectEndOfBlock("extend \"" + extension.extendee_name + "\"");
}

bool ParseOneof(ParseContext& context, const Scope& scope) {
  TokenStream& tokens = context.tokens;
  MessageDescriptor* message = scope.message;
  const int index = static_cast<int>(message->oneofs.size());
  Span span(scope.span, {number::kMessageOneof, index});
  OneofDescriptor oneof;
  tokens.Take();
  {
    const Span name(span, {number::kOneofName});
    if (!tokens.ExpectIdentifier("the oneof's name", &oneof.name, &oneof.location)) return false;
  }
  if (!tokens.ExpectBlock("after the oneof's name", &span)) return false;
  oneof.comments = span.comments();
  const size_t errors_before = tokens.diagnostics()->error_count();
  const size_t fields_before = message->fields.size();
  message->oneofs.push_back(std::move(oneof));
  while (!tokens.AtEnd() && !tokens.LooksAt("}")) {
    if (tokens.LooksAt("option")) {
      if (!ParseOptionStatement(context, span, number::kOneofOptions,
                                &message->oneofs.back().options)) {
        tokens.SkipStatement();
      }
      continue;
    }
    Span field_span(scope.span,
                    {number::kMessageField, static_cast<int32_t>(message->fields.size())});
    FieldDescriptor field;
    field.oneof_index = index;
    if (!ParseLabel(context, field_span, &field) ||
        !ParseField(context, scope, field_span, std::move(field), &message->fields)) {
      tokens.SkipStatement();
    }
  }
  if (message->fields.size() == fields_before && tokens.LooksAt("}") &&
      tokens.diagnostics()->error_count() == errors_before) {
    tokens.Error(message->oneofs.back().location, "a oneof needs at least one field");
  }
  return tokens.ExpectEndOfBlock("oneof \"" + message->oneofs.back().name + "\"");
}

bool ParseMessageElement(ParseContext& context, const Scope& scope) {
  TokenStream& tokens = context.tokens;
  MessageDescriptor* message = scope.message;
  if (tokens.TryTakeEmptyStatement()) return true;
  if (tokens.LooksAt("message")) return ParseMessage(context, scope);
  if (tokens.LooksAt("enum")) {
    return ParseEnum(context, scope.span, number::kMessageEnum, message, &message->enums);
  }
  if (tokens.LooksAt("option")) {
    return ParseOptionStatement(context, scope.span, number::kMessageOptions, &message->options);
  }
  if (tokens.LooksAt("oneof")) return ParseOneof(context, scope);
  if (tokens.LooksAt("reserved")) {
    return ParseReserved(
        context, scope.span,
        {number::kMessageReservedRange, number::kMessageReservedName, 1, INT32_MAX - 1},
        &message->reserved_ranges, &message->reserved_names);
  }
  if (tokens.LooksAt("extend")) {
    return ParseExtend(context, scope, number::kMessageExtension, &message->extensions);
  }
  if (tokens.LooksAt("extensions")) return ParseExtensionRanges(context, scope.span, message);
  Span span(scope.span, {number::kMessageField, static_cast<int32_t>(message->fields.size())});
  FieldDescriptor field;
  return ParseLabel(context, span, &field) &&
         ParseField(context, scope, span, std::move(field), &message->fields);
}

// Now that the options are read: how far "max" goes, and whether a number is beyond it.
void FinishRanges(ParseContext& context, MessageDescriptor* message) {
  for (const Option& option : message->options) {
    if (option.name == "message_set_wire_format" && option.text == "true") {
      message->message_set = true;
    }
  }
  const int64_t max = message->message_set ? INT32_MAX - 1 : kFieldNumberMax;
  const auto finish = [&](NumberRange* range) {
    if (range->last == kRangeMax) range->last = max;
    if (range->last > max) {
      context.tokens.Error(range->location,
                           "the numbers of this message end at " + std::to_string(max));
    }
  };
  for (ExtensionRange& range : message->extension_ranges) finish(&range.range);
  for (NumberRange& range : message->reserved_ranges) finish(&range);
}

class FileParser {
 public:
  FileParser(FileDescriptor* file, TokenStream* tokens)
      : file_(file), tokens_(*tokens), context_{file, *tokens} {}

  void Run() {
    const Span root(tokens_);
    ParseSyntax(root);
    while (!tokens_.AtEnd()) {
      if (!ParseTopLevel(root)) tokens_.SkipStatement();
      if (tokens_.LooksAt("}")) {
        tokens_.Error(tokens_.Peek().location, "\"}\" closes nothing");
        tokens_.Take();
      }
    }
  }

 private:
  void ParseSyntax(const Span& root) {
    file_->syntax = "proto2";
    const bool is_edition = tokens_.LooksAt("edition");
    if (!is_edition && !tokens_.LooksAt("syntax")) {
      tokens_.Warning(tokens_.Peek().location,
                      "no syntax statement, which means proto2: begin with syntax = \"proto2\"; "
                      "or syntax = \"proto3\";");
      return;
    }
    Span span(root, {is_edition ? number::kFileEdition : number::kFileSyntax});
    tokens_.Take();
    std::string value;
    Location location;
    if (!tokens_.Expect("=", is_edition ? "after \"edition\"" : "after \"syntax\"") ||
        !tokens_.ExpectString(is_edition ? "\"2023\"" : "\"proto3\"", &value, &location)) {
      tokens_.SkipStatement();
      file_->syntax = "proto3";
      return;
    }
    if (is_edition) {
      file_->syntax = "editions";
      file_->edition = 2023;
      if (value != "2023") {
        tokens_.Error(location, "unknown edition \"" + value + "\": penstockc knows \"2023\"");
      }
    } else if (value == "proto2" || value == "proto3") {
      file_->syntax = value;
    } else {
      tokens_.Error(location, "unknown syntax \"" + value +
                                  "\": write syntax = \"proto3\"; or syntax = \"proto2\";");
      file_->syntax = "proto3";
    }
    if (!tokens_.ExpectEndOfStatement("the syntax statement", &span)) tokens_.SkipStatement();
  }

  bool ParseTopLevel(const Span& root) {
    if (tokens_.TryTakeEmptyStatement()) return true;
    const Scope scope = {nullptr, root, &file_->messages, number::kFileMessage};
    if (tokens_.LooksAt("message")) return ParseMessage(context_, scope);
    if (tokens_.LooksAt("enum")) {
      return ParseEnum(context_, root, number::kFileEnum, nullptr, &file_->enums);
    }
    if (tokens_.LooksAt("service")) return ParseService(context_, root);
    if (tokens_.LooksAt("extend")) {
      return ParseExtend(context_, scope, number::kFileExtension, &file_->extensions);
    }
    if (tokens_.LooksAt("import")) return ParseImport(root);
    if (tokens_.LooksAt("option")) {
      return ParseOptionStatement(context_, root, number::kFileOptions, &file_->options);
    }
    if (tokens_.LooksAt("package")) return ParsePackage(root);
    tokens_.ErrorExpected(
        "\"message\", \"enum\", \"service\", \"extend\", \"import\", \"option\" or \"package\"");
    return false;
  }

  bool ParsePackage(const Span& root) {
    Span span(root, {number::kFilePackage});
    const Location start = tokens_.Take().location;
    std::string name;
    Location location;
    if (!tokens_.ExpectFullName("the package's name", false, &name, &location)) return false;
    if (!file_->package.empty()) tokens_.Error(start, "a file has one package statement");
    file_->package = std::move(name);
    const bool ended = tokens_.ExpectEndOfStatement("the package statement", &span);
    file_->package_comments = span.comments();
    return ended;
  }

  bool ParseImport(const Span& root) {
    Span span(root, {number::kFileDependency, static_cast<int32_t>(file_->imports.size())});
    tokens_.Take();
    ImportDescriptor import;
    import.is_public = tokens_.LooksAt("public");
    import.is_weak = tokens_.LooksAt("weak");
    if (import.is_public || import.is_weak) {
      int32_t before = 0;
      for (const ImportDescriptor& other : file_->imports) {
        before += import.is_public ? other.is_public : other.is_weak;
      }
      const Span word(
          root,
          {import.is_public ? number::kFilePublicDependency : number::kFileWeakDependency, before});
      tokens_.Take();
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
    return tokens_.ExpectEndOfStatement("the import", &span);
  }

  FileDescriptor* const file_;
  TokenStream& tokens_;
  ParseContext context_;
};

}  // namespace

bool ParseMessageBlock(ParseContext& context, Span& at, MessageDescriptor* message) {
  TokenStream& tokens = context.tokens;
  if (!tokens.ExpectBlock("after the message's name", &at)) return false;
  message->comments = at.comments();
  if (context.message_depth == kMessageNestingMax) {
    tokens.Error(message->location,
                 "messages are nested more than " + std::to_string(kMessageNestingMax) + " deep");
    tokens.SkipBlock();
    return true;
  }
  ++context.message_depth;
  const Scope scope = {message, at, &message->messages, number::kMessageMessage};
  while (!tokens.AtEnd() && !tokens.LooksAt("}")) {
    if (!ParseMessageElement(context, scope)) tokens.SkipStatement();
  }
  --context.message_depth;
  FinishRanges(context, message);
  return tokens.ExpectEndOfBlock("message \"" + message->name + "\"");
}

std::unique_ptr<FileDescriptor> ParseFile(std::string_view path, std::string_view source,
                                          Diagnostics* diagnostics) {
  auto file = std::make_unique<FileDescriptor>();
  file->path = path;
  std::vector<Token> lexed = Lex(path, source, diagnostics);
  TokenStream tokens(file->path, std::move(lexed), &file->source_locations, diagnostics);
  FileParser(file.get(), &tokens).Run();
  return file;
}

}  // namespace penstock::codec::compiler
