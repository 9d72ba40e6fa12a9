// TokenBucket: so many at once, and so many a second for ever. It asks no clock.
//
//     TokenBucket bucket;
//     if (!bucket.Take({.burst = 1000, .per_second = 100}, now)) ...  // the 1001st at once
//
// A bucket begins full. It counts what is missing, in billionths of a token, so that a new one
// needs to know neither rate nor time.
#ifndef PENSTOCK_HTTP2_TOKEN_BUCKET_H_
#define PENSTOCK_HTTP2_TOKEN_BUCKET_H_

#include <cstdint>

#include "penstock/wire/time.h"

namespace penstock::http2 {

struct TokenRate {
  uint32_t burst;       // at most 2^32 - 1 tokens at once
  uint32_t per_second;  // 0: what is taken does not come back
};

class TokenBucket {
 public:
  // False when none is left; nothing is taken then. `now` never goes back.
  [[nodiscard]] bool Take(TokenRate rate, TimeNs now) {
    Refill(rate.per_second, static_cast<uint64_t>(now - updated_at_));
    updated_at_ = now;
    if (missing_ + kNsPerSecond > uint64_t{rate.burst} * kNsPerSecond) return false;
    missing_ += kNsPerSecond;
    return true;
  }

 private:
  // Compared before it is multiplied: a product that could overflow is more than what is missing.
  void Refill(uint64_t per_second, uint64_t elapsed_ns) {
    if (per_second == 0) return;
    missing_ = elapsed_ns > missing_ / per_second ? 0 : missing_ - elapsed_ns * per_second;
  }

  uint64_t missing_ = 0;  // tokens * 10^9
  TimeNs updated_at_ = 0;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_TOKEN_BUCKET_H_
