// TokenStream: what a recursive-descent parser asks of a list of tokens: look, take, expect,
// report, recover behind a fault, and record where each part of the file stands.
#ifndef PENSTOCK_CODEC_COMPILER_TOKEN_STREAM_H_
#define PENSTOCK_CODEC_COMPILER_TOKEN_STREAM_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/lexer.h"

namespace penstock::codec::compiler {

class Span;

class TokenStream {
 public:
  // What spans record goes to *locations.
  TokenStream(std::string file, std::vector<Token> tokens, std::vector<SourceLocation>* locations,
              Diagnostics* diagnostics);

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
  // The end of a statement, whose comments go to `span` (null: to nothing). A missing ';' is
  // reported behind the token before, where it belongs.
  bool ExpectEndOfStatement(std::string_view what, Span* span);
  // The '{' of a block, with its comments; its '}'; an empty statement.
  bool ExpectBlock(std::string_view where, Span* span);
  bool ExpectEndOfBlock(std::string_view what);
  bool TryTakeEmptyStatement() { return TakeEnd(";", nullptr); }
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
  // A place to skip from later.
  size_t Mark() const { return at_; }
  void ReturnTo(size_t mark) { at_ = mark; }

  void Error(Location location, std::string message) {
    diagnostics_->AddError(file_, location, std::move(message));
  }
  void Warning(Location location, std::string message) {
    diagnostics_->AddWarning(file_, location, std::move(message));
  }
  // "expected X, found Y"
  void ErrorExpected(std::string_view what);

  const std::string& file() const { return file_; }
  Diagnostics* diagnostics() const { return diagnostics_; }
  const Token& Previous() const { return tokens_[at_ == 0 ? 0 : at_ - 1]; }

 private:
  friend class Span;

  // The comments above the next statement are remembered until something claims them.
  bool TakeEnd(std::string_view symbol, Span* span);

  const std::string file_;
  const std::vector<Token> tokens_;
  std::vector<SourceLocation>* const locations_;
  Diagnostics* const diagnostics_;
  size_t at_ = 0;
  Gap upcoming_;
};

// Records where a part of the file stands: from the next token, when made, to the last one taken,
// when destroyed.
//
//     Span name(field, 1);                       // FieldDescriptorProto.name
//     tokens.ExpectIdentifier(...);
class Span {
 public:
  explicit Span(TokenStream& tokens);  // the file
  // A copy of the path of `parent`, and what is added to it.
  Span(const Span& parent, std::initializer_list<int32_t> path);
  ~Span();
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

  void StartAt(const Token& token);
  void StartAt(const Span& other);
  void EndAt(const Token& token);
  void AddPath(int32_t number) { location().path.push_back(number); }

  const Comments& comments() const { return location().comments; }
  int index() const { return static_cast<int>(index_); }
  TokenStream& tokens() const { return tokens_; }

 private:
  friend class TokenStream;
  SourceLocation& location() const { return (*tokens_.locations_)[index_]; }

  TokenStream& tokens_;
  size_t index_;
  bool ended_ = false;
};

// "'x'" or "end of file", for messages.
std::string Show(const Token& token);

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_TOKEN_STREAM_H_
