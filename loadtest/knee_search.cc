#include "penstock/loadtest/knee_search.h"

#include <algorithm>
#include <cmath>

namespace penstock::loadtest {

void KneeSearch::Note(bool is_good) {
  if (++tries_count_ >= kTriesMax) done_ = true;
  if (!is_good && !was_bad_) {
    was_bad_ = true;
    return;
  }
  was_bad_ = false;
  (is_good ? good_ : bad_) = rate_;
  ChooseNext();
}

void KneeSearch::ChooseNext() {
  if (bad_ == 0) {
    done_ |= rate_ >= kRateMax;
    rate_ = std::min(2 * rate_, kRateMax);
  } else if (good_ == 0) {
    done_ |= rate_ <= 1;
    rate_ = std::max(rate_ / 2, 1.0);
  } else {
    done_ |= bad_ <= kGapMax * good_ || bad_ - good_ <= 1;
    rate_ = std::round((good_ + bad_) / 2);
  }
}

}  // namespace penstock::loadtest
