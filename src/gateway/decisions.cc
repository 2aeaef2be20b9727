#include "gateway/decisions.h"

#include <algorithm>
#include <bit>

#include "policy/score.h"

namespace orchestra {
namespace {

constexpr std::size_t kMostCached = 2048;
// A longer name is no model's: it is refused, and not worth a place in the cache.
constexpr std::size_t kLongestName = 256;

// The next size class above: eight classes per power of two, so that sharing costs at most an eighth.
std::size_t size_class(std::size_t size) noexcept {
  const int shift = std::max(static_cast<int>(std::bit_width(size)) - 4, 0);
  const std::size_t step = std::size_t{1} << shift;
  return (size + step - 1) / step * step;
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
  for (const std::size_t part :
       {static_cast<std::size_t>(key.needs), key.text_bytes, static_cast<std::size_t>(key.max_tokens)}) {
    hash = (hash ^ part) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
  }
  return hash;
}

Decisions::Decisions(HealthTable& health, Series& series, const Clock& clock, SelectOptions options)
    : health_(health),
      series_(series),
      clock_(clock),
      options_(std::move(options)),
      catalogue_(std::make_shared<const Catalogue>()) {}

void Decisions::set_catalogue(CataloguePtr catalogue) {
  catalogue_ = std::move(catalogue);
  cells_.clear();
  for (const auto& model : catalogue_->models) cells_.push_back(&health_.cell(model.id.text));
  health_version_ = 0;
}

void Decisions::set_fleet(FleetViewPtr fleet) {
  if (!same_for_selection(fleet_.get(), fleet.get())) cache_.clear();
  fleet_ = std::move(fleet);
}

void Decisions::set_options(SelectOptions options) {
  options_ = std::move(options);
  cache_.clear();
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

ChoicePtr Decisions::choose(const Call& call) {
  follow_health();
  const Shape& shape = call.shape;
  const KeyView key{
      .asked = shape.model,
      .needs = needed_capabilities(shape) | static_cast<std::uint32_t>(call.dialect) << 16U |
               static_cast<std::uint32_t>(shape.task) << 24U,
      .text_bytes = size_class(shape.text_bytes),
      .max_tokens = shape.max_tokens && *shape.max_tokens >= 0
                        ? static_cast<std::int64_t>(size_class(static_cast<std::size_t>(*shape.max_tokens)))
                        : -1};
  if (const auto cached = cache_.find(key); cached != cache_.end()) return cached->second;
  auto choice = make(call, key);
  // What was refused is seldom asked again; a flood of wrong names must not push the right ones out.
  if (choice->refused || key.asked.size() > kLongestName) return choice;
  if (cache_.size() >= kMostCached) cache_.clear();
  cache_.emplace(Key(key), choice);
  return choice;
}

ChoicePtr Decisions::make(const Call& call, const KeyView& key) {
  Shape shape = call.shape;
  shape.text_bytes = key.text_bytes;
  shape.max_tokens.reset();
  if (key.max_tokens >= 0) shape.max_tokens = key.max_tokens;
  auto selection = select({.catalogue = *catalogue_,
                           .health = views_,
                           .fleet = fleet_.get(),
                           .asked = shape.model,
                           .shape = shape,
                           .dialect = call.dialect,
                           .options = options_});
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
