// CodeWriter: gathers generated text from templates with $names$ in them.
//
//     out.Print("$type$ $name$() const;\n", {{"type", "int32_t"}, {"name", "id"}});
#ifndef PENSTOCK_CODEC_COMPILER_CODE_WRITER_H_
#define PENSTOCK_CODEC_COMPILER_CODE_WRITER_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace penstock::codec::compiler {

class CodeWriter {
 public:
  using Variables = std::map<std::string, std::string, std::less<>>;

  // Every $name$ of `text` must be in `variables`; $$ is a dollar.
  void Print(std::string_view text, const Variables& variables = {});

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_CODE_WRITER_H_
