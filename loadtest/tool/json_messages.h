// Several JSON values one after the other, cut apart: what `call -d` takes for a stream.
//
//     std::vector<std::string_view> messages;
//     std::string why;
//     if (!SplitJson(R"({"id": 1} {"id": 2})", &messages, &why)) ...
#ifndef PENSTOCK_LOADTEST_TOOL_JSON_MESSAGES_H_
#define PENSTOCK_LOADTEST_TOOL_JSON_MESSAGES_H_

#include <string>
#include <string_view>
#include <vector>

namespace penstock::loadtest::tool {

// Views into `text`; none for blanks alone. False: `*why` says where the text is no JSON.
[[nodiscard]] bool SplitJson(std::string_view text, std::vector<std::string_view>* messages,
                             std::string* why);

}  // namespace penstock::loadtest::tool

#endif  // PENSTOCK_LOADTEST_TOOL_JSON_MESSAGES_H_
