// The one place where std::string_view and abseil's own string_view meet.
//
// Distributions build abseil with or without its own absl::string_view class; ours never appears in
// a signature of this library. These two compile with either.
#ifndef PENSTOCK_WIRE_ABSL_STRINGS_H_
#define PENSTOCK_WIRE_ABSL_STRINGS_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace penstock::wire {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view FromAbsl(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_ABSL_STRINGS_H_
