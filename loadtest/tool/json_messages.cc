#include "penstock/loadtest/tool/json_messages.h"

#include "penstock/codec/json/json_reader.h"

namespace penstock::loadtest::tool {

bool SplitJson(std::string_view text, std::vector<std::string_view>* messages, std::string* why) {
  constexpr std::string_view kBlanks = " \t\r\n";
  codec::json::JsonReader reader(text);
  while (text.find_first_not_of(kBlanks, reader.offset()) != std::string_view::npos) {
    reader.Peek();  // to where the value begins
    const size_t begin = reader.offset();
    if (!reader.SkipValue()) {
      *why = reader.Describe();
      return false;
    }
    messages->push_back(text.substr(begin, reader.offset() - begin));
  }
  return true;
}

}  // namespace penstock::loadtest::tool
