#include "registry/catalogue.h"

#include <algorithm>

namespace orchestra {
namespace {

constexpr MicroUsd kNothing{0};
constexpr Price kFree{.input = kNothing,
                      .output = kNothing,
                      .cached_input = kNothing,
                      .cache_write = kNothing,
                      .reasoning = kNothing,
                      .audio_input = kNothing,
                      .audio_output = kNothing};

bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == name;
}

Price price_of(const Model& model, const std::vector<PriceRow>& rows) {
  if (model.local) return kFree;
  const PriceRow* best = nullptr;
  for (const PriceRow& row : rows) {
    if (row.provider != model.id.provider() || !matches(row.pattern, model.id.name())) continue;
    if (!best || row.pattern.size() > best->pattern.size()) best = &row;
  }
  return best ? best->price : Price{};
}

}  // namespace

Catalogue build_catalogue(const CatalogueParts& parts, std::int64_t version) {
  Catalogue catalogue{.version = version, .models = {}, .aliases = parts.aliases, .by_bare_name = {}, .by_id = {}};
  for (const auto& [provider, models] : parts.by_provider) {
    catalogue.models.insert(catalogue.models.end(), models.begin(), models.end());
  }
  std::ranges::sort(catalogue.models, {}, &Model::id);
  const auto repeated = std::ranges::unique(catalogue.models, {}, &Model::id);
  catalogue.models.erase(repeated.begin(), repeated.end());
  for (std::size_t i = 0; i < catalogue.models.size(); ++i) {
    Model& model = catalogue.models[i];
    model.price = price_of(model, parts.prices);
    catalogue.by_id.emplace(model.id.text, i);
    catalogue.by_bare_name[std::string(model.id.name())].push_back(i);
  }
  return catalogue;
}

}  // namespace orchestra
