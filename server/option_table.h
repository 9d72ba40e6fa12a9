// The table of options: every member of ServerOptions that an operator sets, once. Flags, names of
// variables, keys of the file, --help, --print-config and the table of docs/configuration.md come
// from it, so a new option is one row.
//
// An option is named as its member, with dashes for underscores and without "_ns", since values
// have units; those of ServerOptions::tls begin with "tls-", and those of ServerOptions::http2 with
// "http2-". So what a log says of a limit is the option's name. Older and shorter: "max-streams" is
// http2.concurrent_streams_max, and "max-message-bytes" message_bytes_max.
#ifndef PENSTOCK_SERVER_OPTION_TABLE_H_
#define PENSTOCK_SERVER_OPTION_TABLE_H_

#include <string>
#include <vector>

#include "penstock/server/option.h"

namespace penstock::server {

// In the order of --help, by groups.
std::vector<Option> OptionTable();

// The names of the table, in its order.
std::vector<std::string> NamesOf(const std::vector<Option>& table);

// The rows in Markdown, a table for each group: what docs/configuration.md has.
std::string DescribeTable(const std::vector<Option>& table);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_OPTION_TABLE_H_
