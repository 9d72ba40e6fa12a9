#include "penstock/codec/compiler/code_writer.h"

#include "penstock/wire/check.h"

namespace penstock::codec::compiler {

void CodeWriter::Print(std::string_view text, const Variables& variables) {
  while (!text.empty()) {
    const size_t dollar = text.find('$');
    text_ += text.substr(0, dollar);
    if (dollar == std::string_view::npos) return;
    text.remove_prefix(dollar + 1);
    const size_t end = text.find('$');
    PENSTOCK_CHECK(end != std::string_view::npos, "a template's $name$ ends with a dollar");
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (name.empty()) {
      text_ += '$';
      continue;
    }
    const auto it = variables.find(name);
    PENSTOCK_CHECK(it != variables.end(), "a template names only variables it was given");
    text_ += it->second;
  }
}

}  // namespace penstock::codec::compiler
