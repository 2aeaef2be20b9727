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

Task<Answer> open(Walk& walk, const Start& start, HealthPass pass) {
  const Candidate& candidate = walk.plan().order[start.candidate];
  Provider* provider = walk.providers->find(candidate.model.provider());
  if (provider == nullptr) co_return fail(no_provider(candidate.model));
  const Timeouts& timeouts = timeouts_of(walk.plan(), candidate);
  const Attempt what{.call = walk.call,
                     .candidate = candidate,
                     .deadline = std::min(walk.deadline, walk.clock.now() + timeouts.total),
                     .first_content_by = start.first_content_by,
                     .connect = timeouts.connect,
                     .idle = timeouts.idle};
  auto stream = co_await provider->open(what);
  Result<Chunk> first = stream ? co_await (*stream)->next() : fail(stream.error());
  if (!first) {
    if (!callers_haste(walk, first.error())) pass.failed(first.error());
    co_return fail(std::move(first).error());
  }
  Answer answer{std::move(*stream), *first, nullptr, std::move(pass), start.candidate};
  answer.pass.content();
  const bool whole = !answer.stream->head().stream;
  if (whole && (first->marks & kEnd) == 0) {
    auto gathered = co_await gather(answer);
    if (!gathered) {
      if (!callers_haste(walk, gathered.error())) answer.pass.failed(gathered.error());
      co_return fail(std::move(gathered).error());
    }
  }
  co_return std::move(answer);
}

Micros since(TimePoint start, TimePoint now) noexcept {
  return std::chrono::duration_cast<Micros>(now - start);
}

}  // namespace

bool callers_haste(const Walk& walk, const Error& error) noexcept {
  return error.fault == Fault::kTimeout && walk.deadline_is_callers && walk.clock.now() >= walk.deadline;
}

Task<Answer> attempt(Walk& walk, Start start) {
  const ModelId& model = walk.plan().order[start.candidate].model;
  const Target& target = walk.choice->targets[start.candidate];
  auto& attempts = walk.settlement->record().attempts;
  const std::size_t slot = attempts.size();
  const TimePoint began = walk.clock.now();
  attempts.push_back({.candidate = start.candidate, .started = since(walk.started, began)});

  auto pass = HealthPass::enter(*target.health, walk.clock);
  const bool passed = pass.has_value();
  if (passed) walk.settlement->asking(model, target.price);
  Result<Answer> answer = passed ? co_await open(walk, start, std::move(*pass)) : fail(circuit_open(model));

  target.series->breaker(static_cast<int>(target.health->breaker(walk.clock.now())));
  if (passed) target.series->attempt(answer ? nullptr : &answer.error());
  if (passed && !answer) tell_failed(walk, start.candidate, answer.error());
  if (walk.settlement->booked()) co_return answer;
  AttemptRecord& record = attempts[slot];
  record.took = since(began, walk.clock.now());
  if (answer) {
    record.outcome = "answered";
  } else {
    const Error& error = answer.error();
    record.outcome = error.code.empty() ? fault_code(error.fault) : std::string_view(error.code);
    record.what = error.what;
  }
  co_return answer;
}

}  // namespace orchestra
