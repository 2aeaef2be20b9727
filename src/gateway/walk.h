// One request on its walk through the gateway, and its single attempts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "domain/call.h"
#include "gateway/decisions.h"
#include "gateway/health.h"
#include "ledger/settlement.h"
#include "policy/race.h"
#include "ports/outcomes.h"
#include "ports/provider.h"
#include "ports/sink.h"

namespace orchestra {

// An upstream answer with its first content in hand. A whole answer is read to its end before it counts as opened, so
// that one which breaks off in the middle can still be asked of the next candidate.
struct Answer {
  struct Gathered {
    std::string wire;
    std::vector<Event> events;
  };
  std::unique_ptr<Stream> stream;
  Chunk first;                         // lent by `stream` or by `gathered`
  std::unique_ptr<Gathered> gathered;  // null when one chunk was all
  HealthPass pass;
  std::size_t candidate = 0;
};

// Owned by Gateway::serve. The settlement is destroyed before the stream whose tally it books.
struct Walk {
  const Call& call;
  Sink& sink;
  Executor loop;
  std::shared_ptr<Providers> providers;  // shared: with the gateway, which may get others meanwhile
  const Clock& clock;
  Outcomes* outcomes;  // told how each attempt went; null: nobody learns
  TimePoint started;
  TimePoint deadline;
  bool deadline_is_callers = false;  // shorter than ours: missing it says nothing about a model
  ChoicePtr choice;
  std::optional<Answer> answer;
  std::optional<Settlement> settlement;

  const Plan& plan() const noexcept { return choice->decision->plan; }
};

// Opens one candidate and records how it went in the settlement and in the model's health.
Task<Answer> attempt(Walk& walk, Start start);

// Whether `error` came of the caller's own short deadline, or of the short time that the query's class allows for the
// first token (Plan::budget): it says nothing against a model.
bool callers_haste(const Walk& walk, const Error& error) noexcept;
bool over_budget(const Walk& walk, const Error& error) noexcept;  // the second of them

}  // namespace orchestra
