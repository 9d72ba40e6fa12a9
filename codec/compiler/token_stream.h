// TokenStream: what a recursive-descent parser asks of a list of tokens: look, take, expect,
// report, and recover behind a fault.
#ifndef PENSTOCK_CODEC_COMPILER_TOKEN_STREAM_H_
#define PENSTOCK_CODEC_COMPILER_TOKEN_STREAM_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/lexer.h"

namespace penstock::codec::compiler {

class TokenStream {
 public:
  TokenStream(std::string file, std::vector<Token> tokens, Diagnostics* diagnostics)
      : file_(std::move(file)), tokens_(std::move(tokens)), diagnostics_(diagnostics) {}

  const Token& Peek(size_t ahead = 0) const {
    const size_t index = at_ + ahead;
    return index < tokens_.size() ? tokens_[index] : tokens_.back();
  }
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }
  bool LooksAt(std::string_view word) const { return Peek().Is(word); }
  const Token& Take() {
    const Token& token = Peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool TryTake(std::string_view word) {
    if (!LooksAt(word)) return false;
    Take();
    return true;
  }

  // Each takes what it names, or reports `expected ..., found ...` and returns false.
  bool Expect(std::string_view symbol, std::string_view where);
  // The end of a statement. A missing ';' is reported behind the token before, where it belongs.
  bool ExpectEndOfStatement(std::string_view what);
  bool ExpectIdentifier(std::string_view what, std::string* name, Location* location);
  bool ExpectString(std::string_view what, std::string* text, Location* location);
  // "a.b.c", with a leading dot if `dot` allows one.
  bool ExpectFullName(std::string_view what, bool dot, std::string* name, Location* location);
  // An integer from `min` to `max`; a '-' may stand before it where min is negative.
  bool ExpectInteger(std::string_view what, int64_t min, int64_t max, int64_t* value,
                     Location* location);

  // Behind the next ';' or the next balanced { }, but not over a '}' that closes what is around.
  void SkipStatement();
  // Behind the '}' that closes the block whose '{' was taken.
  void SkipBlock();

  void Error(Location location, std::string message) {
    diagnostics_->AddError(file_, location, std::move(message));
  }
  void Warning(Location location, std::string message) {
    diagnostics_->AddWarning(file_, location, std::move(message));
  }
  // "expected X, found Y"
  void ErrorExpected(std::string_view what);

  // The comment right above the next token.
  std::string LeadingComment() const;
  // The comment on the line of the token just taken.
  std::string TrailingComment() const;

  // `NAME = VALUE` of an option; the word "option" or '[' is taken.
  bool ParseOption(Option* option);
  // `[a = 1, b = 2]` if there is one.
  bool ParseBracketOptions(std::vector<Option>* options);

  const std::string& file() const { return file_; }
  Diagnostics* diagnostics() const { return diagnostics_; }

 private:
  bool ParseOptionName(std::string* name);
  bool ParseOptionValue(Option* option);
  bool ParseAggregate(std::string* text);

  const std::string file_;
  const std::vector<Token> tokens_;
  Diagnostics* const diagnostics_;
  size_t at_ = 0;
};

// "'x'" or "end of file", for messages.
std::string Show(const Token& token);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_TOKEN_STREAM_H_
