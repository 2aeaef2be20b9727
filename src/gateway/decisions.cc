#include "gateway/decisions.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/ids.h"
#include "gateway/session_name.h"
#include "policy/budget.h"
#include "policy/measured_rows.h"
#include "policy/names.h"
#include "policy/strategies/adaptive.h"
#include "policy/strategies/list.h"
#include "policy/wants.h"

namespace orchestra {
namespace {

constexpr std::size_t kMostCached = 2048;
// A longer name is no model's: it is refused, and not worth a place in the cache.
constexpr std::size_t kLongestName = 256;
const std::vector<std::size_t> kNoChain;
// In KeyView::needs, above task and dialect: the time for the first token is bounded by the query's class.
constexpr std::uint32_t kBounded = 1U << 31U;

// The next size class above: eight classes per power of two, so that sharing costs at most an eighth.
std::size_t size_class(std::size_t size) noexcept {
  const int shift = std::max(static_cast<int>(std::bit_width(size)) - 4, 0);
  const std::size_t step = std::size_t{1} << shift;
  return (size + step - 1) / step * step;
}

// A token stands for two to sixteen bytes of any text that people send, most often for four.
constexpr std::size_t kFewestBytes = 2, kMostBytes = 16;

std::size_t sure_bytes(Tokens window) noexcept {
  return static_cast<std::size_t>(window.count) * kFewestBytes;
}

bool in_doubt(std::size_t bytes, Tokens window) noexcept {
  return bytes > sure_bytes(window) && bytes <= static_cast<std::size_t>(window.count) * kMostBytes;
}

// Whether a selection could come out differently under the other view.
bool same_for_selection(const FleetView* a, const FleetView* b) noexcept {
  if (a == nullptr || b == nullptr) return a == b;
  return std::ranges::equal(a->workers, b->workers, [](const WorkerView& x, const WorkerView& y) {
    return x.model == y.model && x.state == y.state && x.expected_load == y.expected_load && x.error == y.error;
  });
}

}  // namespace

std::size_t Decisions::Hash::operator()(const KeyView& key) const noexcept {
  std::size_t hash = std::hash<std::string_view>{}(key.asked);
  const auto& query = key.demand->query;
  const std::size_t kind =
      query ? (static_cast<std::size_t>(query->type) << 2U | static_cast<std::size_t>(query->complexity)) + 1 : 0;
  for (const std::size_t part :
       {static_cast<std::size_t>(key.needs), key.text_bytes, static_cast<std::size_t>(key.max_tokens),
        static_cast<std::size_t>(key.counted), kind}) {
    hash = (hash ^ part) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
  }
  return hash;
}

bool Decisions::Equal::same(const KeyView& a, const KeyView& b) noexcept {
  return a.asked == b.asked && a.needs == b.needs && a.text_bytes == b.text_bytes && a.max_tokens == b.max_tokens &&
         a.counted == b.counted && a.exact == b.exact && *a.demand == *b.demand;
}

Decisions::Decisions(HealthTable& health, Sessions& sessions, Series& series, const Clock& clock, SelectOptions options,
                     Classify classify, std::shared_ptr<const FeatureKey> key)
    : health_(health),
      sessions_(sessions),
      series_(series),
      clock_(clock),
      options_(std::move(options)),
      classify_(std::move(classify)),
      key_(std::move(key)),
      catalogue_(std::make_shared<const Catalogue>()),
      performance_(std::make_shared<const PerformanceView>()) {}

void Decisions::set_catalogue(CataloguePtr catalogue) {
  catalogue_ = std::move(catalogue);
  measured_.clear();
  cells_.clear();
  for (const auto& model : catalogue_->models) cells_.push_back(&health_.cell(model.id.text));
  health_version_ = 0;
  follow_models();
}

void Decisions::follow_models() {
  cache_.clear();
  facts_ = make_fact_sheet(*catalogue_, fleet_.get());
  for (std::size_t type = 0; type < chains_.size(); ++type) {
    chains_[type] = resolve_chain(*catalogue_, options_.chains[type]).models;
  }
  sure_bytes_ = std::numeric_limits<std::size_t>::max();
  for (const Model& model : catalogue_->models) {
    if (model.context) sure_bytes_ = std::min(sure_bytes_, sure_bytes(*model.context));
  }
  open_names_.clear();
  for (const Alias& alias : catalogue_->aliases) {
    const auto resolved = resolve_name(*catalogue_, alias.name);
    if (resolved && resolved->then_auto) open_names_.push_back(alias.name);
  }
  const auto plain = resolve_name(*catalogue_, kAuto);
  if (plain && plain->then_auto) open_names_.emplace_back(kAuto);
}

void Decisions::set_performance(PerformanceViewPtr performance) {
  performance_ = std::move(performance);
  measured_.clear();
  cache_.clear();
}

bool Decisions::is_open(std::string_view asked) const noexcept {
  return std::ranges::find(open_names_, asked.empty() ? std::string_view(options_.default_model) : asked) !=
         open_names_.end();
}

std::optional<Classification> Decisions::classification(const Call& call) const {
  if (call.demand && call.demand->query) return call.demand->query;
  if (!classify_ || !answers_text(call.shape.task)) return std::nullopt;
  const auto request = call.request();
  if (!request) return std::nullopt;
  Classification query = classify_(request->get());
  // Structure goes before words: what comes with pictures or sound is for models that see or hear.
  if (call.shape.has_images || call.shape.has_audio) {
    query.type = QueryType::kMultimedia;
    query.confidence = 1;
    query.probabilities = {0, 0, 0, 1};
  }
  return query;
}

Demand Decisions::demand_of(const Call& call) const {
  Demand demand = call.demand.value_or(Demand());
  // The server's own are what is left of some time: in size classes, so that requests of one kind can share a decision.
  if (demand.deadline && demand.deadline_yields) {
    const auto left = std::chrono::ceil<Millis>(*demand.deadline).count();
    demand.deadline = Millis(size_class(static_cast<std::size_t>(std::max<std::int64_t>(left, 0))));
  }
  if (!is_open(call.shape.model)) return demand;
  demand.query = classification(call);
  if (!demand.query) return demand;
  // In steps of a twentieth, so that requests of one kind can share a decision.
  const auto stepped = [](double confidence) { return std::round(confidence * 20) / 20; };
  demand.query->confidence = stepped(demand.query->confidence);
  demand.query->complexity_confidence = stepped(demand.query->complexity_confidence);
  if (auto& chance = demand.query->cheap_suffices) *chance = stepped(*chance);
  demand.query->probabilities = {};
  return demand;
}

std::span<const Measured> Decisions::measured_for(const Shape& shape, const Demand& demand) {
  // A view of another catalogue has other indexes.
  if (performance_->catalogue_version() != catalogue_->version) return {};
  const int query_class = demand.query ? static_cast<int>(demand.query->type) : kNoQueryClass;
  const int stratum = prompt_stratum(estimated_input(shape));
  auto& measured = measured_[cell_key(shape.task, query_class, stratum)];
  if (measured.empty()) measured = measured_rows(*performance_, shape.task, query_class, stratum);
  return measured;
}

void Decisions::set_fleet(FleetViewPtr fleet) {
  if (!same_for_selection(fleet_.get(), fleet.get())) cache_.clear();
  fleet_ = std::move(fleet);
  facts_ = make_fact_sheet(*catalogue_, fleet_.get());
}

void Decisions::set_options(SelectOptions options) {
  options_ = std::move(options);
  follow_models();
}

void Decisions::follow_health() {
  const TimePoint now = clock_.now();
  if (now >= health_.changes_at()) health_.time_changed(now);
  const auto version = health_.version();
  if (version == health_version_) return;
  health_version_ = version;
  cache_.clear();
  views_.clear();
  for (const HealthCell* cell : cells_) views_.push_back(cell->view(now));
}

std::optional<FitDoubt> Decisions::fit_doubt(const Call& call) const {
  const std::size_t bytes = call.shape.text_bytes;
  if (bytes <= sure_bytes_) return std::nullopt;
  const std::string_view asked = call.shape.model.empty() ? options_.default_model : call.shape.model;
  const auto resolved = resolve_name(*catalogue_, asked);
  if (!resolved) return std::nullopt;
  Tokens window;
  const auto look_at = [&](const Model& model) {
    if (model.context && in_doubt(bytes, *model.context)) window = std::max(window, *model.context);
  };
  for (const std::size_t model : resolved->models) look_at(catalogue_->models[model]);
  if (resolved->then_auto) std::ranges::for_each(catalogue_->models, look_at);
  if (window.count == 0) return std::nullopt;
  const std::string_view model = resolved->named ? catalogue_->models[resolved->models.front()].id.name() : "";
  return FitDoubt{.window = window, .encoding = encoding_of(model), .exact = counts_exactly(model)};
}

ChoicePtr Decisions::choose(const Call& call, std::optional<CountedPrompt> counted) {
  if (!is_open(call.shape.model)) return choose(call, counted, false);
  const TimePoint began = clock_.now();
  auto choice = choose(call, counted, true);
  const auto& query = choice->decision->features.query;
  if (query && !choice->targets.empty()) {
    series_.selection(query->type, std::chrono::duration_cast<Micros>(clock_.now() - began));
    choice->targets.front().series->selected(*query);
  }
  return choice;
}

ChoicePtr Decisions::choose(const Call& call, std::optional<CountedPrompt> counted, bool open) {
  follow_health();
  static const Demand kNone;
  const Shape& shape = call.shape;
  std::optional<Demand> wanted;
  if (call.demand || open) wanted = demand_of(call);
  const Demand& demand = wanted ? *wanted : kNone;
  const KeyView key{
      .asked = shape.model,
      .needs = needed_capabilities(shape) | static_cast<std::uint32_t>(call.dialect) << 16U |
               static_cast<std::uint32_t>(shape.task) << 24U | (demand.query && open && !call.deadline ? kBounded : 0U),
      .text_bytes = size_class(shape.text_bytes),
      .max_tokens = shape.max_tokens && *shape.max_tokens >= 0
                        ? static_cast<std::int64_t>(size_class(static_cast<std::size_t>(*shape.max_tokens)))
                        : -1,
      .counted = counted ? counted->tokens.count : -1,
      .exact = counted && counted->exact,
      .demand = &demand};
  // Two equal requests may be decided differently.
  const Strategy* const strategy = strategy_of(demand);
  if (strategy != nullptr && (strategy->draws || strategy->by_session)) return make(call, key);
  if (const auto cached = cache_.find(key); cached != cache_.end()) return cached->second;
  auto choice = make(call, key);
  // What was refused is seldom asked again; a flood of wrong names must not push the right ones out.
  if (choice->refused || key.asked.size() > kLongestName) return choice;
  if (cache_.size() >= kMostCached) cache_.clear();
  cache_.emplace(Key(key), choice);
  return choice;
}

const Strategy* Decisions::strategy_of(const Demand& demand) const {
  return find_strategy(demand.strategy.empty() ? options_.strategy : demand.strategy).value_or(nullptr);
}

std::uint64_t Decisions::session_of(const Call& call, const Demand& demand) const {
  if (demand.session != 0 || !key_) return demand.session;
  const Strategy* const strategy = strategy_of(demand);
  return strategy != nullptr && strategy->by_session ? session_by_beginning(call, *key_) : 0;
}

void Decisions::answered(const Call& call, const ModelId& model) {
  static const Demand kNone;
  const std::uint64_t session = session_of(call, call.demand ? *call.demand : kNone);
  if (session != 0) sessions_.stands(session, draw_key(model.text), clock_.now());
}

ChoicePtr Decisions::make(const Call& call, const KeyView& key) {
  Shape shape = call.shape;
  shape.text_bytes = key.text_bytes;
  shape.max_tokens.reset();
  if (key.max_tokens >= 0) shape.max_tokens = key.max_tokens;
  Demand demand = *key.demand;
  demand.session = session_of(call, demand);
  const auto counted = key.counted >= 0 ? std::optional(CountedPrompt{Tokens(key.counted), key.exact}) : std::nullopt;
  auto selection =
      select({.catalogue = *catalogue_,
              .facts = facts_,
              .health = views_,
              .measured = measured_for(shape, demand),
              .asked = shape.model,
              .shape = shape,
              .demand = demand,
              .dialect = call.dialect,
              .options = options_,
              .chain = demand.query ? chains_[static_cast<std::size_t>(demand.query->type)] : kNoChain,
              .seed = random_bits(),
              .turn = turn_++,
              .exploration_usd = exploration_usd_,
              .session_model = demand.session != 0 ? sessions_.model(demand.session, clock_.now()) : std::nullopt,
              .counted = counted});
  // One that answers for a model which is loading was not tried for the sake of trying.
  if (!selection.decision.loading) exploration_usd_ = exploration_left(exploration_usd_, selection.decision);
  if ((key.needs & kBounded) != 0) bound_first_token(selection.decision, query_budget(demand.query->type));
  auto choice = std::make_shared<Choice>();
  for (const auto& candidate : selection.decision.plan.order) {
    const auto index = catalogue_->by_id.at(candidate.model.text);
    choice->targets.push_back({cells_[index], &series_.of(candidate.model.text), catalogue_->models[index].price});
  }
  choice->refused = std::move(selection.refused);
  choice->decision = std::make_shared<const Decision>(std::move(selection.decision));
  return choice;
}

}  // namespace orchestra
