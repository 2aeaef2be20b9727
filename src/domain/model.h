// What models exist: the catalogue's values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/units.h"
#include "domain/dialect.h"
#include "domain/model_card.h"
#include "domain/task_kind.h"
#include "domain/usage.h"

namespace orchestra {

// `provider/model`, e.g. "openai/gpt-4o" or "local/orchestra-demo". The part before the first '/' is the provider.
struct ModelId {
  std::string text;
  std::string_view provider() const noexcept { return std::string_view(text).substr(0, text.find('/')); }
  std::string_view name() const noexcept {
    const auto slash = text.find('/');
    return slash == std::string::npos ? std::string_view(text) : std::string_view(text).substr(slash + 1);
  }
  friend bool operator==(const ModelId&, const ModelId&) = default;
  friend auto operator<=>(const ModelId&, const ModelId&) = default;
};

// Facts of a local model file, read from its GGUF header.
struct LocalFacts {
  std::string architecture, quantization, chat_template;
  std::int64_t layers = 0, parameters = 0;
  Bytes file_size;
  Bytes need;  // the memory estimate of DESIGN 7 at the configured context
};

struct Model {
  ModelId id;
  Dialect dialect = Dialect::kOpenAi;  // what its provider speaks
  Capabilities capabilities = 0;       // 0: nothing is known
  // Nobody said how it can do its tasks: `capabilities` has all ways, so that it is tried.
  bool features_assumed = false;
  std::optional<Tokens> context;  // window in tokens, when known
  Price price;
  bool local = false;
  std::optional<LocalFacts> facts;  // local models
  std::int64_t created = 0;         // seconds since 1970, as the provider says; 0 when it does not
  std::string display_name;
  bool offered = true;  // false: registered, but its provider is not set up here
  // What the registry knows of it; null when nothing. Shared: every catalogue that holds the model.
  std::shared_ptr<const ModelCard> card;
};

// Ways of doing a task that are assumed of a model of which nobody says more.
inline constexpr Capabilities kUnknownFeatures =
    kCanStream | kCanUseTools | kCanSeeImages | kCanHearAudio | kCanJsonSchema;

// What is known for certain that the model can do.
inline Capabilities known_capabilities(const Model& model) noexcept {
  return model.features_assumed ? model.capabilities & kTaskCapabilities : model.capabilities;
}

// One alias: an ordered chain of model names, tried in that order.
struct Alias {
  std::string name;
  std::vector<std::string> chain;
};

// An immutable view of all models; posted to each loop, which keeps its own pointer.
struct Catalogue {
  std::int64_t version = 0;
  std::vector<Model> models;  // sorted by id
  std::vector<Alias> aliases;
  std::unordered_map<std::string, std::vector<std::size_t>> by_bare_name;  // "gpt-4o" to indices into `models`
  std::unordered_map<std::string, std::size_t> by_id;
};
// Of models in any order: sorts them and makes the look-up tables.
Catalogue make_catalogue(std::int64_t version, std::vector<Model> models, std::vector<Alias> aliases = {});

using CataloguePtr = std::shared_ptr<const Catalogue>;  // shared: every loop and every request in flight holds one

}  // namespace orchestra
