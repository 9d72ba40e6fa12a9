// Printable: what strangers wrote (a server's message, the names and notes in a file of results) as
// part of a line on a terminal, which it can neither steer nor leave.
//
//     text += " method      " + Printable(method.method);
#ifndef PENSTOCK_LOADTEST_PRINTABLE_H_
#define PENSTOCK_LOADTEST_PRINTABLE_H_

#include <string>
#include <string_view>

namespace penstock::loadtest {

// Control characters, and lines' ends among them, become spaces: those of ASCII and, in UTF-8,
// those from U+0080 to U+009F.
std::string Printable(std::string_view text);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_PRINTABLE_H_
