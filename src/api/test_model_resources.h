// The resources of models over a registry that applies changes at once.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "api/dispatcher.h"
#include "api/model_registry.h"
#include "api/model_versions.h"
#include "api/registered_models.h"
#include "base/fake_clock.h"
#include "base/json.h"
#include "ports/fake_exchange.h"
#include "ports/fake_outcomes.h"
#include "registry/catalogue.h"
#include "registry/performance.h"

namespace orchestra {

// A registry that applies changes at once, to the catalogue that the resources read.
class InstantRegistry final : public Registry {
 public:
  InstantRegistry(Snapshots& snapshots, const Clock& clock) : snapshots_(snapshots), clock_(clock) {}
  Task<RecordPtr> change(RecordChange change) override {
    auto changed = apply(parts.records, change, clock_.wall());
    if (!changed) co_return fail(changed.error());
    parts.records = changed->records;
    publish();
    co_return changed->record;
  }
  void publish() {
    snapshots_.catalogue = std::make_shared<const Catalogue>(build_catalogue(parts, ++version_));
    snapshots_.performance = performance.view(*snapshots_.catalogue, clock_.wall());
  }

  CatalogueParts parts{.records = std::make_shared<const Records>()};
  Performance performance;

 private:
  Snapshots& snapshots_;
  const Clock& clock_;
  std::int64_t version_ = 0;
};

class ModelResources : public testing::Test {
 protected:
  struct Answer {
    int status;
    json::value body;
    std::string text;
  };

  ModelResources() {
    Model listed{.id = {"openai/gpt-9"}, .capabilities = kCanChat | kCanStream, .context = Tokens(128'000)};
    Model local{.id = {"local/tiny"}, .capabilities = kCanChat | kCanComplete, .local = true};
    auto fast = std::make_shared<ModelCard>();
    fast->fast = true;
    fast->claimed.first_content = std::chrono::milliseconds(150);
    registry_.parts.known = {{.providers = {"local", "openai"}, .pattern = "*", .card = fast}};
    registry_.parts.prices = {{.provider = "openai", .pattern = "gpt-9", .price = {.input = MicroUsd(5'000'000)}}};
    registry_.parts.by_provider["openai"] = {listed};
    registry_.parts.by_provider["local"] = {local};
    registry_.parts.set_up["openai"] = Dialect::kOpenAi;
    registry_.publish();
    add_model_version_routes(router_, scene_);
    add_registered_model_routes(router_, scene_);
    add_model_registry_routes(router_, scene_);
  }

  Answer ask(std::string method, std::string target, std::string body = "", std::string key = "") {
    const auto mark = target.find('?');
    HttpRequest request{.method = std::move(method),
                        .path = target.substr(0, mark),
                        .query = mark == std::string::npos ? "" : target.substr(mark + 1),
                        .body = std::move(body),
                        .surface = surface_};
    if (!key.empty()) request.fields.add("x-api-key", key);
    FakeExchange exchange(std::move(request));
    Dispatcher dispatcher(router_, clock_, keys_);
    boost::asio::io_context loop(1);
    boost::asio::co_spawn(loop, dispatcher.handle(exchange), boost::asio::detached);
    loop.run();
    EXPECT_TRUE(exchange.responded) << target;
    auto parsed = parse_json(exchange.answer.body);
    return {exchange.answer.status, parsed ? *parsed : json::value(), exchange.answer.body};
  }
  // The model_ids of an array.
  static std::vector<std::string> ids(const json::value& list) {
    std::vector<std::string> out;
    for (const json::value& model : list.as_array()) out.emplace_back(*find_string(model, "model_id"));
    return out;
  }
  std::vector<std::string> page(const std::string& query) {
    const Answer answer = ask("GET", "/api/models?" + query);
    EXPECT_EQ(answer.status, 200) << answer.text;
    return ids(*find(answer.body, "items"));
  }
  // Registers "openai/one".
  Answer register_one(const std::string& more = "") {
    return ask("POST", "/api/models", R"({"model_id":"one","provider":"OPENAI","capabilities":["CHAT"])" + more + "}");
  }

  FakeClock clock_;
  Snapshots snapshots_;
  InstantRegistry registry_{snapshots_, clock_};
  FakeOutcomes outcomes_;
  ModelPulse pulse_;
  std::vector<HealthFacts::Provider> providers_;
  std::optional<ModelId> stand_in_;
  std::string surface_;
  const ModelScene scene_{.snapshots = snapshots_,
                          .registry = registry_,
                          .outcomes = outcomes_,
                          .pulse = [this](const ModelId&) { return pulse_; },
                          .providers = [this] { return providers_; },
                          .stand_in = [this](std::string_view) { return stand_in_; },
                          .clock = clock_};
  std::shared_ptr<const ApiKeys> keys_ = std::make_shared<const ApiKeys>(std::vector<ApiKeys::Key>{});
  Router router_;
};

}  // namespace orchestra
