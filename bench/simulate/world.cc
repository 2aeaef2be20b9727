#include "world.h"

#include <algorithm>
#include <array>

namespace orchestra::simulation {
namespace {

// The local ones with memory, speed, start and price (per 1,000 tokens there) of the original's
// model-capabilities.json; the remote ones with their public prices.
constexpr std::array<Truth, 8> kTruths{{
    {"local/llama3.2:8b", 0.75, 5, 5, 0.3, 25, 4.9, 12},
    {"local/llama3.2:3b", 0.62, 1, 1, 0.3, 40, 2.0, 8},
    {"local/llama3.2:1b", 0.48, 0.5, 0.5, 0.3, 50, 1.3, 5},
    {"local/codellama:13b", 0.80, 10, 10, 0.3, 15, 7.4, 20},
    {"openai/gpt-4o-mini", 0.80, 0.15, 0.6, 0.5, 90, 0, 0},
    {"openai/gpt-4o", 0.93, 2.5, 10, 0.6, 60, 0, 0},
    {"anthropic/claude-3-5-haiku", 0.82, 0.8, 4, 0.6, 70, 0, 0},
    {"anthropic/claude-3-5-sonnet", 0.94, 3, 15, 0.8, 60, 0, 0},
}};

MicroUsd price(double usd) noexcept {
  return MicroUsd(static_cast<std::int64_t>(usd * 1e6));
}

bool is_local(const Truth& truth) noexcept {
  return std::string_view(truth.id).starts_with("local/");
}

}  // namespace

std::span<const Truth> truths() noexcept {
  return kTruths;
}

const Truth& truth_of(std::string_view id) noexcept {
  return *std::ranges::find(kTruths, id, [](const Truth& truth) { return std::string_view(truth.id); });
}

double quality_of(const Truth& truth, QueryType type) noexcept {
  static constexpr std::array<double, 4> kHardness{0.0, 0.35, 0.6, 0.35};
  return truth.quality * (1 - kHardness[static_cast<std::size_t>(type)] * (1 - truth.quality));
}

Catalogue catalogue(bool with_clouds) {
  std::vector<Model> models;
  for (const Truth& truth : kTruths) {
    const bool local = is_local(truth);
    if (!local && !with_clouds) continue;
    Model model{.id = {truth.id},
                .capabilities = kCanChat | kCanStream,
                .context = Tokens(local ? 8192 : 128'000),
                .local = local};
    model.price.input = price(truth.usd_per_input);
    model.price.output = price(truth.usd_per_output);
    if (local) {
      model.facts.emplace();
      model.facts->need = Bytes(static_cast<std::int64_t>(truth.gigabytes * 1e9));
    }
    ModelCard card;
    card.claimed = {.first_content = micros(truth.first_content),
                    .tokens_per_second = truth.tokens_per_second,
                    .quality = truth.quality};
    model.card = std::make_shared<const ModelCard>(std::move(card));
    models.push_back(std::move(model));
  }
  return make_catalogue(1, std::move(models));
}

Request random_request(Random& random) {
  const double what = random.share();
  const QueryType type = what < 0.5 ? QueryType::kSimple : what < 0.8 ? QueryType::kTechnical : QueryType::kResearch;
  static constexpr std::array<double, 4> kOutput{150, 400, 800, 300}, kInput{80, 400, 900, 300};
  const auto index = static_cast<std::size_t>(type);
  Request request{.input = kInput[index] * random.between(0.4, 1.6),
                  .output = kOutput[index] * random.between(0.5, 1.5)};
  request.query = {.type = type, .confidence = 0.9, .complexity = static_cast<Complexity>(index)};
  request.query.complexity_confidence = 0.8;
  return request;
}

World::World(std::uint64_t seed, double seconds, bool careful, Micros patience) : patience_(patience) {
  Random random(seed);
  const TimePoint start = clock_.now();
  std::vector<Machine::Local> locals;
  for (const Truth& truth : kTruths) {
    if (is_local(truth)) locals.push_back({truth.id, truth.gigabytes, truth.tokens_per_second, truth.start_seconds});
  }
  machine_ = std::make_unique<Machine>(events_, Random(random.bits()), std::move(locals), careful, start, seconds);
  openai_ = std::make_unique<Cloud>(events_, Random(random.bits()), start, seconds);
  anthropic_ = std::make_unique<Cloud>(events_, Random(random.bits()), start, seconds);
}

void World::ask(Ask ask) {
  const auto provider = ask.model.provider();
  if (provider == "local") return machine_->ask(std::move(ask));
  const Truth& truth = truth_of(ask.model.text);
  const Cloud::Speed speed{.first_content = truth.first_content, .tokens_per_second = truth.tokens_per_second};
  (provider == "openai" ? openai_ : anthropic_)->ask(speed, std::move(ask));
}

void Tally::answered(const Truth& truth, const Request& request, double seconds) {
  latencies.push_back(seconds);
  usd += (request.input * truth.usd_per_input + request.output * truth.usd_per_output) / 1e6;
  quality += quality_of(truth, request.query.type);
}

}  // namespace orchestra::simulation
