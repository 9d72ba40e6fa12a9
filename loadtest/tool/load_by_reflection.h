// What the load itself asks of a server's reflection: how its request of JSON is sent.
#ifndef PENSTOCK_LOADTEST_TOOL_LOAD_BY_REFLECTION_H_
#define PENSTOCK_LOADTEST_TOOL_LOAD_BY_REFLECTION_H_

#include <optional>

#include "penstock/loadtest/options.h"
#include "penstock/loadtest/tool/schema_source.h"

namespace penstock::loadtest::tool {

// Some method's `json` has no schema yet.
bool NeedsReflection(const Options& options);
// Encodes them, before the run and over a connection of its own.
std::optional<Failure> EncodeByReflection(Options* options);

}  // namespace penstock::loadtest::tool

#endif  // PENSTOCK_LOADTEST_TOOL_LOAD_BY_REFLECTION_H_
