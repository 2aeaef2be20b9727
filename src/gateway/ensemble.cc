#include "gateway/ensemble.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <cmath>

#include "gateway/fan_out.h"
#include "gateway/time_limit.h"
#include "policy/merge/chain.h"
#include "policy/merge/judge.h"
#include "policy/merge/list.h"

namespace orchestra {
namespace {

// The part of a deadline that members get where a judge comes behind them.
constexpr int kMembersPercent = 70;

std::unexpected<Error> wrong(std::string param, std::string what) {
  return fail(Error{
      .fault = Fault::kUnprocessable, .what = std::move(what), .code = "invalid_request", .param = std::move(param)});
}

// One ensemble at work. Loop-bound; lives in the frame of run_ensemble.
class EnsembleRun {
 public:
  EnsembleRun(Asker& asker, const Clock& clock, EnsemblePlan plan, std::string question, std::optional<Micros> limit)
      : asker_(asker),
        clock_(clock),
        plan_(std::move(plan)),
        question_(std::move(question)),
        limit_(clock, limit),
        replies_(plan_.members.size()) {}

  Task<EnsembleAnswer> run() {
    if (plan_.merge->asking == Asking::kInTurn) {
      CO_TRY_VOID(co_await ask_in_turn());
    } else {
      CO_TRY_VOID(co_await ask_together());
    }
    const auto answers = answered();
    EnsembleAnswer answer;
    if (answers.empty()) {
      answer.replies = finished_replies();
      co_return fail(nobody_answered(answer.replies));
    }
    answer.merged = plan_.merge->combine(answers);
    if (plan_.merge->asking == Asking::kJudged && answers.size() > 1) CO_TRY_VOID(co_await judge(answers, answer));
    if (answer.merged.winner) answer.merged.winner = members_[*answer.merged.winner];
    answer.replies = finished_replies();
    co_return answer;
  }

 private:
  // Those that have answered so far, with the index of each in members_.
  std::vector<MemberAnswer> answered() {
    std::vector<MemberAnswer> answers;
    members_.clear();
    for (std::size_t i = 0; i < replies_.size(); ++i) {
      if (!replies_[i] || replies_[i]->error) continue;
      members_.push_back(i);
      answers.push_back({.model = replies_[i]->model,
                         .text = replies_[i]->text,
                         .weight = plan_.weights[i],
                         .confidence = replies_[i]->confidence});
    }
    return answers;
  }

  bool decided() {
    if (plan_.merge->decided == nullptr) return false;
    std::size_t missing = 0;
    double weight = 0;
    for (std::size_t i = 0; i < replies_.size(); ++i) {
      if (replies_[i]) continue;
      ++missing;
      weight += plan_.weights[i];
    }
    const auto answers = answered();
    decided_ = missing > 0 && !answers.empty() && plan_.merge->decided(answers, missing, weight);
    return decided_;
  }

  Task<void> ask_member(std::size_t member) {
    CO_TRY(replies_[member],
           co_await asker_.ask({.model = plan_.members[member], .probabilities = true, .limit = limit_.left()}));
    co_return Result<void>();
  }

  Task<void> ask_together() {
    const auto until = limit_.after(plan_.merge->asking == Asking::kJudged ? kMembersPercent : 100);
    std::vector<Job> jobs;
    for (std::size_t i = 0; i < replies_.size(); ++i) {
      jobs.emplace_back([this, i] { return ask_member(i); });
    }
    FanOut options{.limit = jobs.size(), .until = until, .enough = [this] { return decided(); }};
    co_return co_await fan_out(std::move(jobs), clock_, std::move(options));
  }

  Task<void> ask_in_turn() {
    std::optional<std::size_t> last;
    for (std::size_t i = 0; i < replies_.size(); ++i) {
      if (limit_.over()) break;
      Question question{.model = plan_.members[i], .probabilities = true, .limit = limit_.left()};
      if (last) question.prompt = chain_prompt(question_, replies_[*last]->text);
      CO_TRY(replies_[i], co_await asker_.ask(std::move(question)));
      if (co_await cancelled()) co_return caller_left();
      if (!replies_[i]->error) last = i;
    }
    co_return Result<void>();
  }

  Task<void> judge(const std::vector<MemberAnswer>& answers, EnsembleAnswer& answer) {
    if (limit_.over()) co_return Result<void>();
    CO_TRY(answer.judge, co_await asker_.ask({.model = plan_.judge.empty() ? plan_.members.front() : plan_.judge,
                                              .prompt = judge_prompt(question_, answers),
                                              .verdict = true,
                                              .limit = limit_.left()}));
    if (co_await cancelled()) co_return caller_left();
    const auto verdict = answer.judge->error ? std::nullopt : read_verdict(answer.judge->text, answers.size());
    if (!verdict) co_return Result<void>();
    answer.judged = true;
    // How sure a judge is of its pick is not known; what is known of the answer itself is.
    answer.merged = {
        .text = std::string(answers[*verdict].text), .winner = verdict, .confidence = answers[*verdict].confidence};
    co_return Result<void>();
  }

  // With what became of those who were cut off.
  std::vector<Reply> finished_replies() {
    const Error cut = decided_ ? Error{.fault = Fault::kCancelled,
                                       .what = "Its answer could not change the result any more.",
                                       .code = "not_needed"}
                               : Error{.fault = Fault::kTimeout, .what = "It had not answered by the deadline."};
    std::vector<Reply> all;
    for (std::size_t i = 0; i < replies_.size(); ++i) {
      Reply& reply =
          all.emplace_back(replies_[i] ? std::move(*replies_[i]) : Reply{.model = plan_.members[i], .error = cut});
      if (reply.error && reply.error->fault == Fault::kCancelled) reply.error = cut;
    }
    return all;
  }

  Asker& asker_;
  const Clock& clock_;
  const EnsemblePlan plan_;
  const std::string question_;
  const TimeLimit limit_;
  std::vector<std::optional<Reply>> replies_;  // by member; empty: not yet, or never asked
  std::vector<std::size_t> members_;           // of the answers that `answered` gave last
  bool decided_ = false;
};

}  // namespace

Result<EnsemblePlan> plan_ensemble(EnsembleWishes wishes) {
  EnsemblePlan plan;
  TRY(plan.merge, find_merge(wishes.merge.empty() ? "best_confidence" : std::string_view(wishes.merge)));
  if (wishes.members.empty() || wishes.members.size() > kMostMembers) {
    return wrong("members", fmt::format("An ensemble has 1 to {} members.", kMostMembers));
  }
  for (const auto& [name, weight] : wishes.weights) {
    if (!std::isfinite(weight) || weight <= 0) return wrong("weights", "Weights must be above 0.");
    if (std::ranges::find(wishes.members, name) == wishes.members.end()) {
      return wrong("weights", fmt::format("There is a weight for \"{:.60}\", which is no member.", name));
    }
  }
  for (const std::string& member : wishes.members) {
    const auto weight = wishes.weights.find(member);
    plan.weights.push_back(weight != wishes.weights.end() ? weight->second : 1.0);
  }
  plan.members = std::move(wishes.members);
  plan.judge = std::move(wishes.judge);
  return plan;
}

Task<EnsembleAnswer> run_ensemble(Asker& asker, const Clock& clock, EnsemblePlan plan, std::string question,
                                  std::optional<Micros> limit) {
  // A caller who leaves ends the step under way; behind it is asked whether that was so.
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  EnsembleRun run(asker, clock, std::move(plan), std::move(question), limit);
  co_return co_await run.run();
}

Error nobody_answered(const std::vector<Reply>& replies) {
  if (replies.empty()) return {.fault = Fault::kTimeout, .what = "The deadline came before a model could be asked."};
  Error error = *replies.front().error;
  if (replies.size() == 1) return error;
  std::string what = fmt::format("None of {} models answered.", replies.size());
  for (const Reply& reply : replies) what += fmt::format(" {}: {}", reply.model, reply.error->what);
  error.what = std::move(what);
  return error;
}

}  // namespace orchestra
