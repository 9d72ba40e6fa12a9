// AskShards: a question to shards of the server, each of which answers for what is its own, in a
// letter: nothing of theirs is read from outside.
//
//     std::vector<uint64_t> counts;
//     co_await Try(co_await AskShards<uint64_t>(call, shards, ask, &counts));
//
// Ownership: `ask` runs on every shard, perhaps after the call has ended: it owns what it refers
//            to. An answer owns what it refers to, too. `answers` lives until the task completes.
// Limits:    kSurveyNsMax for all of them; a shard that is slower, whose mailbox is full, or that
//            ends, makes the answer UNAVAILABLE.
#ifndef PENSTOCK_SERVER_BUILTIN_SHARD_SURVEY_H_
#define PENSTOCK_SERVER_BUILTIN_SHARD_SURVEY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "penstock/reactor/shard.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/channel.h"
#include "penstock/rpc/select.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"
#include "penstock/server/shard_state.h"

namespace penstock::server {

inline constexpr TimeNs kSurveyNsMax = kNsPerSecond;

template <typename Answer>
class Survey {
 public:
  using Ask = std::function<Answer(ShardState&)>;

  // On the shard that asks, `home`.
  Survey(reactor::Shard* home, Ask ask, size_t count)
      : home_(*home), ask_(std::move(ask)), answers_(count), answered_(count) {}

  // False: the shard takes no letter.
  static bool Send(const std::shared_ptr<Survey>& survey, ShardState* state, size_t index) {
    auto letter = std::make_unique<Letter>(Letter{survey, state, index});
    if (!state->shard.Post(&Survey::OnAsked, letter.get())) return false;
    (void)letter.release();
    return true;
  }

  // On the shard that asks.
  Channel<size_t>& answered() { return answered_; }
  std::vector<Answer>& answers() { return answers_; }

 private:
  struct Letter {
    std::shared_ptr<Survey> survey;
    ShardState* state;
    size_t index;
  };

  // On the shard that is asked. Its place among the answers is its own until the letter is back.
  static void OnAsked(void* context, uint64_t) {
    std::unique_ptr<Letter> letter(static_cast<Letter*>(context));
    Survey& survey = *letter->survey;
    survey.answers_[letter->index] = survey.ask_(*letter->state);
    if (survey.home_.Post(&Survey::OnAnswered, letter.get())) (void)letter.release();
  }
  static void OnAnswered(void* context, uint64_t) {
    const std::unique_ptr<Letter> letter(static_cast<Letter*>(context));
    (void)letter->survey->answered_.TrySend(letter->index);
  }

  reactor::Shard& home_;
  const Ask ask_;
  std::vector<Answer> answers_;
  Channel<size_t> answered_;
};

template <typename Answer>
Task<Status> AskShards(Call& call, std::vector<ShardState*> states,
                       typename Survey<Answer>::Ask ask, std::vector<Answer>* answers) {
  const auto survey =
      std::make_shared<Survey<Answer>>(&call.shard(), std::move(ask), states.size());
  for (size_t i = 0; i < states.size(); ++i) {
    if (Survey<Answer>::Send(survey, states[i], i)) continue;
    co_return MakeStatus(StatusCode::kUnavailable,
                         "a shard of the server has too much to do to answer: ask again");
  }
  Sleep patience(call, kSurveyNsMax);
  for (size_t count = 0; count < states.size(); ++count) {
    auto answered = survey->answered().Receive(call);
    if (co_await Select(answered, patience) == 1) {
      co_await Try(co_await patience);
      co_return MakeStatus(StatusCode::kUnavailable,
                           "a shard of the server has not answered in time: ask again");
    }
    co_await Try(co_await answered);
  }
  *answers = std::move(survey->answers());
  co_return OkStatus();
}

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_BUILTIN_SHARD_SURVEY_H_
