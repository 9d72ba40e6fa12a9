#include "penstock/server/option.h"

#include <cctype>
#include <optional>
#include <string_view>
#include <utility>

#include "penstock/wire/suggestion.h"
#include "penstock/wire/units.h"

namespace penstock::server {
namespace {

constexpr std::string_view kNever = "never";

std::string_view FormOf(NumberKind kind) {
  switch (kind) {
    case NumberKind::kCount:
      return "N";
    case NumberKind::kBytes:
      return "BYTES";
    case NumberKind::kSpan:
      return "TIME";
  }
  return "";
}

std::optional<int64_t> Parse(NumberKind kind, const std::string& text) {
  switch (kind) {
    case NumberKind::kCount:
      return wire::ParseCount(text);
    case NumberKind::kBytes:
      return wire::ParseByteSize(text);
    case NumberKind::kSpan:
      return wire::ParseSpan(text);
  }
  return std::nullopt;
}

std::string Format(NumberKind kind, int64_t value) {
  switch (kind) {
    case NumberKind::kCount:
      return std::to_string(value);
    case NumberKind::kBytes:
      return wire::FormatByteSize(static_cast<uint64_t>(value));
    case NumberKind::kSpan:
      break;
  }
  return value == kTimeNever ? std::string(kNever) : wire::FormatSpan(value);
}

// A number nobody would write is no bound to tell of.
constexpr int64_t kTellableMax = std::numeric_limits<uint32_t>::max();

// `was_above`: the value that is refused was too large, so that the bound is told all the same.
std::string Allowed(NumberKind kind, Bounds bounds, bool was_above) {
  std::string text(kind == NumberKind::kCount   ? "a whole number"
                   : kind == NumberKind::kBytes ? "a size such as 1000, 64KiB or 4MiB"
                                                : "a time such as 500ms, 30s or 1m30s");
  text += ", at least " + Format(kind, bounds.least);
  const bool is_tellable =
      kind == NumberKind::kSpan ? bounds.most != kTimeNever : bounds.most < kTellableMax;
  if (is_tellable || was_above) {
    text += " and at most " + Format(kind, bounds.most);
  }
  if (bounds.never) text += ", or never";
  return text;
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::optional<bool> ParseSwitch(const std::string& text) {
  for (const char* yes : {"true", "on", "yes", "1"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"false", "off", "no", "0"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

}  // namespace

Option MakeNumber(NumberKind kind, std::string name, Place<int64_t> place, Bounds bounds,
                  std::string help) {
  Option option;
  option.name = std::move(name);
  option.form = FormOf(kind);
  option.help = std::move(help);
  option.take = [kind, bounds, set = place.set](const std::vector<std::string>& values,
                                                ServerOptions* options) -> std::string {
    const std::string& text = values.front();
    if (bounds.never && text == kNever) {
      set(options, kTimeNever);
      return "";
    }
    const std::optional<int64_t> value = Parse(kind, text);
    if (!value || *value < bounds.least || *value > bounds.most) {
      return "write " + Allowed(kind, bounds, value && *value > bounds.most);
    }
    set(options, *value);
    return "";
  };
  option.show = [kind, get = place.get](const ServerOptions& options) {
    return std::vector<std::string>{Format(kind, get(options))};
  };
  return option;
}

Option MakeChoice(std::string name, std::vector<std::string> choices, Place<int64_t> place,
                  std::string help) {
  Option option;
  option.name = std::move(name);
  option.form = "WORD";
  option.help = std::move(help);
  option.take = [choices, set = place.set](const std::vector<std::string>& values,
                                           ServerOptions* options) -> std::string {
    const auto found = std::find(choices.begin(), choices.end(), values.front());
    if (found == choices.end()) {
      return "write " + Join(choices) + DidYouMean(values.front(), choices);
    }
    set(options, found - choices.begin());
    return "";
  };
  option.show = [choices, get = place.get](const ServerOptions& options) {
    return std::vector<std::string>{choices[static_cast<size_t>(get(options))]};
  };
  return option;
}

Option MakeSwitch(std::string name, Place<bool> place, std::string help) {
  Option option;
  option.name = std::move(name);
  option.form = "true|false";
  option.help = std::move(help);
  option.is_switch = true;
  option.take = [set = place.set](const std::vector<std::string>& values,
                                  ServerOptions* options) -> std::string {
    const std::optional<bool> value = ParseSwitch(values.front());
    if (!value) return "write true or false";
    set(options, *value);
    return "";
  };
  option.show = [get = place.get](const ServerOptions& options) {
    return std::vector<std::string>{get(options) ? "true" : "false"};
  };
  return option;
}

Option Text(std::string name, std::string ServerOptions::*member, std::string form,
            TextCheck check, std::string help) {
  Option option;
  option.name = std::move(name);
  option.form = std::move(form);
  option.help = std::move(help);
  option.take = [member, check](const std::vector<std::string>& values,
                                ServerOptions* options) -> std::string {
    const std::string& text = values.front();
    if (!text.empty() && check != nullptr) {
      if (std::string why = check(text); !why.empty()) return why;
    }
    options->*member = text;
    return "";
  };
  option.show = [member](const ServerOptions& options) {
    return std::vector<std::string>{options.*member};
  };
  return option;
}

std::string FlagOf(const std::string& name) { return "--" + name; }

std::string VariableOf(const std::string& name) {
  std::string variable = "PENSTOCK_" + name;
  for (char& c : variable) {
    c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return variable;
}

std::string DidYouMean(const std::string& word, const std::vector<std::string>& known) {
  const std::string nearest = wire::NearestOf(word, known);
  return nearest.empty() ? "" : ", did you mean " + nearest + "?";
}

}  // namespace penstock::server
