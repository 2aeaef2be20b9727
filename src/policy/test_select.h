// What the tests of the select step share: small catalogues, and a selection with the things that they look at.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "policy/select.h"

namespace orchestra {

inline constexpr Capabilities kEverything =
    kCanChat | kCanComplete | kCanUseTools | kCanSeeImages | kCanJsonSchema | kCanStream;

inline Model remote(std::string id, Capabilities capabilities = kEverything, std::int64_t context = 128'000,
                    std::int64_t output_price = 10'000'000) {
  Model model{.id = ModelId{std::move(id)}, .capabilities = capabilities, .context = Tokens(context)};
  model.price.input = MicroUsd(output_price / 4);
  model.price.output = MicroUsd(output_price);
  return model;
}

inline Model local(std::string id, std::int64_t parameters, Capabilities capabilities = kCanChat | kCanStream) {
  Model model{.id = ModelId{std::move(id)}, .capabilities = capabilities, .context = Tokens(4096), .local = true};
  model.facts = LocalFacts{.parameters = parameters, .file_size = Bytes(parameters / 2)};
  model.price.input = model.price.output = MicroUsd(0);
  return model;
}

inline Catalogue catalogue_of(std::vector<Model> models, std::vector<Alias> aliases = {}) {
  return make_catalogue(3, std::move(models), std::move(aliases));
}

inline Catalogue usual() {
  return catalogue_of(
      {remote("openai/gpt-4o"), remote("openai/gpt-4o-mini", kEverything, 128'000, 600'000),
       remote("anthropic/claude-sonnet"), remote("azure/gpt-4o"), local("local/orchestra-demo", 4'000'000),
       remote("openai/text-embedding-3-small", kCanEmbed, 8192), local("local/llama3:latest", 3'000'000'000)},
      {{"smart", {"openai/gpt-4o", "anthropic/claude-sonnet"}},
       {"any", {"smart", "local/orchestra-demo", "smart"}},
       {"loop-a", {"loop-b"}},
       {"loop-b", {"loop-a", "openai/gpt-4o-mini"}},
       {"stale", {"openai/retired", "openai/gpt-4o-mini"}},
       {"empty", {"openai/retired"}},
       {"open-ended", {"anthropic/claude-sonnet", "auto"}}});
}

// A selection and the things that tests look at.
struct Asked {
  explicit Asked(Catalogue c) : catalogue(std::move(c)), health(catalogue.models.size()) {}
  Selection select(std::string_view name) {
    const FactSheet facts = make_fact_sheet(catalogue, &fleet);
    return orchestra::select({.catalogue = catalogue,
                              .facts = facts,
                              .health = health,
                              .measured = measured,
                              .asked = name,
                              .shape = shape,
                              .demand = demand,
                              .dialect = dialect,
                              .options = options,
                              .chain = chain,
                              .seed = seed,
                              .turn = turn,
                              .session_model = session_model,
                              .counted = counted});
  }
  std::vector<std::string> order(std::string_view name) {
    std::vector<std::string> ids;
    for (const auto& candidate : select(name).decision.plan.order) ids.push_back(candidate.model.text);
    return ids;
  }
  Error refusal(std::string_view name) {
    auto selection = select(name);
    EXPECT_TRUE(selection.refused.has_value());
    return selection.refused.value_or(Error{});
  }
  ModelHealth& health_of(const std::string& id) { return health[catalogue.by_id.at(id)]; }

  Catalogue catalogue;
  std::vector<ModelHealth> health;
  FleetView fleet;
  std::vector<Measured> measured;
  std::vector<std::size_t> chain;
  Demand demand;
  std::uint64_t seed = 1, turn = 0;
  std::optional<std::uint32_t> session_model;
  std::optional<CountedPrompt> counted;
  Shape shape{.text_bytes = 400};
  Dialect dialect = Dialect::kOpenAi;
  SelectOptions options;
};

}  // namespace orchestra
