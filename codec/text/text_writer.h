// TextWriter: the layout of text format: a line for each field, or all of them on one line.
#ifndef PENSTOCK_CODEC_TEXT_TEXT_WRITER_H_
#define PENSTOCK_CODEC_TEXT_TEXT_WRITER_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock::codec::text {

class TextWriter {
 public:
  TextWriter(bool single_line, std::string* out) : single_line_(single_line), out_(*out) {}

  // "name: "; the caller adds the value, and then EndField().
  std::string& BeginField(std::string_view name) {
    Indent();
    out_.append(name).append(": ");
    return out_;
  }
  void EndField() { EndLine(); }

  void BeginMessage(std::string_view name) {
    Indent();
    out_.append(name).append(" {");
    EndLine();
    ++depth_;
  }
  void EndMessage() {
    --depth_;
    Indent();
    out_ += '}';
    EndLine();
  }
  // Stands for what is too deep to be printed.
  void Omit() {
    Indent();
    out_ += "...";
    EndLine();
  }

 private:
  void Indent() {
    if (!single_line_) out_.append(2 * depth_, ' ');
  }
  void EndLine() { out_ += single_line_ ? ' ' : '\n'; }

  const bool single_line_;
  std::string& out_;
  size_t depth_ = 0;
};

}  // namespace penstock::codec::text

#endif  // PENSTOCK_CODEC_TEXT_TEXT_WRITER_H_
