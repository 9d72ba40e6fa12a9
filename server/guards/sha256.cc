// OpenSSL 3 calls these functions deprecated, and has them still. What it wants in their place
// allocates a context for each hash, and an RPC allocates nothing.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "penstock/server/guards/sha256.h"

#include <openssl/sha.h>

#include "penstock/wire/check.h"

namespace penstock::guards {

Sha256Digest Sha256(std::string_view text) {
  static_assert(sizeof(Sha256Digest) == SHA256_DIGEST_LENGTH);
  Sha256Digest digest;
  SHA256_CTX context;
  const bool is_done = SHA256_Init(&context) == 1 &&
                       SHA256_Update(&context, text.data(), text.size()) == 1 &&
                       SHA256_Final(digest.data(), &context) == 1;
  PENSTOCK_CHECK(is_done, "SHA-256 of octets in memory cannot fail");
  return digest;
}

}  // namespace penstock::guards
