// Fuzzes what peers send as authorization, and what an operator writes as a file of tokens.
#include "penstock/server/guards/bearer.h"
#include "penstock/server/guards/token_file.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  using namespace penstock;
  const std::string_view text = wire::AsString(wire::Bytes(input, size));
  if (const std::optional<std::string_view> token = guards::ParseBearer(text)) {
    PENSTOCK_CHECK(!token->empty() && token->size() <= guards::kTokenBytesMax,
                   "a token is within its limit");
    PENSTOCK_CHECK(text.ends_with(*token), "it is what stands at the end");
    PENSTOCK_CHECK(token->find_first_of(" ,\r\n") == std::string_view::npos, "and is one word");
  }
  const StatusOr<TokenFile> file = TokenFile::Parse(text);
  PENSTOCK_CHECK(!file.ok() || file->tokens_count() <= TokenFile::kTokensMax, "within its limit");
  return 0;
}
