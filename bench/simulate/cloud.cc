#include <algorithm>

#include "service.h"

namespace orchestra::simulation {
namespace {

constexpr SpellKind kOutages{.per_day = 2, .shortest = 120, .longest = 1500, .weakest = 1, .strongest = 2};
constexpr SpellKind kSlow{.per_day = 6, .shortest = 300, .longest = 1200, .weakest = 3, .strongest = 8};
constexpr double kFailureRate = 0.005;
constexpr int kMostAtOnce = 24;

}  // namespace

std::vector<Spell> spells(const SpellKind& kind, TimePoint start, double seconds, Random& random) {
  std::vector<Spell> all;
  const double rate = kind.per_day / 86'400;
  for (double at = random.pause(rate); at < seconds; at += random.pause(rate)) {
    const double length = random.between(kind.shortest, kind.longest);
    all.push_back({.from = start + micros(at),
                   .to = start + micros(at + length),
                   .strength = random.between(kind.weakest, kind.strongest)});
    at += length;
  }
  return all;
}

double strength_at(const std::vector<Spell>& spells, TimePoint now) noexcept {
  for (const Spell& spell : spells) {
    if (now >= spell.from && now < spell.to) return spell.strength;
  }
  return 0;
}

Error failure(Fault fault, std::string what) {
  return {.fault = fault, .what = std::move(what)};
}

Cloud::Cloud(Events& events, Random random, TimePoint start, double seconds) : events_(events), random_(random) {
  outages_ = spells(kOutages, start, seconds, random_);
  slow_ = spells(kSlow, start, seconds, random_);
}

void Cloud::ask(const Speed& speed, Ask ask) {
  const TimePoint now = events_.now();
  const double outage = strength_at(outages_, now);
  const double slowness = std::max(1.0, strength_at(slow_, now));
  const TimePoint opens = now + micros(speed.first_content * slowness * random_.between(0.7, 1.5));
  const TimePoint ends = opens + micros(ask.output * slowness / speed.tokens_per_second);
  const bool silent = outage > 1.5 || opens > ask.first_content_by;
  const auto fail_at = [&](TimePoint when, Error error) {
    events_.at(when, [ended = std::move(ask.ended), error = std::move(error)] { ended(fail(error)); });
  };
  if (running_ >= kMostAtOnce) {
    Error error = failure(Fault::kRateLimited, "Too many requests at once.");
    error.retry_after = Seconds(5);
    return fail_at(now + micros(0.05), std::move(error));
  }
  if (silent) return fail_at(ask.first_content_by, failure(Fault::kTimeout, "No content came in time."));
  if (outage > 0) return fail_at(now + micros(0.1), failure(Fault::kUnavailable, "The service is down."));
  if (random_.chance(kFailureRate)) return fail_at(opens, failure(Fault::kUpstream, "The service failed."));
  ++running_;
  events_.at(opens, std::move(ask.opened));
  const bool whole = ends <= ask.end_by;
  events_.at(whole ? ends : ask.end_by, [this, whole, ended = std::move(ask.ended)] {
    --running_;
    if (whole) return ended({});
    ended(fail(failure(Fault::kTimeout, "The answer took too long.")));
  });
}

}  // namespace orchestra::simulation
