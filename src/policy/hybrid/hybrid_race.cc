#include "policy/hybrid/hybrid_race.h"

#include <algorithm>

namespace orchestra {

std::string_view cause_name(AskCause cause) noexcept {
  switch (cause) {
    case AskCause::kFirst: return "first";
    case AskCause::kLatency: return "latency";
    case AskCause::kLowConfidence: return "low_confidence";
    case AskCause::kError: return "error";
  }
  return "first";
}

HybridRace::HybridRace(const HybridService& service, std::vector<HybridMember> members, RetryBudget& extra,
                       TimePoint deadline)
    : service_(&service),
      members_(std::move(members)),
      extra_(&extra),
      deadline_(deadline),
      states_(members_.size(), State::kUntried) {
  for (const bool ready : {true, false}) {
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (members_[i].ready == ready) order_.push_back(i);
    }
  }
}

bool HybridRace::confident(const MemberAnswered& answer) const noexcept {
  const Hedging& hedging = service_->hedging;
  if (!hedging.enabled || !hedging.on_low_confidence || !answer.confidence) return true;
  return *answer.confidence >= service_->confidence_threshold;
}

HybridStep HybridRace::step(TimePoint now, const HybridInput& input) {
  if (const auto* answer = std::get_if<MemberAnswered>(&input)) {
    states_[answer->member] = State::kAnswered;
    last_failed_ = false;
    if (confident(*answer)) return TakeAnswer{answer->member};
    const bool better = service_->hedging.prefer_confidence && kept_ && *answer->confidence > kept_->confidence;
    if (!kept_ || better) kept_ = Kept{answer->member, *answer->confidence};
  } else if (const auto* failed = std::get_if<MemberFailed>(&input)) {
    states_[failed->member] = State::kFailed;
    last_failed_ = true;
  }
  return next_step(now);
}

HybridStep HybridRace::next_step(TimePoint now) {
  if (now >= deadline_) return finish();
  if (running() == 0) return idle_step(now);
  const Hedging& hedging = service_->hedging;
  if (kept_ || !hedging.enabled || !hedging.on_latency || running() >= hedging.max_parallel) hedge_.stop();
  if (hedge_.due(now)) {
    const auto next = next_beside(last_asked_);
    if (!next) hedge_.stop();
    if (next && hedge_.take(now, *extra_)) return ask(now, *next, AskCause::kLatency);
  }
  return AwaitUntil{hedge_.until(deadline_)};
}

HybridStep HybridRace::idle_step(TimePoint now) {
  const auto next = next_untried();
  if (!next) return finish();
  if (std::ranges::all_of(states_, [](State state) { return state == State::kUntried; })) {
    return ask(now, *next, AskCause::kFirst);
  }
  if (last_failed_) return service_->hedging.on_error ? ask(now, *next, AskCause::kError) : finish();
  if (second_opinion_) return finish();
  second_opinion_ = true;
  return ask(now, *next_beside(kept_->member), AskCause::kLowConfidence);
}

HybridStep HybridRace::ask(TimePoint now, std::size_t member, AskCause cause) {
  states_[member] = State::kRunning;
  last_asked_ = member;
  hedge_.start(now, service_->latency_threshold);
  const Micros left = std::chrono::duration_cast<Micros>(deadline_ - now);
  return AskMember{member, cause, std::min(members_[member].timeout, left)};
}

HybridStep HybridRace::finish() const {
  if (kept_) return TakeAnswer{kept_->member};
  return NoAnswer{};
}

std::optional<std::size_t> HybridRace::next_untried() const noexcept {
  for (const std::size_t member : order_) {
    if (states_[member] == State::kUntried) return member;
  }
  return std::nullopt;
}

std::optional<std::size_t> HybridRace::next_beside(std::size_t member) const noexcept {
  for (const std::size_t other : order_) {
    if (states_[other] == State::kUntried && members_[other].local != members_[member].local) return other;
  }
  return next_untried();
}

int HybridRace::running() const noexcept {
  return static_cast<int>(std::ranges::count(states_, State::kRunning));
}

}  // namespace orchestra
