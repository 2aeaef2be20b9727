#include "ledger/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "ledger/decision_json.h"

namespace orchestra {
namespace {

constexpr std::size_t kMostVerdicts = 4096;

Micros micros_of(double seconds) noexcept {
  return Micros(std::llround(std::clamp(seconds, 0.0, 1e9) * 1e6));
}

std::optional<double> mean(double sum, std::int64_t count) noexcept {
  return count > 0 ? std::optional(sum / static_cast<double>(count)) : std::nullopt;
}

// Six places are enough for dollars, seconds and shares, and hide what the order of additions leaves behind.
std::optional<double> rounded(std::optional<double> value) noexcept {
  return value ? std::optional(std::round(*value * 1e6) / 1e6) : std::nullopt;
}

}  // namespace

void Simulation::Sums::add(const Prediction& prediction, bool cost) {
  ++count;
  seconds += prediction.seconds;
  quality += prediction.quality;
  success += prediction.success;
  latency.add(micros_of(prediction.seconds));
  if (!cost) return;
  ++priced;
  usd += prediction.usd;
}

Simulation::Verdict Simulation::judge(const std::string& body) const {
  const auto decision = decision_from_json(body);
  if (!decision) return {};
  const auto redecision = simulate(*decision, policy_);
  if (!redecision) return {};
  const auto prediction = [](const Considered& considered) {
    const Contender& contender = *considered.contender;
    return Prediction{.usd = contender.expected_usd,
                      .seconds = expected_seconds(contender.terms),
                      .quality = contender.terms.quality,
                      .success = contender.terms.success};
  };
  Verdict verdict{.ranked = true,
                  .named = redecision->named,
                  .unknown = redecision->unknown,
                  .from = redecision->stored->model.text,
                  .stored = prediction(*redecision->stored)};
  if (redecision->simulated != nullptr) {
    verdict.to = redecision->simulated->model.text;
    verdict.simulated = prediction(*redecision->simulated);
  }
  return verdict;
}

const Simulation::Verdict& Simulation::verdict_of(const std::string& body) {
  const Body key(std::hash<std::string_view>{}(body), body.size());
  if (const auto known = verdicts_.find(key); known != verdicts_.end()) return known->second;
  if (verdicts_.size() >= kMostVerdicts) verdicts_.clear();
  return verdicts_.emplace(key, judge(body)).first->second;
}

void Simulation::count_change(const Verdict& verdict) {
  ++changed_;
  const std::pair key(verdict.from, verdict.to);
  if (const auto known = changes_.find(key); known != changes_.end()) {
    ++known->second;
  } else if (changes_.size() < kMostChanges) {
    changes_.emplace(key, 1);
  } else {
    ++other_changes_;
  }
}

// Only answers of the model that was chosen tell how good its prediction was, and its failures.
void Simulation::compare(const SpendSettled& settled, const Verdict& verdict) {
  const bool answered = settled.outcome == Outcome::kAnswered, failed = settled.outcome == Outcome::kFailed;
  const bool own = settled.model.text == verdict.from;
  if (answered || failed) success_.add(verdict.stored.success, answered && own ? 1 : 0);
  if (!answered || !own) return;
  latency_.add(verdict.stored.seconds, in_seconds(settled.latency));
  if (settled.cost_known && verdict.stored.usd >= 0) {
    cost_.add(verdict.stored.usd, in_usd(settled.cost));
  }
}

void Simulation::add(const StoredRequest& stored) {
  ++requests_;
  if (!first_) first_ = stored.opened.at;
  last_ = stored.opened.at;
  if (stored.decision.empty()) {
    ++undecided_;
    return;
  }
  const Verdict& verdict = verdict_of(stored.decision);
  if (!verdict.ranked) {
    ++unranked_;
    return;
  }
  ++replayed_;
  if (verdict.named) ++named_;
  if (verdict.unknown.shortlist) ++beyond_shortlist_;
  if (verdict.unknown.session) ++without_session_;
  if (verdict.unknown.chain) ++without_chain_;
  if (verdict.from != verdict.to) count_change(verdict);
  compare(stored.settled, verdict);
  if (verdict.to.empty()) {
    ++refused_;
    return;
  }
  const bool priced = verdict.stored.usd >= 0 && verdict.simulated.usd >= 0;
  stored_.add(verdict.stored, priced);
  simulated_.add(verdict.simulated, priced);
}

void Simulation::write_predicted(JsonWriter& writer) const {
  writer.key("predicted").begin_object();
  for (const auto& [name, sums] : {std::pair("stored", &stored_), std::pair("simulated", &simulated_)}) {
    const auto p95 = sums->latency.quantile(0.95);
    writer.key(name).begin_object();
    writer.member("cost_usd", sums->priced > 0 ? rounded(sums->usd) : std::nullopt).member("cost_known", sums->priced);
    writer.member("latency_s", rounded(mean(sums->seconds, sums->count)));
    writer.member("latency_p95_s", p95.transform(in_seconds));
    writer.member("quality", rounded(mean(sums->quality, sums->count)));
    writer.member("success", rounded(mean(sums->success, sums->count))).end_object();
  }
  writer.end_object();
}

void Simulation::write_measured(JsonWriter& writer) const {
  writer.key("measured").begin_object().member("costs", cost_.count);
  writer.member("cost_usd", cost_.count > 0 ? rounded(cost_.booked) : std::nullopt);
  writer.member("predicted_cost_usd", cost_.count > 0 ? rounded(cost_.predicted) : std::nullopt);
  writer.member("answers", latency_.count);
  writer.member("latency_s", rounded(mean(latency_.booked, latency_.count)));
  writer.member("predicted_latency_s", rounded(mean(latency_.predicted, latency_.count)));
  writer.member("outcomes", success_.count);
  writer.member("success", rounded(mean(success_.booked, success_.count)));
  writer.member("predicted_success", rounded(mean(success_.predicted, success_.count))).end_object();
}

void Simulation::write_changes(JsonWriter& writer) const {
  std::vector<std::pair<std::pair<std::string, std::string>, std::int64_t>> sorted(changes_.begin(), changes_.end());
  std::ranges::sort(sorted, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  writer.key("changes").begin_array();
  for (const auto& [models, decisions] : sorted) {
    writer.begin_object().member("from", models.first);
    writer.member("to", models.second.empty() ? std::nullopt : std::optional<std::string_view>(models.second));
    writer.member("decisions", decisions).end_object();
  }
  writer.end_array().member("other_changes", other_changes_);
}

void Simulation::write_notes(JsonWriter& writer) const {
  writer.key("notes").begin_array();
  if (replayed_ > 0) {
    writer.string(
        "Models that a filter had refused when a decision was made stay refused: a policy can only narrow what was "
        "left.");
  }
  const auto note = [&](std::int64_t count, std::string_view what) {
    if (count > 0) writer.string(fmt::format("{} of {} decisions {}", count, replayed_, what));
  };
  note(named_, "are the caller's own: the request names its model, which no ranking changes.");
  note(beyond_shortlist_, "kept the best of more models than they list: one that they left out is not found again.");
  note(without_session_, "kept no session for this strategy, and are ranked as if each were a session of its own.");
  note(without_chain_, "were made without the chain of their class, and are ranked by score alone.");
  writer.end_array();
}

std::string Simulation::json(bool limited) const {
  std::string text;
  JsonWriter writer(text);
  const auto time = [](const std::optional<WallTime>& at) {
    return at ? std::optional<std::string>(format_time(*at)) : std::nullopt;
  };
  writer.begin_object().member("requests", requests_).member("replayed", replayed_);
  writer.member("first_at", time(first_)).member("last_at", time(last_)).member("limited", limited);
  writer.key("skipped").begin_object().member("undecided", undecided_).member("unranked", unranked_).end_object();
  writer.member("named", named_).member("refused", refused_).member("changed", changed_);
  write_changes(writer);
  write_predicted(writer);
  write_measured(writer);
  writer.key("unknown").begin_object().member("shortlist", beyond_shortlist_).member("session", without_session_);
  writer.member("chain", without_chain_).end_object();
  write_notes(writer);
  writer.end_object();
  return text;
}

}  // namespace orchestra
