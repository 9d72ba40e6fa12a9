#include "penstock/codec/compiler/lexer.h"

#include <cstdlib>
#include <limits>
#include <memory>
#include <utility>

namespace penstock::codec::compiler {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// The value of a digit in bases up to 16, or 16 when it is none.
unsigned DigitValue(char c) {
  if (IsDigit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return 16;
}
bool IsHex(char c) { return DigitValue(c) < 16; }

void AppendUtf8(uint32_t code_point, std::string* out) {
  if (code_point < 0x80) {
    out->push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    out->push_back(static_cast<char>(0xc0 | code_point >> 6));
    out->push_back(static_cast<char>(0x80 | (code_point & 0x3f)));
  } else if (code_point < 0x10000) {
    out->push_back(static_cast<char>(0xe0 | code_point >> 12));
    out->push_back(static_cast<char>(0x80 | (code_point >> 6 & 0x3f)));
    out->push_back(static_cast<char>(0x80 | (code_point & 0x3f)));
  } else {
    out->push_back(static_cast<char>(0xf0 | code_point >> 18));
    out->push_back(static_cast<char>(0x80 | (code_point >> 12 & 0x3f)));
    out->push_back(static_cast<char>(0x80 | (code_point >> 6 & 0x3f)));
    out->push_back(static_cast<char>(0x80 | (code_point & 0x3f)));
  }
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

// Sorts the comments of a gap. One that ends its line, or its paragraph, belongs to the token
// before, unless another did; the last, with no empty line below it, to the token behind.
class CommentCollector {
 public:
  explicit CommentCollector(bool first_of_file) : may_trail_(!first_of_file) {}

  // Where to append the text of a comment. Lines that follow each other are one comment.
  std::string* StartLine() {
    if (pending_ && !is_line_) Flush();
    pending_ = is_line_ = true;
    return &text_;
  }
  std::string* StartBlock() {
    if (pending_) Flush();
    pending_ = true;
    is_line_ = false;
    return &text_;
  }
  void Drop() {
    pending_ = false;
    text_.clear();
  }
  void Flush() {
    if (!pending_) return;
    if (may_trail_) {
      gap_.trailing += text_;
      may_trail_ = false;
    } else {
      gap_.detached.push_back(text_);
    }
    Drop();
  }
  void EndParagraph() {
    Flush();
    may_trail_ = false;
  }
  std::unique_ptr<Gap> Finish() {
    if (pending_) gap_.leading = std::move(text_);
    if (gap_.trailing.empty() && gap_.detached.empty() && gap_.leading.empty()) return nullptr;
    return std::make_unique<Gap>(std::move(gap_));
  }

 private:
  Gap gap_;
  std::string text_;
  bool pending_ = false;
  bool is_line_ = false;
  bool may_trail_;
};

class Lexer {
 public:
  Lexer(std::string_view file, std::string_view source, Diagnostics* diagnostics)
      : file_(file), source_(source), diagnostics_(diagnostics) {}

  std::vector<Token> Run() {
    RefuseNul();
    // A byte order mark says nothing, but SourceCodeInfo counts it.
    if (at_ == 0 && source_.starts_with("\xef\xbb\xbf")) {
      at_ = 3;
      line_start_ = at_;
      column_ = static_cast<int>(at_);
    }
    for (;;) {
      CommentCollector comments(tokens_.empty());
      LexGap(&comments);
      Token token;
      token.location = Here();
      token.column = column_;
      const bool at_end = at_ == source_.size();
      const char c = Peek();
      // Nothing at the end of a block has a comment before it.
      if (at_end || c == '}' || c == ']' || c == ')') comments.Flush();
      token.gap = comments.Finish();
      if (!at_end && !LexToken(&token)) continue;
      token.end_column = column_;
      tokens_.push_back(std::move(token));
      if (at_end) return std::move(tokens_);
    }
  }

 private:
  // No text has one, not even in a comment: what stands behind it is not read.
  void RefuseNul() {
    const size_t nul = source_.find('\0');
    if (nul == std::string_view::npos) return;
    while (at_ != nul) Advance();
    Error(Here(), "an octet 0, which no text has: is this a .proto file, in UTF-8?");
    at_ = source_.size();
  }

  char Peek(size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  bool AtEnd() const { return at_ >= source_.size(); }
  void Advance() {
    const char c = source_[at_++];
    if (c == '\n') {
      ++line_;
      line_start_ = at_;
      column_ = 0;
    } else {
      column_ += c == '\t' ? 8 - column_ % 8 : 1;
    }
  }
  Location Here() const { return {line_, static_cast<int>(at_ - line_start_) + 1}; }
  void Error(Location location, std::string message) {
    diagnostics_->AddError(file_, location, std::move(message));
  }

  bool AtLineComment() const { return Peek() == '/' && Peek(1) == '/'; }
  bool AtBlockComment() const { return Peek() == '/' && Peek(1) == '*'; }
  void SkipBlanks() {
    while (!AtEnd() && IsBlank(Peek())) Advance();
  }
  bool TryNewLine() {
    if (Peek() != '\n') return false;
    Advance();
    return true;
  }

  // All up to the next token, with the comments sorted by what they belong to.
  void LexGap(CommentCollector* comments) {
    if (!tokens_.empty() && !LexRestOfLine(comments)) return;
    for (;;) {
      SkipBlanks();
      if (AtLineComment()) {
        LexLineComment(comments->StartLine());
      } else if (AtBlockComment()) {
        LexBlockComment(comments->StartBlock());
        SkipBlanks();
        TryNewLine();
      } else if (TryNewLine()) {
        comments->EndParagraph();
      } else {
        return;
      }
    }
  }

  // Behind a token, on its line. False: another token stands there, and comments are nobody's.
  bool LexRestOfLine(CommentCollector* comments) {
    SkipBlanks();
    if (AtLineComment()) {
      LexLineComment(comments->StartLine());
    } else if (AtBlockComment()) {
      LexBlockComment(comments->StartBlock());
      SkipBlanks();
      if (!TryNewLine()) {
        comments->Drop();
        SkipToToken();
        return false;
      }
    } else if (!TryNewLine()) {
      return false;
    }
    comments->Flush();
    return true;
  }

  void SkipToToken() {
    std::string dropped;
    for (;;) {
      SkipBlanks();
      if (AtLineComment()) {
        LexLineComment(&dropped);
      } else if (AtBlockComment()) {
        LexBlockComment(&dropped);
      } else if (!TryNewLine()) {
        return;
      }
    }
  }

  void LexLineComment(std::string* content) {
    Advance();
    Advance();
    const size_t text = at_;
    while (!AtEnd() && Peek() != '\n') Advance();
    TryNewLine();
    *content += source_.substr(text, at_ - text);
  }

  void LexBlockComment(std::string* content) {
    const Location start = Here();
    Advance();
    Advance();
    while (!AtEnd()) {
      if (Peek() == '*' && Peek(1) == '/') {
        Advance();
        Advance();
        return;
      }
      if (AtBlockComment()) Error(Here(), "\"/*\" inside a comment: they cannot be nested");
      const bool new_line = Peek() == '\n';
      *content += Peek();
      Advance();
      if (new_line) {  // the decoration at the start of a line is not content
        SkipBlanks();
        if (Peek() == '*' && Peek(1) != '/') Advance();
      }
    }
    Error(start, "this comment does not end: */ is missing");
  }

  bool LexToken(Token* token) {
    const char c = Peek();
    if (IsLetter(c)) {
      const size_t start = at_;
      while (IsLetter(Peek()) || IsDigit(Peek())) Advance();
      token->kind = TokenKind::kIdentifier;
      token->text = source_.substr(start, at_ - start);
      return true;
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return LexNumber(token);
    if (c == '"' || c == '\'') return LexString(token);
    Advance();
    if (std::string_view("{}[]()<>=;,.:-+/").find(c) != std::string_view::npos) {
      token->kind = TokenKind::kSymbol;
      token->text = std::string(1, c);
      return true;
    }
    // Octets above 0x7f come in runs; one error for each run is enough.
    while (!AtEnd() && static_cast<unsigned char>(Peek()) >= 0x80) Advance();
    Error(token->location, static_cast<unsigned char>(c) >= 0x80 || c < ' '
                               ? "a character that .proto files may have only in strings and "
                                 "comments"
                               : "unexpected character '" + std::string(1, c) + "'");
    return false;
  }

  bool LexNumber(Token* token) {
    const size_t start = at_;
    if (Peek() == '0' && (Peek(1) == 'x' || Peek(1) == 'X')) {
      Advance();
      Advance();
      const size_t digits = at_;
      while (IsLetter(Peek()) || IsDigit(Peek())) Advance();
      return FinishInteger(token, start, source_.substr(digits, at_ - digits), 16);
    }
    bool is_float = false;
    while (IsDigit(Peek())) Advance();
    if (Peek() == '.') {
      is_float = true;
      Advance();
      while (IsDigit(Peek())) Advance();
    }
    if (Peek() == 'e' || Peek() == 'E') {
      is_float = true;
      Advance();
      if (Peek() == '+' || Peek() == '-') Advance();
      if (!IsDigit(Peek())) Error(token->location, "an exponent needs digits");
      while (IsDigit(Peek())) Advance();
    }
    const bool glued = IsLetter(Peek()) || IsDigit(Peek());
    while (IsLetter(Peek()) || IsDigit(Peek())) Advance();
    const std::string_view text = source_.substr(start, at_ - start);
    if (glued) {
      Error(token->location, "\"" + std::string(text) + "\" is not a number: a blank is missing?");
    }
    if (!is_float) {
      if (glued) return FinishInteger(token, start, "0", 10);
      const bool octal = text.size() > 1 && text[0] == '0';
      return FinishInteger(token, start, octal ? text.substr(1) : text, octal ? 8 : 10);
    }
    token->kind = TokenKind::kFloat;
    token->text = text;
    token->number = std::strtod(token->text.c_str(), nullptr);
    return true;
  }

  bool FinishInteger(Token* token, size_t start, std::string_view digits, unsigned base) {
    token->kind = TokenKind::kInteger;
    token->text = source_.substr(start, at_ - start);
    if (digits.empty()) Error(token->location, "\"0x\" must be followed by hexadecimal digits");
    uint64_t value = 0;
    for (char c : digits) {
      const unsigned digit = DigitValue(c);
      if (digit >= base) {
        Error(token->location, "\"" + token->text + "\" is not a number" +
                                   (base == 8 ? " (a leading 0 means octal)" : ""));
        break;
      }
      if (value > (std::numeric_limits<uint64_t>::max() - digit) / base) {
        // As a floating point value it may still make sense.
        token->kind = TokenKind::kFloat;
        token->number = std::strtod(token->text.c_str(), nullptr);
        return true;
      }
      value = value * base + digit;
    }
    token->integer = value;
    token->number = static_cast<double>(value);
    return true;
  }

  bool LexString(Token* token) {
    const char quote = Peek();
    token->kind = TokenKind::kString;
    Advance();
    while (Peek() != quote) {
      if (AtEnd() || Peek() == '\n') {
        Error(token->location, "this string does not end on its line");
        return true;
      }
      if (Peek() == '\\') {
        LexEscape(&token->text);
      } else {
        token->text += Peek();
        Advance();
      }
    }
    Advance();
    return true;
  }

  // Reads up to `digits_max` digits that `accept` knows.
  uint32_t ReadDigits(bool (*accept)(char), unsigned base, int digits_max, int* digits) {
    uint32_t value = 0;
    for (*digits = 0; *digits < digits_max && accept(Peek()); ++*digits) {
      value = value * base + DigitValue(Peek());
      Advance();
    }
    return value;
  }

  void LexEscape(std::string* out) {
    const Location location = Here();
    Advance();
    if (AtEnd()) return;
    const char c = Peek();
    int digits = 0;
    if (IsOctal(c)) {
      out->push_back(static_cast<char>(ReadDigits(IsOctal, 8, 3, &digits)));
      return;
    }
    Advance();
    switch (c) {
      case 'a':
        out->push_back('\a');
        return;
      case 'b':
        out->push_back('\b');
        return;
      case 'f':
        out->push_back('\f');
        return;
      case 'n':
        out->push_back('\n');
        return;
      case 'r':
        out->push_back('\r');
        return;
      case 't':
        out->push_back('\t');
        return;
      case 'v':
        out->push_back('\v');
        return;
      case '\\':
      case '\'':
      case '"':
      case '?':
        out->push_back(c);
        return;
      case 'x':
      case 'X':
        out->push_back(static_cast<char>(ReadDigits(IsHex, 16, 2, &digits)));
        if (digits == 0) Error(location, "\\x must be followed by hexadecimal digits");
        return;
      case 'u':
      case 'U': {
        const int wanted = c == 'u' ? 4 : 8;
        const uint32_t code_point = ReadDigits(IsHex, 16, wanted, &digits);
        if (digits != wanted || code_point > 0x10ffff) {
          Error(location, "\\u must be followed by 4, \\U by 8 hexadecimal digits of a character");
        } else {
          AppendUtf8(code_point, out);
        }
        return;
      }
      default:
        Error(location, "\"\\" + std::string(1, c) + "\" is not an escape sequence");
    }
  }

  const std::string_view file_;
  const std::string_view source_;
  Diagnostics* const diagnostics_;
  size_t at_ = 0;
  int line_ = 1;
  size_t line_start_ = 0;
  int column_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> Lex(std::string_view file, std::string_view source, Diagnostics* diagnostics) {
  return Lexer(file, source, diagnostics).Run();
}

}  // namespace penstock::codec::compiler
