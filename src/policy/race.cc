#include "policy/race.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace orchestra {
namespace {

bool blames_request(const Error& error) noexcept {
  switch (error.fault) {
    case Fault::kInvalid:
    case Fault::kUnprocessable:
    case Fault::kTooLarge:
    case Fault::kUnsupported:
    case Fault::kHeadersTooLarge: return true;
    default: return false;
  }
}

// The request is well, but this candidate's dialect has no words for it. The codes are those of dialects/.
bool blames_dialect(const Error& error) noexcept {
  return error.code == "unsupported_content" || error.code == "unsupported_field" || error.code == "unsupported_task";
}

bool worth_retrying(const Error& error) noexcept {
  if (error.code == kCircuitOpen || error.code == kLoadFailed) return false;
  return error.fault == Fault::kUpstream || error.fault == Fault::kTimeout || error.fault == Fault::kUnavailable;
}

// Smaller is more useful to the caller.
int rank(const Error& error) noexcept {
  switch (error.fault) {
    case Fault::kRateLimited: return 0;
    case Fault::kUpstream:
    case Fault::kTimeout: return 1;
    case Fault::kUnavailable: return 2;
    case Fault::kNoMemory: return 3;
    case Fault::kUpstreamAuth: return 4;
    default: return 5;
  }
}

bool more_useful(const Error& a, const Error& b) noexcept {
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  if (a.fault != Fault::kRateLimited) return true;  // of equals, the later one
  constexpr Seconds kNever = Seconds::max();
  return a.retry_after.value_or(kNever) <= b.retry_after.value_or(kNever);
}

// splitmix64: https://prng.di.unimi.it/splitmix64.c (public domain algorithm).
std::uint64_t next_random(std::uint64_t& state) noexcept {
  state += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

Race::Race(const Plan& plan, RaceBudgets& budgets, TimePoint deadline, std::uint64_t seed) noexcept
    : plan_(&plan), budgets_(&budgets), deadline_(deadline), seed_(seed), per_candidate_(plan.order.size(), 0) {}

Micros Race::first_content_limit(const Plan& plan, const Candidate& candidate) noexcept {
  // A load that takes twice as long as expected is slow; one that takes longer is stuck.
  return timeouts_of(plan, candidate).first_content + 2 * candidate.load;
}

RaceStep Race::step(TimePoint now, const RaceInput& input) {
  if (const auto* opened = std::get_if<Opened>(&input)) return Commit{opened->attempt};
  if (const auto* failure = std::get_if<Failed>(&input)) return failed(now, *failure);
  return next_step(now);
}

RaceStep Race::failed(TimePoint now, const Failed& failed) {
  Try& attempt = tries_[static_cast<std::size_t>(failed.attempt)];
  attempt.running = false;
  const Error& error = failed.error;
  failures_.push_back({attempt.candidate, error});
  if (error.fault == Fault::kCancelled) return error;
  if (error.code == kCircuitOpen || blames_dialect(error)) --charged_;
  if (error.code == kContextExceeded) {
    const auto window = plan_->order[attempt.candidate].context.value_or(Tokens(0));
    needs_more_than_ = std::max(needs_more_than_.value_or(Tokens(0)), window);
    if (running() == 0 && !next_untried()) return error;
  } else if (blames_request(error) && !blames_dialect(error)) {
    return error;
  }
  // A retry beside a running hedge would be a third copy of the work.
  if (running() == 0) plan_retry(now, attempt.candidate, error);
  return next_step(now);
}

RaceStep Race::next_step(TimePoint now) {
  if (now >= deadline_) return give_up(now);
  const auto next = next_untried();
  if (running() == 0) {
    if (pending_ && now < pending_->when) return WaitUntil{pending_->when};
    if (pending_) return start(now, pending_->candidate);
    return next ? start(now, *next) : give_up(now);
  }
  if (!next) hedge_.stop();
  if (hedge_.due(now) && hedge_.take(now, budgets_->hedges)) return start(now, *next);
  return WaitUntil{hedge_.until(deadline_)};
}

RaceStep Race::start(TimePoint now, std::size_t candidate) {
  pending_.reset();
  const int attempt = static_cast<int>(tries_.size());
  tries_.push_back({candidate, now});
  ++per_candidate_[candidate];
  ++charged_;
  if (plan_->hedge_after.count() > 0) hedge_.start(now, plan_->hedge_after);
  return Start{attempt, candidate, first_content_by(now, candidate)};
}

TimePoint Race::first_content_by(TimePoint now, std::size_t candidate) const noexcept {
  const Micros limit = first_content_limit(*plan_, plan_->order[candidate]);
  if (plan_->stream) return std::min(deadline_, now + limit);
  const TimePoint end = std::min(deadline_, now + timeouts_of(*plan_, plan_->order[candidate]).total);
  const auto left = std::chrono::duration_cast<Micros>(end - now);
  return next_untried() ? std::min(end, now + std::max(limit, left / 2)) : end;
}

bool Race::plan_retry(TimePoint now, std::size_t candidate, const Error& error) {
  const auto next = next_untried();
  const bool last_resort = error.fault == Fault::kRateLimited && !next && error.retry_after.has_value() &&
                           *error.retry_after <= plan_->backoff_cap;
  if (!worth_retrying(error) && !last_resort) return false;
  // What was too slow once is too slow again, where no first token shows that it works, or the class allows no second
  // wait.
  const bool waits_once = !plan_->stream || plan_->budget.count() > 0;
  if (waits_once && error.fault == Fault::kTimeout && !error.unsent) return false;
  const auto untried = std::count(per_candidate_.begin(), per_candidate_.end(), 0);
  if (per_candidate_[candidate] >= plan_->attempts_per_candidate) return false;
  if (charged_ + untried >= plan_->max_attempts) return false;
  Micros wait = jitter(per_candidate_[candidate] - 1);
  if (error.retry_after) wait += *error.retry_after;
  // A provider that names a long pause is left alone, and a wait beyond the deadline helps nobody.
  if (wait > 2 * plan_->backoff_cap || now + wait >= deadline_) return false;
  if (!budgets_->retries.take(now)) return false;
  pending_ = Pending{now + wait, candidate};
  return true;
}

bool Race::usable(std::size_t candidate) const noexcept {
  if (per_candidate_[candidate] > 0) return false;
  const auto& window = plan_->order[candidate].context;
  return !needs_more_than_ || !window || *window > *needs_more_than_;
}

std::optional<std::size_t> Race::next_untried() const noexcept {
  if (charged_ >= plan_->max_attempts) return std::nullopt;
  for (std::size_t i = 0; i < per_candidate_.size(); ++i) {
    if (usable(i)) return i;
  }
  return std::nullopt;
}

int Race::running() const noexcept {
  return static_cast<int>(std::count_if(tries_.begin(), tries_.end(), [](const Try& t) { return t.running; }));
}

Micros Race::jitter(int retry) {
  const Micros ceiling = std::min(plan_->backoff_cap, plan_->backoff_base * (std::int64_t{1} << std::min(retry, 20)));
  const auto span = static_cast<std::uint64_t>(std::max<std::int64_t>(ceiling.count(), 0)) + 1;
  return Micros(static_cast<std::int64_t>(next_random(seed_) % span));
}

RaceStep Race::give_up(TimePoint now) const {
  if (failures_.empty()) {
    if (now >= deadline_) {
      return Error{.fault = Fault::kTimeout,
                   .what = "No model answered before the request's deadline. Allow more time, or name a faster model."};
    }
    return Error{.fault = Fault::kUnavailable, .what = "The plan holds no model that could be asked."};
  }
  const Failure* best = &failures_.front();
  for (const auto& failure : failures_) {
    if (more_useful(failure.error, best->error)) best = &failure;
  }
  Error error = best->error;
  if (failures_.size() == 1) return error;
  error.what = fmt::format("All {} attempts failed. {}", failures_.size(), fmt::join(sentences(), " | "));
  return error;
}

// What was said of each candidate, once: a retry mostly meets what the first try met.
std::vector<std::string> Race::sentences() const {
  std::vector<std::string> said;
  for (const auto& failure : failures_) {
    const std::string& model = plan_->order[failure.candidate].model.text;
    const std::string& what = failure.error.what;
    std::string sentence = what.starts_with(model) ? what : fmt::format("{}: {}", model, what);
    if (std::ranges::find(said, sentence) == said.end()) said.push_back(std::move(sentence));
  }
  return said;
}

}  // namespace orchestra
