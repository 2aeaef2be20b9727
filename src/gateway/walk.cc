#include "gateway/walk.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/learning.h"

namespace orchestra {
namespace {

Error circuit_open(const ModelId& model) {
  return Error{.fault = Fault::kUnavailable,
               .what = fmt::format("{} failed repeatedly and is left alone for a while.", model.text),
               .code = std::string(kCircuitOpen),
               .unsent = true};
}

Error no_provider(const ModelId& model) {
  return Error{.fault = Fault::kNotFound,
               .what = fmt::format("The provider \"{}\" is not configured.", model.provider()),
               .code = "provider_not_found",
               .unsent = true};
}

// The rest of a whole answer behind its first chunk.
Task<void> gather(Answer& answer) {
  answer.gathered = std::make_unique<Answer::Gathered>();
  Answer::Gathered& all = *answer.gathered;
  std::uint8_t marks = kNothing;
  for (Chunk chunk = answer.first;;) {
    all.wire += chunk.wire;
    all.events.insert(all.events.end(), chunk.events.begin(), chunk.events.end());
    marks |= chunk.marks;
    if ((marks & kEnd) != 0) break;
    CO_TRY(chunk, co_await answer.stream->next());
  }
  answer.first = Chunk{.wire = all.wire, .events = all.events, .marks = marks};
  co_return Result<void>();
}

Micros since(TimePoint start, TimePoint now) noexcept {
  return std::chrono::duration_cast<Micros>(now - start);
}

// One attempt's entry in the settlement, and what is written there and into the model's series when it has ended.
class Trial {
 public:
  Trial(Walk& walk, std::size_t candidate)
      : walk_(walk), candidate_(candidate), slot_(attempts().size()), began_(walk.clock.now()) {
    attempts().push_back({.candidate = candidate, .started = since(walk.started, began_)});
  }
  TimePoint began() const noexcept { return began_; }

  // `asked`: the breaker let it pass.
  Result<Answer> ended(Result<Answer> answer, bool asked) const {
    const Target& target = walk_.choice->targets[candidate_];
    const TimePoint now = walk_.clock.now();
    target.series->breaker(static_cast<int>(target.health->breaker(now)));
    if (asked) target.series->attempt(answer ? nullptr : &answer.error());
    if (asked && !answer) tell_failed(walk_, candidate_, answer.error());
    if (walk_.settlement->booked()) return answer;
    AttemptRecord& record = attempts()[slot_];
    record.took = since(began_, now);
    if (answer) {
      record.outcome = "answered";
    } else {
      const Error& error = answer.error();
      record.outcome = error.code.empty() ? fault_code(error.fault) : std::string_view(error.code);
      record.what = error.what;
    }
    return answer;
  }

 private:
  std::vector<AttemptRecord>& attempts() const noexcept { return walk_.settlement->record().attempts; }

  Walk& walk_;
  std::size_t candidate_, slot_;
  TimePoint began_;
};

Attempt make_attempt(const Walk& walk, const Start& start, TimePoint now) {
  const Candidate& candidate = walk.plan().order[start.candidate];
  const Timeouts& timeouts = timeouts_of(walk.plan(), candidate);
  return Attempt{.call = walk.call,
                 .candidate = candidate,
                 .deadline = std::min(walk.deadline, now + timeouts.total),
                 .first_content_by = start.first_content_by,
                 .connect = timeouts.connect,
                 .idle = timeouts.idle};
}

}  // namespace

bool over_budget(const Walk& walk, const Error& error) noexcept {
  return error.fault == Fault::kTimeout && walk.plan().budget.count() > 0 && !error.unsent && !walk.answer;
}

bool callers_haste(const Walk& walk, const Error& error) noexcept {
  return over_budget(walk, error) ||
         (error.fault == Fault::kTimeout && walk.deadline_is_callers && walk.clock.now() >= walk.deadline);
}

Task<Answer> attempt(Walk& walk, Start start) {
  const ModelId& model = walk.plan().order[start.candidate].model;
  const Target& target = walk.choice->targets[start.candidate];
  const Trial trial(walk, start.candidate);
  auto pass = HealthPass::enter(*target.health, walk.clock);
  if (!pass) co_return trial.ended(fail(circuit_open(model)), false);
  walk.settlement->asking(model, target.price);
  Provider* const provider = walk.providers->find(model.provider());
  if (provider == nullptr) {
    pass.reset();
    co_return trial.ended(fail(no_provider(model)), true);
  }
  const Attempt what = make_attempt(walk, start, trial.began());
  auto stream = co_await provider->open(what);
  Result<Chunk> first = stream ? co_await (*stream)->next() : fail(stream.error());
  if (!first) {
    if (!callers_haste(walk, first.error())) pass->failed(first.error());
    co_return trial.ended(fail(std::move(first).error()), true);
  }
  Result<Answer> answer(std::in_place, std::move(*stream), *first, nullptr, std::move(*pass), start.candidate);
  answer->pass.content();
  const bool whole = !answer->stream->head().stream;
  if (whole && (first->marks & kEnd) == 0) {
    auto gathered = co_await gather(*answer);
    if (!gathered) {
      if (!callers_haste(walk, gathered.error())) answer->pass.failed(gathered.error());
      co_return trial.ended(fail(std::move(gathered).error()), true);
    }
  }
  co_return trial.ended(std::move(answer), true);
}

}  // namespace orchestra
