#include "penstock/server/guards/token_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace penstock {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kHashPrefix = "sha256:";

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool ParseDigest(std::string_view text, guards::Sha256Digest* digest) {
  if (text.size() != 2 * digest->size()) return false;
  for (size_t i = 0; i < digest->size(); ++i) {
    const int high = HexDigit(text[2 * i]);
    const int low = HexDigit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    (*digest)[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

Status Mistake(size_t line_number, const std::string& sentence) {
  return MakeStatus(StatusCode::kInvalidArgument,
                    "line " + std::to_string(line_number) + " " + sentence);
}

}  // namespace

// Null where it is good; else the end of a sentence that begins with the line.
const char* TokenFile::ParseLine(std::string_view line, Entry* entry) {
  const size_t name_end = line.find_first_of(kBlanks);
  if (name_end == std::string_view::npos) return "is not \"NAME sha256:HASH\"";
  entry->name = line.substr(0, name_end);
  if (entry->name.size() > kNameBytesMax) return "has a name of more than 128 octets";
  const auto is_printable = [](char c) { return c > 0x20 && c < 0x7f; };
  if (!std::all_of(entry->name.begin(), entry->name.end(), is_printable)) {
    return "has a name that is not printable ASCII";
  }
  std::string_view hash = Trimmed(line.substr(name_end));
  if (!hash.starts_with(kHashPrefix)) {
    return "has no \"sha256:\" behind its name: tokens are kept hashed";
  }
  hash.remove_prefix(kHashPrefix.size());
  return ParseDigest(hash, &entry->digest) ? nullptr
                                           : "has a hash that is not of 64 hexadecimal digits";
}

StatusOr<TokenFile> TokenFile::Parse(std::string_view text) {
  if (text.size() > kFileBytesMax) {
    return MakeStatus(StatusCode::kInvalidArgument, "it has more than 1 MiB");
  }
  std::vector<Entry> entries;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    if (entries.size() == kTokensMax) return Mistake(number, "is one token more than 1000");
    Entry entry;
    if (const char* why = ParseLine(line, &entry); why != nullptr) return Mistake(number, why);
    for (const Entry& other : entries) {
      if (other.digest != entry.digest) continue;
      return Mistake(number, "has the token of '" + other.name + "': whose is it?");
    }
    entries.push_back(std::move(entry));
  }
  return TokenFile(std::move(entries));
}

TokenFile::TokenFile(std::vector<Entry> entries) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& left, const Entry& right) { return left.digest < right.digest; });
  auto tokens = std::make_shared<Tokens>();
  for (Entry& entry : entries) {
    tokens->digests.push_back(entry.digest);
    tokens->names.push_back(std::move(entry.name));
  }
  tokens_ = std::move(tokens);
}

StatusOr<TokenFile> TokenFile::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kFileBytesMax + 1, '\0');
  if (file.is_open()) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return MakeStatus(StatusCode::kNotFound, "cannot read the tokens in " + path + ": " +
                                                 std::strerror(errno));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  StatusOr<TokenFile> parsed = Parse(text);
  if (parsed.ok()) return parsed;
  return MakeStatus(parsed.status().code(), "cannot use the tokens in " + path + ": " +
                                                std::string(MessageOf(parsed.status())));
}

StatusOr<Identity> TokenFile::Verify(Call&, std::string_view token) const {
  if (token.size() <= kTokenBytesMax) {
    const std::vector<guards::Sha256Digest>& digests = tokens_->digests;
    const guards::Sha256Digest digest = guards::Sha256(token);
    const auto found = std::lower_bound(digests.begin(), digests.end(), digest);
    if (found != digests.end() && *found == digest) {
      const auto index = static_cast<size_t>(found - digests.begin());
      return Identity{IdentityKind::kToken, tokens_->names[index]};
    }
  }
  return MakeStatus(StatusCode::kUnauthenticated, "the token is not known here");
}

}  // namespace penstock
