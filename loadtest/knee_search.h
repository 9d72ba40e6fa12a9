// KneeSearch: which rate to try next, to find the highest that a server can take.
//
//     KneeSearch search(1'000);
//     while (!search.done()) search.Note(IsGood(search.rate()));
//     search.knee();
//
// Rates are doubled while they are good, or halved until one is; then the gap between the highest
// good one and the lowest bad one is halved until it is 3 % of it. Chance spoils a good rate more
// often than it saves a bad one, so one that was bad is tried again before it counts.
//
// Pure: runs nothing itself.
// Limits: kTriesMax tries; rates from 1 to kRateMax.
#ifndef PENSTOCK_LOADTEST_KNEE_SEARCH_H_
#define PENSTOCK_LOADTEST_KNEE_SEARCH_H_

namespace penstock::loadtest {

class KneeSearch {
 public:
  static constexpr double kGapMax = 1.03;
  static constexpr double kRateMax = 1e8;
  static constexpr int kTriesMax = 100;

  // 1 <= first_rate <= kRateMax.
  explicit KneeSearch(double first_rate) : rate_(first_rate) {}

  bool done() const { return done_; }
  // Calls a second to try now.
  double rate() const { return rate_; }
  void Note(bool is_good);
  // The highest that was good; 0: none was.
  double knee() const { return good_; }

 private:
  void ChooseNext();

  double rate_;
  double good_ = 0;  // the highest
  double bad_ = 0;   // the lowest; 0: none yet
  bool was_bad_ = false;  // rate_, once
  int tries_count_ = 0;
  bool done_ = false;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_KNEE_SEARCH_H_
