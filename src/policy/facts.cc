#include "policy/facts.h"
#include "base/hash.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace orchestra {
namespace {

constexpr float kUnknownSize = 0.6F;
constexpr float kUndeclared = 0.4F;
constexpr float kLocalFirstContent = 0.3F, kRemoteFirstContent = 1.0F;
// Ending an idle worker and seeing its memory free again.
constexpr float kEvictionSeconds = 1.5F;

float seconds(Micros time) noexcept {
  return std::chrono::duration<float>(time).count();
}

// Free room and the largest budget of any device.
struct Room {
  std::int64_t free = 0, budget = 0;
  bool known = false;
};

Room room_of(const FleetView* fleet) noexcept {
  Room room;
  if (fleet == nullptr) return room;
  for (const DeviceView& device : fleet->devices) {
    room.known = true;
    room.free = std::max(room.free, device.budget.count - device.booked.count);
    room.budget = std::max(room.budget, device.budget.count);
  }
  return room;
}

void read_card(ModelFacts& facts, const ModelCard& card) {
  facts.skills = card.skills;
  facts.active = card.active;
  facts.deprecated = card.maturity == Maturity::kDeprecated || card.maturity == Maturity::kUnstable;
  const ClaimedPerformance& claimed = card.claimed;
  if (claimed.quality) facts.quality = static_cast<float>(*claimed.quality);
  if (claimed.success_rate) facts.success = static_cast<float>(*claimed.success_rate);
  if (claimed.first_content) facts.first_content = seconds(*claimed.first_content);
  facts.speed_claimed = claimed.tokens_per_second.has_value();
  if (claimed.completion) facts.completion = seconds(*claimed.completion);
  if (claimed.tokens_per_second) facts.tokens_per_second = static_cast<float>(*claimed.tokens_per_second);
}

// Prices are micro-dollars per million tokens.
float usd_per_token(const std::optional<MicroUsd>& price) noexcept {
  return price ? static_cast<float>(static_cast<double>(price->count) * 1e-12) : -1.0F;
}

void read_worker(ModelFacts& facts, const Model& model, const WorkerView* worker, const Room& room) {
  facts.worker = worker;
  facts.load = seconds(expected_load(model, worker));
  const WorkerState state = worker != nullptr ? worker->state : WorkerState::kCold;
  facts.down = state == WorkerState::kFailed || state == WorkerState::kQuarantined;
  if (state == WorkerState::kReady) {
    facts.busy = worker->slots > 0 ? std::min(1.0F, static_cast<float>(worker->in_flight + worker->waiting) /
                                                        static_cast<float>(worker->slots))
                                   : 0.0F;
    facts.resources = 1.0F - 0.5F * facts.busy;
    return;
  }
  const std::int64_t need = model.facts ? model.facts->need.count : 0;
  if (!room.known || need <= 0) return;
  facts.too_large = need > room.budget;
  if (need > room.free) {
    facts.load += kEvictionSeconds;
    facts.resources = 0.25F;
  } else {
    facts.resources = 1.0F - 0.5F * static_cast<float>(need) / static_cast<float>(room.free);
  }
}

}  // namespace

std::uint32_t draw_key(std::string_view id) noexcept {
  return static_cast<std::uint32_t>(fnv1a(id));
}

float quality_prior(const Model& model) noexcept {
  const bool embeds = (model.capabilities & kCanEmbed) != 0 && (model.capabilities & kCanChat) == 0;
  if (embeds || !model.local || !model.facts || model.facts->parameters <= 0) return kUnknownSize;
  const double magnitude = std::log10(static_cast<double>(model.facts->parameters));
  return static_cast<float>(std::clamp((magnitude - 7.0) / 5.0, 0.0, 1.0));
}

Micros expected_load(const Model& model, const WorkerView* worker) noexcept {
  if (!model.local || (worker != nullptr && worker->state == WorkerState::kReady)) return Micros(0);
  if (worker != nullptr && worker->expected_load.count() > 0) return worker->expected_load;
  // A cold disk reads some 300 MB per second, which is bytes / 300 in microseconds.
  const std::int64_t bytes = model.facts ? model.facts->file_size.count : 0;
  return std::chrono::seconds(1) + Micros(bytes / 300);
}

FactSheet make_fact_sheet(const Catalogue& catalogue, const FleetView* fleet) {
  FactSheet sheet;
  sheet.models.reserve(catalogue.models.size());
  const Room room = room_of(fleet);
  std::unordered_map<std::string_view, const WorkerView*> workers;
  if (fleet != nullptr) {
    for (const WorkerView& worker : fleet->workers) workers.emplace(worker.model.text, &worker);
  }
  // The catalogue is sorted by id, so a provider's models stand together.
  for (const Model& model : catalogue.models) {
    if (sheet.providers.empty() || sheet.providers.back() != model.id.provider()) {
      sheet.providers.emplace_back(model.id.provider());
    }
    ModelFacts facts{.capabilities = model.capabilities,
                     .undeclared = model.capabilities == 0 || model.features_assumed,
                     .draw = draw_key(model.id.text),
                     .provider = static_cast<std::uint16_t>(sheet.providers.size() - 1),
                     .local = model.local,
                     .offered = model.offered,
                     .context = model.context ? static_cast<float>(model.context->count) : 0.0F,
                     .quality = quality_prior(model),
                     .first_content = model.local ? kLocalFirstContent : kRemoteFirstContent};
    if (facts.undeclared) facts.quality = std::min(facts.quality, kUndeclared);
    if (model.card) read_card(facts, *model.card);
    facts.input_usd = model.local ? 0.0F : usd_per_token(model.price.input);
    facts.output_usd = model.local ? 0.0F : usd_per_token(model.price.output);
    if (model.local) {
      const auto found = workers.find(model.id.text);
      read_worker(facts, model, found == workers.end() ? nullptr : found->second, room);
    }
    sheet.models.push_back(facts);
  }
  return sheet;
}

}  // namespace orchestra
