#include "gateway/cascade.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <limits>

#include "gateway/crew.h"
#include "gateway/ensemble.h"
#include "gateway/time_limit.h"
#include "policy/merge/agreement.h"
#include "policy/merge/judge.h"

namespace orchestra {
namespace {

// One cascade at work. Loop-bound; lives in the frame of run_cascade.
class CascadeRun {
 public:
  CascadeRun(Asker& asker, const Clock& clock, CascadePlan plan, std::string question, std::optional<Micros> limit)
      : asker_(asker), plan_(std::move(plan)), question_(std::move(question)), limit_(clock, limit) {}

  Task<CascadeAnswer> run() {
    CascadeAnswer answer;
    std::optional<std::size_t> last;
    for (const std::string& member : plan_.members) {
      if (limit_.over()) break;
      auto asked = co_await asker_.ask(
          {.model = member, .probabilities = plan_.min_confidence.has_value(), .limit = limit_.left()});
      if (!asked) co_return std::unexpected(std::move(asked).error());
      if (co_await cancelled()) co_return caller_left();
      answer.steps.push_back({.reply = std::move(*asked)});
      CascadeStep& step = answer.steps.back();
      if (step.reply.error) continue;
      CO_TRY_VOID(co_await check(step, last ? &answer.steps[*last].reply.text : nullptr));
      last = answer.steps.size() - 1;
      answer.passed = step.failed.empty();
      if (answer.passed) break;
    }
    if (!last) co_return fail(all_failed(answer.steps));
    answer.chosen = *last;
    co_return answer;
  }

 private:
  static Error all_failed(const std::vector<CascadeStep>& steps) {
    std::vector<Reply> replies;
    for (const CascadeStep& step : steps) replies.push_back(step.reply);
    return nobody_answered(replies);
  }

  std::string form_fault(const std::string& text) const {
    if (!plan_.json && !plan_.schema) return {};
    const auto value = parse_json(text);
    if (!value) return "The answer is no JSON.";
    const auto fault = plan_.schema ? plan_.schema->fault(*value) : std::nullopt;
    return fault ? fmt::format("The answer does not fit the schema: {}", *fault) : std::string();
  }

  std::string confidence_fault(CascadeStep& step, const std::string* earlier) const {
    step.confidence = step.reply.confidence;
    if (!plan_.min_confidence) return {};
    if (!step.confidence && earlier != nullptr) step.confidence = similarity(step.reply.text, *earlier);
    if (!step.confidence) return "How sure the model is of the answer is not known.";
    if (*step.confidence >= *plan_.min_confidence) return {};
    return fmt::format("The confidence is {:.2f}; {:.2f} was asked for.", *step.confidence, *plan_.min_confidence);
  }

  // The checks that cost nothing come first.
  Task<void> check(CascadeStep& step, const std::string* earlier) {
    step.failed = form_fault(step.reply.text);
    if (step.failed.empty() && plan_.pattern && !plan_.pattern->matches(step.reply.text)) {
      step.failed = "The answer does not match the pattern.";
    }
    if (step.failed.empty()) step.failed = confidence_fault(step, earlier);
    if (!step.failed.empty() || plan_.judge.empty()) co_return Result<void>();
    CO_TRY(step.judge, co_await asker_.ask({.model = plan_.judge,
                                            .prompt = grade_prompt(question_, step.reply.text),
                                            .verdict = true,
                                            .limit = limit_.left()}));
    if (co_await cancelled()) co_return caller_left();
    const auto grade = step.judge->error ? std::nullopt : read_grade(step.judge->text);
    if (!grade) {
      step.failed = "The judge gave no verdict.";
    } else if (!*grade) {
      step.failed = "The judge found the answer not good enough.";
    }
    co_return Result<void>();
  }

  Asker& asker_;
  const CascadePlan plan_;
  const std::string question_;
  const TimeLimit limit_;
};

}  // namespace

Task<CascadeAnswer> run_cascade(Asker& asker, const Clock& clock, CascadePlan plan, std::string question,
                                std::optional<Micros> limit) {
  // A caller who leaves ends the step under way; behind it is asked whether that was so.
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  CascadeRun run(asker, clock, std::move(plan), std::move(question), limit);
  co_return co_await run.run();
}

std::vector<std::string> cheapest_first(const Decision& decision, std::size_t count) {
  std::vector<std::pair<float, std::string>> priced;
  for (const Candidate& candidate : decision.plan.order) {
    if (priced.size() == count) break;
    const auto row = std::ranges::find(decision.considered, candidate.model, &Considered::model);
    const bool known = row != decision.considered.end() && row->contender && row->contender->expected_usd >= 0;
    priced.emplace_back(known ? row->contender->expected_usd : std::numeric_limits<float>::infinity(),
                        candidate.model.text);
  }
  // By rank where they cost the same.
  std::vector<std::string> names;
  while (!priced.empty()) {
    const auto cheapest = std::ranges::min_element(priced, {}, &std::pair<float, std::string>::first);
    names.push_back(std::move(cheapest->second));
    priced.erase(cheapest);
  }
  return names;
}

}  // namespace orchestra
