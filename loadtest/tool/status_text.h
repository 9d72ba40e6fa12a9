// How a call ended, for people: its code, its message, and its details, the google.rpc ones and
// those whose types are known.
//
//     NOT_FOUND: there is no cart 7
//       google.rpc.ErrorInfo {"reason":"NO_CART","domain":"shop.example"}
#ifndef PENSTOCK_LOADTEST_TOOL_STATUS_TEXT_H_
#define PENSTOCK_LOADTEST_TOOL_STATUS_TEXT_H_

#include <string>
#include <string_view>

#include "penstock/codec/reflection/message_type.h"
#include "penstock/rpc/metadata.h"
#include "penstock/rpc/status.h"

namespace penstock::loadtest::tool {

// `types` knows the details that google.rpc does not have; null: nobody does. Ends with a newline.
std::string DescribeStatus(const Status& status, const codec::reflection::TypeSource* types);

// A line behind `mark`: "< x-cost: 3". The value of a "-bin" key is in base64.
std::string DescribeEntry(const Metadata::Entry& entry, std::string_view mark);
// The same of all of them.
std::string DescribeMetadata(const Metadata& metadata, std::string_view mark);

// What strangers wrote: control characters become '?', so that none reaches the terminal. Lines'
// ends too, but with `keep_lines`.
std::string Printable(std::string_view text, bool keep_lines = false);

}  // namespace penstock::loadtest::tool

#endif  // PENSTOCK_LOADTEST_TOOL_STATUS_TEXT_H_
