#include "registry/performance.h"

#include <algorithm>
#include <cmath>

namespace orchestra {
namespace {

constexpr std::size_t index(Measure measure) {
  return static_cast<std::size_t>(measure);
}
constexpr bool is_logarithm(Measure measure) {
  return measure == Measure::kFirstContent || measure == Measure::kCompletion || measure == Measure::kTokensPerSecond;
}

double decay(Micros passed, Micros half_life) {
  if (passed <= Micros(0)) return 1;
  return std::exp2(-static_cast<double>(passed.count()) / static_cast<double>(half_life.count()));
}

Micros between(WallTime earlier, WallTime later) {
  return std::chrono::duration_cast<Micros>(later - earlier);
}

// West 1979.
void add_sample(Moments& moments, double value, double weight) {
  const double total = moments.weight + weight;
  const double distance = value - moments.mean;
  moments.mean += distance * weight / total;
  moments.squares += weight * distance * (value - moments.mean);
  moments.weight = total;
}

// So that `weight` more is `most` at most: what came first counts less.
void make_room(Moments& moments, double weight, double most) {
  if (moments.weight + weight <= most || moments.weight <= 0) return;
  const double factor = std::max(0.0, most - weight) / moments.weight;
  moments.weight *= factor;
  moments.squares *= factor;
}

std::optional<double> logarithm(std::optional<double> value) {
  return value && *value > 0 ? std::optional(std::log(*value)) : std::nullopt;
}
std::optional<double> seconds(const std::optional<Micros>& time) {
  return time && time->count() > 0 ? std::optional(in_seconds(*time)) : std::nullopt;
}

// Of the part of the answer behind its first content, where that is known; the first tokens came with it.
std::optional<double> rate(const OutcomeFact& fact) {
  if (!fact.output || fact.output->count < 2 || !fact.duration) return std::nullopt;
  const Micros writing = *fact.duration - fact.first_content.value_or(Micros(0));
  if (writing < std::chrono::milliseconds(1)) return std::nullopt;
  return static_cast<double>(fact.output->count) / in_seconds(writing);
}

std::optional<double> sample(const OutcomeFact& fact, Measure measure) {
  switch (measure) {
    case Measure::kFirstContent: return logarithm(seconds(fact.first_content));
    case Measure::kCompletion: return logarithm(seconds(fact.duration));
    case Measure::kTokensPerSecond: return logarithm(rate(fact));
    case Measure::kSuccess: return fact.success ? std::optional(*fact.success ? 1.0 : 0.0) : std::nullopt;
    case Measure::kQuality: {
      const bool sound = fact.quality && *fact.quality >= 0 && *fact.quality <= 1;
      return sound ? fact.quality : std::nullopt;
    }
    case Measure::kCost: {
      const bool sound = fact.cost && fact.cost->count >= 0;
      return sound ? std::optional(static_cast<double>(fact.cost->count)) : std::nullopt;
    }
  }
  return std::nullopt;
}

void scale(PerformanceCell& cell, double factor) {
  for (Moments& moments : cell.measures) {
    moments.weight *= factor;
    moments.squares *= factor;
  }
}

bool is_sound(const OutcomeFact& fact) {
  return std::isfinite(fact.weight) && fact.weight > 0 && fact.weight <= 1000 && !fact.model.text.empty() &&
         fact.query_class >= kNoQueryClass && fact.query_class < kQueryClasses && fact.stratum >= 0 &&
         fact.stratum < kPromptStrata;
}

bool is_sound(const PerformanceRow& row) {
  if (row.subject.empty() || row.key < kWhole || row.key >= kCellKeys) return false;
  return std::ranges::all_of(row.cell.measures, [](const Moments& moments) {
    return std::isfinite(moments.weight) && std::isfinite(moments.mean) && std::isfinite(moments.squares) &&
           moments.weight >= 0 && moments.squares >= 0;
  });
}

// A mean with the weight that stands behind it.
struct Belief {
  double mean = 0, weight = 0;
};
using Beliefs = std::array<Belief, kMeasures>;

// The prior, as `worth` samples of it, with the cell's samples. The weight is that of the samples alone.
Beliefs shrink(const Beliefs& prior, double worth, const PerformanceCell* cell, double fresh) {
  Beliefs out = prior;
  for (std::size_t i = 0; i < kMeasures; ++i) {
    out[i].weight = 0;
    if (!cell) continue;
    const Moments& moments = cell->measures[i];
    out[i].weight = moments.weight * fresh;
    out[i].mean = (worth * prior[i].mean + out[i].weight * moments.mean) / (worth + out[i].weight);
  }
  return out;
}

Figure figure(const Beliefs& beliefs, Measure measure) {
  const auto [mean, weight] = beliefs[index(measure)];
  const double value = is_logarithm(measure) ? std::exp(mean) : mean;
  return {.value = static_cast<float>(value), .samples = static_cast<float>(weight)};
}

Estimate estimate_of(const Beliefs& beliefs, const PerformanceCell* cell) {
  Estimate estimate{.quality = figure(beliefs, Measure::kQuality),
                    .success = figure(beliefs, Measure::kSuccess),
                    .first_content = figure(beliefs, Measure::kFirstContent),
                    .completion = figure(beliefs, Measure::kCompletion),
                    .tokens_per_second = figure(beliefs, Measure::kTokensPerSecond),
                    .cost = figure(beliefs, Measure::kCost)};
  if (cell) {
    const Moments& moments = cell->measures[index(Measure::kFirstContent)];
    if (moments.weight > 0) {
      estimate.first_content_spread = static_cast<float>(std::sqrt(moments.squares / moments.weight));
    }
  }
  return estimate;
}

// Without priors: a measure without samples is 0.
Estimate measured_of(const PerformanceCell& cell, double fresh) {
  Beliefs beliefs;
  for (std::size_t i = 0; i < kMeasures; ++i) {
    beliefs[i] = {.mean = cell.measures[i].mean, .weight = cell.measures[i].weight * fresh};
  }
  return estimate_of(beliefs, &cell);
}

Beliefs claim_of(const Model& model, const Performance::Options& options) {
  const ClaimedPerformance claimed = model.card ? model.card->claimed : ClaimedPerformance{};
  Beliefs beliefs;
  const auto put = [&](Measure measure, double value) { beliefs[index(measure)].mean = value; };
  put(Measure::kFirstContent, std::log(seconds(claimed.first_content).value_or(options.first_content)));
  put(Measure::kCompletion, std::log(seconds(claimed.completion).value_or(options.completion)));
  const double speed = claimed.tokens_per_second.value_or(0);
  put(Measure::kTokensPerSecond, std::log(speed > 0 ? speed : options.tokens_per_second));
  put(Measure::kSuccess, claimed.success_rate.value_or(options.success));
  put(Measure::kQuality, claimed.quality.value_or(options.quality));
  return beliefs;
}

}  // namespace

Performance::Samples Performance::samples_of(const OutcomeFact& fact) {
  Samples samples;
  for (std::size_t i = 0; i < kMeasures; ++i) {
    const auto value = sample(fact, static_cast<Measure>(i));
    if (value && std::isfinite(*value)) samples[i] = value;
  }
  return samples;
}

void Performance::add(const std::string& subject, Cells& cells, CellKey key, const OutcomeFact& fact,
                      const Samples& samples) {
  const auto [found, is_new] = cells.try_emplace(key);
  PerformanceCell& cell = found->second.cell;
  if (is_new) {
    cell.at = fact.when;
    ++cells_;
  }
  if (fact.when > cell.at) {
    scale(cell, decay(between(cell.at, fact.when), options_.half_life));
    cell.at = fact.when;
  }
  const double weight = fact.weight * decay(between(fact.when, cell.at), options_.half_life);
  for (std::size_t i = 0; i < kMeasures; ++i) {
    if (!samples[i]) continue;
    make_room(cell.measures[i], weight, options_.most_samples);
    add_sample(cell.measures[i], *samples[i], weight);
  }
  mark(subject, key, found->second);
}

void Performance::mark(const std::string& subject, CellKey key, Kept& kept) {
  if (std::exchange(kept.changed, true)) return;
  changed_.emplace_back(subject, key);
}

void Performance::note(const OutcomeFact& fact) {
  if (!is_sound(fact)) return;
  const Samples samples = samples_of(fact);
  const std::string& model = fact.model.text;
  Cells& cells = subjects_[model];
  add(model, cells, kWhole, fact, samples);
  add(model, cells, cell_key(fact.task, fact.query_class, fact.stratum), fact, samples);
  const std::string provider(fact.model.provider());
  add(provider, subjects_[provider], kWhole, fact, samples);
  if (cells_ > options_.most_cells) forget_some();
}

void Performance::load(std::span<const PerformanceRow> rows) {
  for (const PerformanceRow& row : rows) {
    if (!is_sound(row)) continue;
    if (subjects_[row.subject].insert_or_assign(row.key, Kept{.cell = row.cell}).second) ++cells_;
  }
  if (cells_ > options_.most_cells) forget_some();
}

// A sixteenth at once, so that it is seldom.
void Performance::forget_some() {
  std::vector<std::pair<WallTime, std::string>> by_age;
  for (const auto& [subject, cells] : subjects_) {
    WallTime latest{};
    for (const auto& [key, kept] : cells) latest = std::max(latest, kept.cell.at);
    by_age.emplace_back(latest, subject);
  }
  std::ranges::sort(by_age);
  for (const auto& [at, subject] : by_age) {
    if (cells_ <= options_.most_cells / 16 * 15) break;
    cells_ -= subjects_[subject].size();
    subjects_.erase(subject);
    forgotten_.push_back(subject);
  }
}

Performance::Changes Performance::take_changes() {
  Changes changes;
  for (const auto& [subject, key] : std::exchange(changed_, {})) {
    Kept* kept = find(subject, key);
    if (!kept || !std::exchange(kept->changed, false)) continue;
    changes.rows.push_back({.subject = subject, .key = key, .cell = kept->cell});
  }
  changes.forgotten = std::exchange(forgotten_, {});
  return changes;
}

void Performance::put_back(Changes changes) {
  for (const PerformanceRow& row : changes.rows) {
    if (Kept* kept = find(row.subject, row.key)) mark(row.subject, row.key, *kept);
  }
  forgotten_.insert(forgotten_.begin(), std::make_move_iterator(changes.forgotten.begin()),
                    std::make_move_iterator(changes.forgotten.end()));
}

Performance::Kept* Performance::find(const std::string& subject, CellKey key) noexcept {
  const auto cells = subjects_.find(subject);
  if (cells == subjects_.end()) return nullptr;
  const auto kept = cells->second.find(key);
  return kept == cells->second.end() ? nullptr : &kept->second;
}

const Performance::Cells* Performance::find(const std::string& subject) const noexcept {
  const auto found = subjects_.find(subject);
  return found == subjects_.end() ? nullptr : &found->second;
}

PerformanceView::Entry Performance::entry(const Model& model, const Cells* cells, WallTime now) const {
  const auto fresh = [&](const PerformanceCell& cell) { return decay(between(cell.at, now), options_.half_life); };
  const Beliefs claim = claim_of(model, options_);
  PerformanceView::Entry entry;
  const auto whole = cells ? cells->find(kWhole) : Cells::const_iterator();
  const PerformanceCell* all = cells && whole != cells->end() ? &whole->second.cell : nullptr;
  const Beliefs expected = shrink(claim, options_.claim_worth, all, all ? fresh(*all) : 0);
  entry.expected = estimate_of(expected, all);
  if (all) entry.measured = measured_of(*all, fresh(*all));
  if (!cells) return entry;
  for (const auto& [key, kept] : *cells) {
    if (key == kWhole) continue;
    const Beliefs here = shrink(expected, options_.model_worth, &kept.cell, fresh(kept.cell));
    entry.cells.push_back({.key = key, .estimate = estimate_of(here, &kept.cell)});
  }
  return entry;
}

Estimate Performance::estimate(const Model& model, TaskKind task, int query_class, int stratum, WallTime now) const {
  PerformanceView view;
  view.add(entry(model, find(model.id.text), now));
  return view.estimate(0, task, query_class, stratum);
}

PerformanceViewPtr Performance::view(const Catalogue& catalogue, WallTime now) const {
  auto view = std::make_shared<PerformanceView>(catalogue.version);
  view->reserve(catalogue.models.size());
  for (const Model& model : catalogue.models) view->add(entry(model, find(model.id.text), now));
  for (const auto& [subject, cells] : subjects_) {
    if (subject.contains('/')) continue;
    const PerformanceCell& cell = cells.begin()->second.cell;
    view->add_provider(subject, measured_of(cell, decay(between(cell.at, now), options_.half_life)));
  }
  return view;
}

}  // namespace orchestra
