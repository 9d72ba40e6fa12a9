#include "penstock/rpc/encodings.h"

#include <algorithm>

#include "penstock/rpc/content_type.h"

namespace penstock::rpc {
namespace {

constexpr std::string_view kIdentityName = "identity";

bool IsUpperCase(char c) { return c >= 'A' && c <= 'Z'; }

std::string_view WithoutBlanks(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

const char* Encodings::Add(wire::Compression compression) {
  const std::string& name = compression.name;
  // Both are tokens of HTTP, and both are short for the same reason.
  if (!IsSubtype(name) || std::any_of(name.begin(), name.end(), &IsUpperCase)) {
    return "is not a name for an encoding: a lower-case token of at most 32 characters is one";
  }
  const Encoding known = Find(name);
  if (known == Encoding::kIdentity) return "means that nothing is compressed";
  if (known != Encoding::kUnknown) {
    compressions_[static_cast<size_t>(known) - 1] = std::move(compression);
    return nullptr;
  }
  if (compressions_.size() == kEncodingsMax) return "is one encoding too many: 31 are the most";
  accepted_ += "," + name;
  compressions_.push_back(std::move(compression));
  return nullptr;
}

Encoding Encodings::Find(std::string_view name) const {
  if (name.empty() || EqualsIgnoringCase(name, kIdentityName)) return Encoding::kIdentity;
  for (size_t i = 0; i < compressions_.size(); ++i) {
    if (EqualsIgnoringCase(name, compressions_[i].name)) return static_cast<Encoding>(i + 1);
  }
  return Encoding::kUnknown;
}

std::string_view Encodings::NameOf(Encoding encoding) const {
  const size_t index = static_cast<size_t>(encoding);
  if (index == 0 || index > compressions_.size()) return {};
  return compressions_[index - 1].name;
}

EncodingSet Encodings::ReadAccepted(std::string_view field) const {
  EncodingSet accepted;
  for (;;) {
    const size_t comma = field.find(',');
    const Encoding encoding = Find(WithoutBlanks(field.substr(0, comma)));
    if (encoding != Encoding::kUnknown) accepted.Add(encoding);
    if (comma == std::string_view::npos) return accepted;
    field.remove_prefix(comma + 1);
  }
}

std::unique_ptr<wire::Compressor> Encodings::Make(Encoding encoding) const {
  return compressions_[static_cast<size_t>(encoding) - 1].make();
}

}  // namespace penstock::rpc
