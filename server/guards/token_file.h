// TokenFile: bearer tokens in a file, hashed: whoever reads it cannot call with what stands there.
//
//     # name   SHA-256 of the token, by: printf %s "$TOKEN" | sha256sum
//     anna     sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
//
//     StatusOr<TokenFile> tokens = TokenFile::Load("/etc/shop/tokens");
//     if (!tokens.ok()) ...
//     server.registry().Intercept(Authenticate(policy, *tokens));
//
// Tokens are random and long, as by `openssl rand -hex 32`: of a password the hash alone, without a
// salt, protects nothing. A name may stand there with several tokens, the old one and the new.
//
// Limits:    kTokensMax tokens; kFileBytesMax; tokens that come with more than kTokenBytesMax
//            octets are refused unhashed.
// Threading: any; copies share the tokens.
#ifndef PENSTOCK_SERVER_GUARDS_TOKEN_FILE_H_
#define PENSTOCK_SERVER_GUARDS_TOKEN_FILE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/rpc/call.h"
#include "penstock/rpc/status_or.h"
#include "penstock/server/guards/identity.h"
#include "penstock/server/guards/sha256.h"

namespace penstock {

class TokenFile {
 public:
  static constexpr size_t kTokensMax = 1000;
  static constexpr size_t kFileBytesMax = 1024 * 1024;
  static constexpr size_t kNameBytesMax = 128;
  // In octets. Who repeats a header field sends one octet for it, and has it hashed each time.
  static constexpr size_t kTokenBytesMax = 512;

  // Blocks. NOT_FOUND where it cannot be read; else as Parse(). Sentences name the line, and
  // nothing that stands there.
  static StatusOr<TokenFile> Load(const std::string& path);
  // INVALID_ARGUMENT for what is no list of tokens, has one of them twice, or exceeds a limit.
  static StatusOr<TokenFile> Parse(std::string_view text);

  // kToken, and its name; UNAUTHENTICATED. How long that takes may tell something of the hashes
  // that are there; what has a hash of which a part is known is as hard to find as ever.
  // Ownership: the name lives as long as the file and its copies.
  StatusOr<Identity> Verify(Call& call, std::string_view token) const;

  size_t tokens_count() const { return tokens_->digests.size(); }

 private:
  struct Entry {
    guards::Sha256Digest digest;
    std::string name;
  };

  // Apart, as only digests are searched: sorted, each with its name at the same index.
  struct Tokens {
    std::vector<guards::Sha256Digest> digests;
    std::vector<std::string> names;
  };

  explicit TokenFile(std::vector<Entry> entries);

  static const char* ParseLine(std::string_view line, Entry* entry);

  std::shared_ptr<const Tokens> tokens_;
};

}  // namespace penstock

#endif  // PENSTOCK_SERVER_GUARDS_TOKEN_FILE_H_
