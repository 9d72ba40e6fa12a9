#include "penstock/server/configuration.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <utility>

namespace penstock::server {
namespace {

constexpr std::string_view kVariablePrefix = "PENSTOCK_";
constexpr std::string_view kBlanks = " \t\r";

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// What is in front of a comment.
std::string_view WithoutComment(std::string_view line) {
  for (size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || kBlanks.find(line[at - 1]) != std::string_view::npos) return line.substr(0, at);
  }
  return line;
}

std::vector<std::string> SplitAtCommas(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const size_t comma = text.find(',');
    parts.emplace_back(Trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

// Whether Kubernetes makes such a variable, of what follows the prefix, for each service of a
// namespace: SERVICE_HOST, SERVICE_PORT, SERVICE_PORT_GRPC, PORT, PORT_50051_TCP_ADDR, and the same
// behind the rest of a service's name.
bool IsServiceLink(std::string_view name) {
  const std::string framed = "_" + std::string(name) + "_";
  return framed.find("_SERVICE_HOST_") != std::string::npos ||
         framed.find("_SERVICE_PORT_") != std::string::npos ||
         framed.find("_PORT_") != std::string::npos;
}

// Why `path` cannot be used for something that has to be in it, or "".
std::string WhyNotReadable(const std::string& path) {
  errno = 0;
  std::ifstream file(path);
  if (file.good() && file.peek() != std::ifstream::traits_type::eof()) return "";
  return errno != 0 ? std::strerror(errno) : "it is empty";
}

}  // namespace

// The lines of one option in a file.
struct Configuration::Line {
  std::vector<std::string> values;
  size_t number = 0;  // of the first
};

Configuration::Configuration(ServerOptions coded)
    : table_(OptionTable()), options_(std::move(coded)) {
  const ServerOptions defaults;
  for (const Option& option : table_) {
    origins_.emplace_back(option.show(options_) == option.show(defaults) ? "default" : "code");
  }
}

const Option* Configuration::Find(std::string_view name) const {
  const auto found = std::find_if(table_.begin(), table_.end(),
                                  [name](const Option& option) { return option.name == name; });
  return found == table_.end() ? nullptr : &*found;
}

const std::string& Configuration::OriginOf(std::string_view name) const {
  return origins_.at(static_cast<size_t>(Find(name) - table_.data()));
}

std::string Configuration::Take(const Option& option, const std::vector<std::string>& values,
                                std::string origin, const std::string& shown) {
  std::string why = option.take(values, &options_);
  if (!why.empty()) return shown + ": " + why;
  origins_.at(static_cast<size_t>(Find(option.name) - table_.data())) = std::move(origin);
  return "";
}

std::string Configuration::TakeFlag(const Option& option, const std::vector<std::string>& values) {
  const std::string flag = FlagOf(option.name);
  if (values.size() > 1 && !option.repeatable) {
    return flag + " is given " + std::to_string(values.size()) + " times; give it once";
  }
  std::string shown = flag;
  for (const std::string& value : values) shown += " " + (value.empty() ? "\"\"" : value);
  return Take(option, values, flag, shown);
}

std::string Configuration::TakeEnvironment(const char* const* environment) {
  for (const char* const* variable = environment; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const size_t equals = text.find('=');
    if (!text.starts_with(kVariablePrefix) || equals == std::string_view::npos) continue;
    const std::string name(text.substr(0, equals));
    const std::string value(text.substr(equals + 1));
    if (name == kConfigVariable) continue;
    const auto found = std::find_if(table_.begin(), table_.end(), [&name](const Option& option) {
      return VariableOf(option.name) == name;
    });
    if (found == table_.end()) {
      if (IsServiceLink(name.substr(kVariablePrefix.size()))) continue;
      std::vector<std::string> known = {std::string(kConfigVariable)};
      for (const Option& option : table_) known.push_back(VariableOf(option.name));
      return "the environment's " + name + " is no option" + DidYouMean(name, known);
    }
    if (value.empty()) continue;
    const std::vector<std::string> values =
        found->repeatable ? SplitAtCommas(value) : std::vector<std::string>{value};
    if (std::string why = Take(*found, values, name, name + "=" + value); !why.empty()) return why;
  }
  return "";
}

std::string Configuration::TakeText(const std::string& path, std::string_view text) {
  std::map<const Option*, Line> lines;
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(WithoutComment(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty()) continue;
    const std::string where = path + ":" + std::to_string(number) + ": ";
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return where + std::string(line) + ": write NAME = VALUE, or # and a comment";
    }
    const std::string name(Trim(line.substr(0, equals)));
    const std::string value(Trim(line.substr(equals + 1)));
    const Option* option = Find(name);
    if (option == nullptr) {
      return where + name + " is no option" + DidYouMean(name, NamesOf(table_));
    }
    Line& known = lines[option];
    if (!known.values.empty() && !option->repeatable) {
      return where + name + " is set in line " + std::to_string(known.number) +
             ", too; set it once";
    }
    if (known.values.empty()) known.number = number;
    known.values.push_back(value);
    // Of several, each is judged where it stands.
    const std::string shown = where + name + " = " + value;
    std::string why =
        Take(*option, known.values, path + ":" + std::to_string(known.number), shown);
    if (!why.empty()) return why;
  }
  return "";
}

std::string Configuration::Finish() {
  wire::TlsServerOptions& tls = options_.tls;
  for (const wire::TlsFiles& pair : tls.certificates) {
    if (pair.certificate.empty() || pair.key.empty()) {
      return "--tls-cert and --tls-key go together: for each certificate its key, in that order";
    }
  }
  if (tls.client_ca.empty()) {
    if (tls.client_certificates == wire::ClientCertificates::kNone) return "";
    return "--tls-client-certificates needs --tls-client-ca, which says who may have issued them";
  }
  if (tls.certificates.empty()) return "--tls-client-ca needs --tls-cert and --tls-key";
  if (IsDefault("tls-client-certificates")) {
    tls.client_certificates = wire::ClientCertificates::kRequire;
    origins_.at(static_cast<size_t>(Find("tls-client-certificates") - table_.data())) =
        OriginOf("tls-client-ca");
  }
  return "";
}

std::string Configuration::MissingFile() const {
  for (const char* name : {"tls-cert", "tls-key", "tls-client-ca"}) {
    for (const std::string& path : Find(name)->show(options_)) {
      if (path.empty()) continue;
      const std::string why = WhyNotReadable(path);
      if (why.empty()) continue;
      const bool unnamed = IsDefault(name) || OriginOf(name) == "code";
      return "cannot read the file " + path + " that " + (unnamed ? name : OriginOf(name)) +
             " names: " + why + "; check the path, and that this user may read it";
    }
  }
  return "";
}

std::string Configuration::Print() const {
  constexpr size_t kColumn = 48;  // where the comments begin, if they can
  std::string text;
  std::string group;
  for (size_t row = 0; row < table_.size(); ++row) {
    const Option& option = table_[row];
    if (option.group != group) {
      text += (group.empty() ? "# " : "\n# ") + option.group + "\n";
      group = option.group;
    }
    std::vector<std::string> values = option.show(options_);
    if (values.empty()) values.emplace_back();
    for (const std::string& value : values) {
      std::string line = option.name + " =" + (value.empty() ? "" : " " + value) + " ";
      line.resize(std::max(line.size(), kColumn), ' ');
      text += line + "# " + origins_[row] + "\n";
    }
  }
  return text;
}

std::string ReadConfigFile(const std::string& path, std::string* text) {
  errno = 0;
  std::string why;
  std::ifstream file(path, std::ios::binary);
  if (file.is_open()) {
    text->resize(kConfigFileBytesMax + 1);
    file.read(text->data(), static_cast<std::streamsize>(text->size()));
    text->resize(static_cast<size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) {
    why = errno != 0 ? std::strerror(errno) : "reading it fails";
  } else if (text->size() > kConfigFileBytesMax) {
    why = "it is longer than " + std::to_string(kConfigFileBytesMax) + " octets";
  } else {
    return "";
  }
  return "cannot read the file " + path + " that --config or " + std::string(kConfigVariable) +
         " names: " + why + "; check the path, and that this user may read it";
}

std::string VariableIn(const char* const* environment, std::string_view name) {
  for (; *environment != nullptr; ++environment) {
    const std::string_view text = *environment;
    if (text.starts_with(name) && text.substr(name.size()).starts_with('=')) {
      return std::string(text.substr(name.size() + 1));
    }
  }
  return "";
}

}  // namespace penstock::server
