#include "penstock/server/configuration.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <utility>

#include "penstock/wire/suggestion.h"

namespace penstock::server {
namespace {

constexpr std::string_view kVariablePrefix = "PENSTOCK_";
constexpr std::string_view kBlanks = " \t\r";
// Origins of what no operator has set.
constexpr char kOfNobody[] = "default";
constexpr char kOfCode[] = "code";

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

// "PENSTOCK_", "PENSTOCK_CART_": what the variables begin with that Kubernetes makes for services
// of that name. Each has its NAME_SERVICE_HOST; where there is none, a NAME_PORT is a slip.
std::vector<std::string_view> ServicesIn(const char* const* environment) {
  constexpr std::string_view kHost = "SERVICE_HOST";
  std::vector<std::string_view> services;
  for (; *environment != nullptr; ++environment) {
    const std::string_view text = *environment;
    const std::string_view name = text.substr(0, text.find('='));
    if (!name.starts_with(kVariablePrefix) || !name.ends_with(kHost)) continue;
    const std::string_view service = name.substr(0, name.size() - kHost.size());
    if (service.ends_with('_')) services.push_back(service);
  }
  return services;
}

// Whether Kubernetes makes such a variable for one of the services: SERVICE_HOST, SERVICE_PORT,
// SERVICE_PORT_GRPC, PORT=tcp://10.0.0.1:50051, PORT_50051_TCP_ADDR.
// Source: Kubernetes, "Discovering services", environment variables
bool IsServiceLink(std::string_view name, std::string_view value,
                   const std::vector<std::string_view>& services) {
  return std::any_of(services.begin(), services.end(), [=](std::string_view service) {
    if (!name.starts_with(service)) return false;
    const std::string_view rest = name.substr(service.size());
    if (rest == "PORT") return value.find("://") != std::string_view::npos;
    return rest == "SERVICE_HOST" || rest == "SERVICE_PORT" || rest.starts_with("SERVICE_PORT_") ||
           rest.starts_with("PORT_");
  });
}

// The text of a file for a line of a terminal: no longer than one, and nothing moves the cursor.
std::string Shown(std::string_view text) {
  constexpr size_t kShownBytesMax = 100;
  constexpr char kDigits[] = "0123456789abcdef";
  std::string shown;
  for (const char c : text.substr(0, kShownBytesMax)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet != 0x7f) {
      shown += c;
    } else {
      shown += std::string("\\x") + kDigits[octet >> 4] + kDigits[octet & 15];
    }
  }
  return text.size() > kShownBytesMax ? shown + "..." : shown;
}

// With quotes where one would not see it as it is.
std::string Quoted(const std::string& value) {
  return Trim(value).size() == value.size() && !value.empty() ? value : "\"" + value + "\"";
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
    origins_.emplace_back(option.show(options_) == option.show(defaults) ? kOfNobody : kOfCode);
  }
}

const Option* Configuration::Find(std::string_view name) const {
  const auto found = std::find_if(table_.begin(), table_.end(),
                                  [name](const Option& option) { return option.name == name; });
  return found == table_.end() ? nullptr : &*found;
}

bool Configuration::IsSet(std::string_view name) const {
  return OriginOf(name) != kOfNobody && OriginOf(name) != kOfCode;
}

const std::string& Configuration::OriginOf(std::string_view name) const {
  return origins_.at(static_cast<size_t>(Find(name) - table_.data()));
}

// Where a sentence about the option's value points.
std::string Configuration::Cite(const std::string& name) const {
  const std::string& origin = OriginOf(name);
  if (!IsSet(name)) return name;
  if (origin == FlagOf(name) || origin == VariableOf(name)) return origin;
  return origin + ": " + name;
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
  // `--tls-client-ca "$CA"` without that variable would let everybody in. A file may say so: it is
  // how --print-config writes what is not set.
  const bool has_empty = std::find(values.begin(), values.end(), "") != values.end();
  if (option.form == "FILE" && has_empty) {
    return flag + ": the name of a file should stand here, and is empty";
  }
  std::string shown = flag;
  for (const std::string& value : values) shown += " " + Quoted(value);
  return Take(option, values, flag, shown);
}

// What all of them begin with is no likeness.
std::string Configuration::DidYouMeanVariable(std::string_view name) const {
  std::vector<std::string> known = {std::string(kConfigVariable.substr(kVariablePrefix.size()))};
  for (const Option& option : table_) {
    known.push_back(VariableOf(option.name).substr(kVariablePrefix.size()));
  }
  std::string nearest =
      wire::NearestOf(std::string(name.substr(kVariablePrefix.size())), known);
  if (nearest.empty()) return "";
  return ", did you mean " + nearest.insert(0, kVariablePrefix) + "?";
}

std::string Configuration::TakeEnvironment(const char* const* environment) {
  const std::vector<std::string_view> services = ServicesIn(environment);
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
      if (IsServiceLink(name, value, services)) continue;
      return "the environment's " + name + " is no option" + DidYouMeanVariable(name);
    }
    if (value.empty()) continue;
    const std::vector<std::string> values =
        found->repeatable ? SplitAtCommas(value) : std::vector<std::string>{value};
    if (std::string why = Take(*found, values, name, name + "=" + value); !why.empty()) return why;
  }
  return "";
}

std::string Configuration::TakeText(const std::string& path, std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // of editors of other systems
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
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
      return where + Shown(line) + ": write NAME = VALUE, or # and a comment";
    }
    const std::string name(Trim(line.substr(0, equals)));
    const std::string value(Trim(line.substr(equals + 1)));
    const Option* option = Find(name);
    if (option == nullptr) {
      return where + Shown(name) + " is no option" + DidYouMean(Shown(name), NamesOf(table_));
    }
    Line& known = lines[option];
    if (!known.values.empty() && !option->repeatable) {
      return where + name + " is set in line " + std::to_string(known.number) +
             ", too; set it once";
    }
    if (known.values.empty()) known.number = number;
    known.values.push_back(value);
    // Of several, each is judged where it stands.
    const std::string shown = where + name + " = " + Shown(value);
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
      return Cite(pair.key.empty() ? "tls-cert" : "tls-key") +
             ": tls-cert and tls-key go together, for each certificate its key, in that order";
    }
  }
  if (tls.certificates.empty() && tls.allow_cleartext) {
    return Cite("tls-allow-cleartext") +
           " is for servers that speak TLS, and without tls-cert and tls-key there is nothing but "
           "cleartext: give them, or leave it out";
  }
  if (tls.client_ca.empty()) {
    if (tls.client_certificates == wire::ClientCertificates::kNone) return "";
    return Cite("tls-client-certificates") +
           " needs tls-client-ca, which says who may have issued them";
  }
  if (tls.certificates.empty()) return Cite("tls-client-ca") + " needs tls-cert and tls-key";
  const bool is_implied = OriginOf("tls-client-certificates") == kOfNobody;
  if (!is_implied && tls.client_certificates == wire::ClientCertificates::kNone) {
    return Cite("tls-client-certificates") + " = none asks nobody for a certificate, and " +
           Cite("tls-client-ca") + " does nothing then: write request or require, or leave it out";
  }
  if (is_implied) tls.client_certificates = wire::ClientCertificates::kRequire;
  if (tls.client_certificates == wire::ClientCertificates::kRequire && tls.allow_cleartext) {
    return Cite("tls-allow-cleartext") + " lets clients in without a certificate, and " +
           Cite(is_implied ? "tls-client-ca" : "tls-client-certificates") +
           " requires one: write tls-client-certificates = request until the last client speaks "
           "TLS, or leave one of them out";
  }
  if (is_implied) {
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
      return "cannot read the file " + path + " that " + (IsSet(name) ? OriginOf(name) : name) +
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
  std::string why, so = "check the path, and that this user may read it";
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
    so = "is it the right one?";
  } else if (text->find('\0') != std::string::npos) {
    why = "it is no text";
    so = "is it the right one?";
  } else {
    return "";
  }
  return "cannot read the file " + path + " that --config or " + std::string(kConfigVariable) +
         " names: " + why + "; " + so;
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
