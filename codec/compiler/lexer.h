// Lexer: cuts a .proto file into tokens and keeps its comments.
//
// Spec: protobuf.dev, "Protocol Buffers Language Specification (Proto3)", Lexical Elements.
#ifndef PENSTOCK_CODEC_COMPILER_LEXER_H_
#define PENSTOCK_CODEC_COMPILER_LEXER_H_

#include <cstdint>
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

struct Comment {
  std::string text;  // without the markers
  int first_line;
  int last_line;
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;  // as written, but for strings
  uint64_t integer = 0;
  double number = 0;
  Location location;
  std::vector<Comment> comments;  // between the token before and this one

  bool Is(std::string_view word) const {
    return (kind == TokenKind::kIdentifier || kind == TokenKind::kSymbol) && text == word;
  }
};

// All tokens of `source`, the last of kind kEnd. Faults go to `diagnostics`; lexing goes on behind
// them.
std::vector<Token> Lex(std::string_view file, std::string_view source, Diagnostics* diagnostics);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_LEXER_H_
