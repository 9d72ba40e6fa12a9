// Question: what the admin port asks one shard: one letter under way at a time. A shard that is
// stuck in a handler finds one of them when it goes on, not one for each page that was loaded
// meanwhile: those would fill its mailbox in the end.
//
//     if (!question.under_way()) question.Begin(std::move(answer));
//     if (std::optional<Trace> trace = question.Take(kBriefNs)) ...
//
// Threading: the admin port's; the promise of the answer is the shard's.
// Limits:    kPatienceNs: a shard that has not answered by then is stuck, and not waited for.
#ifndef PENSTOCK_SERVER_ADMIN_QUESTION_H_
#define PENSTOCK_SERVER_ADMIN_QUESTION_H_

#include <chrono>
#include <future>
#include <optional>
#include <utility>

#include "penstock/reactor/cpu.h"
#include "penstock/wire/time.h"

namespace penstock::server {

// How long the port's thread rests for an answer: for most that is enough. A page that needs longer
// is asked for again, and others are answered meanwhile.
inline constexpr TimeNs kBriefNs = 5 * kNsPerMs;

template <typename AnswerType>
class Question {
 public:
  static constexpr TimeNs kPatienceNs = kNsPerSecond;

  bool under_way() const { return answer_.valid(); }
  bool is_late() const { return under_way() && reactor::ReadClock() - asked_at_ >= kPatienceNs; }
  // When the latest one was asked.
  TimeNs asked_at() const { return asked_at_; }

  // The letter has been posted. Only where none is under way.
  void Begin(std::future<AnswerType> answer) {
    answer_ = std::move(answer);
    asked_at_ = reactor::ReadClock();
  }

  // The answer, if there is one within `wait_ns`; then the question is over.
  std::optional<AnswerType> Take(TimeNs wait_ns) {
    if (!answer_.valid()) return std::nullopt;
    const auto wait = std::chrono::nanoseconds(wait_ns);
    if (answer_.wait_for(wait) != std::future_status::ready) return std::nullopt;
    return answer_.get();
  }

 private:
  std::future<AnswerType> answer_;
  TimeNs asked_at_ = 0;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_QUESTION_H_
