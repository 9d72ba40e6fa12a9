// Lexer: cuts a .proto file into tokens and keeps its comments.
//
// Spec: protobuf.dev, "Protocol Buffers Language Specification (Proto3)", Lexical Elements. Which
//       comment belongs to what: descriptor.proto, SourceCodeInfo.Location.
#ifndef PENSTOCK_CODEC_COMPILER_LEXER_H_
#define PENSTOCK_CODEC_COMPILER_LEXER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/compiler/diagnostics.h"

namespace penstock::codec::compiler {

enum class TokenKind {
  kIdentifier,
  kInteger,  // value in `integer`
  kFloat,    // value in `number`
  kString,   // content, escapes resolved, in `text`
  kSymbol,   // one character
  kEnd,
};

// The comments between two tokens.
struct Gap {
  std::string trailing;               // of the token before
  std::vector<std::string> detached;  // of neither
  std::string leading;                // of the token behind
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;  // as written, but for strings
  uint64_t integer = 0;
  double number = 0;
  Location location;
  // As SourceCodeInfo counts: from 0, tabs to the next multiple of 8.
  int column = 0;
  int end_column = 0;
  std::unique_ptr<Gap> gap;  // before this token; null without comments

  int line() const { return location.line - 1; }
  bool Is(std::string_view word) const {
    return (kind == TokenKind::kIdentifier || kind == TokenKind::kSymbol) && text == word;
  }
};

// All tokens of `source`, the last of kind kEnd. Faults go to `diagnostics`; lexing goes on behind
// them.
std::vector<Token> Lex(std::string_view file, std::string_view source, Diagnostics* diagnostics);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_LEXER_H_
