// Configuration: what a server runs with, put together from four sources, and where each value
// came from.
//
//     Configuration configuration(coded);                     // what the program was built with
//     std::string why = configuration.TakeText("/etc/app.conf", text);
//     if (why.empty()) why = configuration.TakeEnvironment(environ);
//     if (why.empty()) why = configuration.TakeFlag(option, {"4"});
//     if (why.empty()) why = configuration.Finish();
//     ... configuration.options() ...
//
// What is taken later replaces what was taken before: a flag goes before a variable, a variable
// before the file, and the file before the code. An error is a sentence: where, what, and what is
// allowed.
//
// The file: lines of `name = value`, the names of server/option_table.h; an option that takes
// several has a line for each. What follows a # at the start of a line, or a blank and a #, is a
// comment.
//
// The environment: PENSTOCK_DRAIN_GRACE=30s; of an option that takes several, a,b. A variable that
// is set to nothing counts as not set. One that is no option is refused, but for those that
// Kubernetes makes for a service called "penstock", which has its PENSTOCK_SERVICE_HOST.
//
// Limits: a file has kConfigFileBytesMax octets.
#ifndef PENSTOCK_SERVER_CONFIGURATION_H_
#define PENSTOCK_SERVER_CONFIGURATION_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/server/option_table.h"
#include "penstock/server/options.h"

namespace penstock::server {

inline constexpr size_t kConfigFileBytesMax = 1 << 20;

// The variable that names the file, as --config does; it is no option.
inline constexpr std::string_view kConfigVariable = "PENSTOCK_CONFIG";

class Configuration {
 public:
  explicit Configuration(ServerOptions coded);

  const std::vector<Option>& table() const { return table_; }

  // Each returns what is wrong, or "". `path` is for messages, `text` what the file has.
  std::string TakeText(const std::string& path, std::string_view text);
  // "NAME=VALUE", and nullptr behind the last.
  std::string TakeEnvironment(const char* const* environment);
  std::string TakeFlag(const Option& option, const std::vector<std::string>& values);
  // What can be judged when everything was taken. Before it options() are not complete.
  std::string Finish();

  // Why a file that an option names cannot be read, or "".
  std::string MissingFile() const;

  const ServerOptions& options() const { return options_; }
  // "default", "code", "/etc/app.conf:3", "PENSTOCK_SHARDS", "--shards".
  const std::string& OriginOf(std::string_view name) const;

  // Whether a file, a variable or a flag said it.
  bool IsSet(std::string_view name) const;
  // The same for a sentence: "/etc/app.conf:3: shards", "PENSTOCK_SHARDS"; where nobody has set it,
  // the name alone.
  std::string Cite(const std::string& name) const;

  // Every option with its value and where that came from. TakeText() takes it back.
  std::string Print() const;

 private:
  struct Line;

  const Option* Find(std::string_view name) const;
  std::string DidYouMeanVariable(std::string_view name) const;
  std::string Take(const Option& option, const std::vector<std::string>& values,
                   std::string origin, const std::string& shown);

  const std::vector<Option> table_;
  ServerOptions options_;
  std::vector<std::string> origins_;  // of the table's rows
};

// Returns why it cannot be read, in a sentence, or "".
std::string ReadConfigFile(const std::string& path, std::string* text);

// The value of the variable, or "": "NAME=VALUE", and nullptr behind the last.
std::string VariableIn(const char* const* environment, std::string_view name);

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_CONFIGURATION_H_
