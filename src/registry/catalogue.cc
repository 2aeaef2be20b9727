#include "registry/catalogue.h"

#include <algorithm>
#include <array>

#include "registry/overlay.h"
#include "registry/patterns.h"

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
// Of a chat model nobody knows anything about: it may be able to do all of it.

std::string_view behind_last_slash(std::string_view name) {
  return name.substr(name.rfind('/') + 1);
}

// Models of providers that no row names, such as a gateway of one's own, are known by their names alone.
constexpr std::string_view kAnyProvider = "";

bool reads_like_preview(std::string_view name) {
  constexpr std::array<std::string_view, 4> kWords = {"preview", "-beta", "-exp-", "experimental"};
  return name.ends_with("-exp") ||
         std::ranges::any_of(kWords, [name](std::string_view word) { return name.contains(word); });
}

std::shared_ptr<const ModelCard> card_with(const ModelCard* known, const ModelRecord& record) {
  auto card = std::make_shared<ModelCard>(known ? *known : ModelCard{});
  lay_shared(*card, record);
  card->versions = record.versions;
  card->created = record.created;
  card->updated = record.updated;
  card->registered = true;
  return card;
}

void lay_capabilities(Model& model, const ModelRecord& record) {
  const Capabilities before = model.capabilities;
  const bool new_chat = record.tasks && (*record.tasks & (kCanChat | kCanComplete)) != 0 && before == 0;
  model.features_assumed = (model.features_assumed || new_chat) && !record.features;
  const Capabilities features = new_chat ? kUnknownFeatures : before & ~kTaskCapabilities;
  model.capabilities = record.tasks.value_or(before & kTaskCapabilities) | record.features.value_or(features);
}

class Builder {
 public:
  explicit Builder(const CatalogueParts& parts) : parts_(parts) {
    for (std::size_t i = 0; i < parts.prices.size(); ++i) {
      prices_.add(parts.prices[i].provider, parts.prices[i].pattern, i);
    }
    for (std::size_t i = 0; i < parts.known.size(); ++i) {
      for (const std::string& provider : parts.known[i].providers) known_.add(provider, parts.known[i].pattern, i);
      known_.add(kAnyProvider, parts.known[i].pattern, i);
    }
    auto beta = std::make_shared<ModelCard>();
    beta->maturity = Maturity::kBeta;
    beta_ = std::move(beta);
  }

  std::vector<Model> models() const {
    const std::vector<Model> registered = registered_models();
    std::vector<Place> order;
    for (const auto& [provider, listed] : parts_.by_provider) {
      for (const Model& model : listed) order.push_back({model.id.text, false, &model});
    }
    for (const Model& model : registered) order.push_back({model.id.text, true, &model});
    std::ranges::sort(order, {}, [](const Place& place) { return std::pair(place.id, place.registered); });
    std::vector<Model> models;
    models.reserve(order.size());
    for (const Place& place : order) {
      if (!models.empty() && models.back().id.text == place.id) continue;
      models.push_back(*place.model);
      complete(models.back());
    }
    return models;
  }

 private:
  // Of models with one id the discovered one comes first, and stays.
  struct Place {
    std::string_view id;
    bool registered;
    const Model* model;
  };

  std::vector<Model> registered_models() const {
    std::vector<Model> models;
    if (!parts_.records) return models;
    for (const RecordPtr& record : parts_.records->all()) {
      Model model{.id = record->id, .local = record->id.provider() == "local"};
      const auto provider = parts_.set_up.find(record->id.provider());
      model.offered = provider != parts_.set_up.end();
      if (model.offered) model.dialect = provider->second;
      models.push_back(std::move(model));
    }
    return models;
  }

  const KnownModel* known(const Model& model) const {
    const std::string_view provider = known_.lists(model.id.provider()) ? model.id.provider() : kAnyProvider;
    auto row = known_.find(provider, model.id.name());
    if (!row) row = known_.find(provider, behind_last_slash(model.id.name()));
    return row ? &parts_.known[*row] : nullptr;
  }

  Price price(const Model& model) const {
    if (model.local) return kFree;
    const auto row = prices_.find(model.id.provider(), model.id.name());
    return row ? parts_.prices[*row].price : Price{};
  }

  void complete(Model& model) const {
    model.price = price(model);
    if (const KnownModel* row = known(model)) {
      model.card = row->card;
      if (!model.facts && row->capabilities) {
        model.capabilities = *row->capabilities;
        model.features_assumed = false;
      }
      if (!model.context) model.context = row->context;
    } else if (reads_like_preview(model.id.name())) {
      model.card = beta_;
    }
    const ModelRecord* record = parts_.records ? parts_.records->find(model.id.text) : nullptr;
    if (!record) return;
    model.card = card_with(model.card.get(), *record);
    lay_capabilities(model, *record);
    lay(model.context, record->context);
    lay(model.price, record->price);
    lay(model.display_name, record->display_name);
  }

  const CatalogueParts& parts_;
  PatternIndex prices_, known_;
  std::shared_ptr<const ModelCard> beta_;
};

}  // namespace

Catalogue build_catalogue(const CatalogueParts& parts, std::int64_t version) {
  return make_catalogue(version, Builder(parts).models(), parts.aliases);
}

}  // namespace orchestra
