#include "app/openapi.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>

#include "app/data_loop.h"
#include "base/fake_clock.h"
#include "base/json.h"
#include "ports/fake_journal.h"
#include "ports/fake_probes.h"
#include "ports/fake_registry.h"
#include "ports/fake_runner.h"
#include "ports/fake_spawner.h"
#include "ports/fake_store.h"
#include "ports/fake_translator.h"

namespace orchestra::app {
namespace {

constexpr std::array<std::string_view, 5> kMethods = {"get", "post", "put", "patch", "delete"};

// What a loop serves, as "GET /path".
std::vector<std::string> served() {
  boost::asio::io_context control{1};
  FakeClock clock;
  FakeSpawner spawner(control);
  FakeRunner runner;
  FakeMemoryProbe memory;
  FakeGpuProbe gpus;
  Fleet fleet(control, spawner, runner, memory, gpus, clock, {});
  Metrics metrics;
  HealthTable health(clock);
  Sessions sessions;
  FakeStore store;
  FakeTranslator translator;
  FakeRegistry registry;
  FakeJournal journal;
  auto system = std::make_shared<SystemParts>(SystemParts{.clock = clock});
  const Shared shared{.clock = clock,
                      .metrics = metrics,
                      .health = health,
                      .sessions = sessions,
                      .fleet = fleet,
                      .translator = translator,
                      .store = store,
                      .registry = registry,
                      .learn = {},
                      .providers = {},
                      .system = std::move(system)};
  std::vector<std::string> routes = DataLoop(shared, journal, {}, {}).routes();
  // OpenAPI has no word for a parameter that may hold slashes, which the router writes "{model...}".
  for (std::string& route : routes) {
    if (const std::size_t dots = route.find("..."); dots != std::string::npos) route.erase(dots, 3);
  }
  std::ranges::sort(routes);
  return routes;
}

// An unquoted comma inside { } of the YAML file makes a key of half a sentence.
void expect_plain_keys(const json::value& value) {
  if (const auto* object = value.if_object()) {
    for (const auto& [key, member] : *object) {
      EXPECT_EQ(std::string_view(key).find(' '), std::string_view::npos) << key;
      expect_plain_keys(member);
    }
  } else if (const auto* array = value.if_array()) {
    for (const json::value& item : *array) expect_plain_keys(item);
  }
}

class OpenApi : public testing::Test {
 protected:
  OpenApi() : api_(parse_json(openapi_json()).value()) {}

  // Calls `visit` with "GET /path" and the operation.
  template <class Visit>
  void each_operation(const Visit& visit) {
    for (const auto& [path, item] : find(api_, "paths")->as_object()) {
      for (const auto& [key, operation] : item.as_object()) {
        std::string method(key);
        if (std::ranges::find(kMethods, method) == kMethods.end()) continue;
        std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(c - 32); });
        visit(method + " " + std::string(path), operation);
      }
    }
  }

  json::value api_;
};

TEST_F(OpenApi, DescribesWhatIsServedAndNothingElse) {
  std::vector<std::string> described;
  each_operation([&](std::string name, const json::value&) { described.push_back(std::move(name)); });
  std::ranges::sort(described);
  EXPECT_EQ(described, served());
}

TEST_F(OpenApi, HoldsNoSplitSentences) {
  expect_plain_keys(api_);
}

TEST_F(OpenApi, EveryOperationHasItsPlaceOnTheDocsPage) {
  std::vector<std::string> sections;
  for (const json::value& tag : find(api_, "tags")->as_array()) sections.emplace_back(*find_string(tag, "name"));
  each_operation([&](const std::string& name, const json::value& operation) {
    EXPECT_TRUE(find_string(operation, "summary")) << name;
    ASSERT_NE(find(operation, "tags"), nullptr) << name;
    for (const json::value& tag : find(operation, "tags")->as_array()) {
      EXPECT_THAT(sections, testing::Contains(std::string(tag.as_string()))) << name;
    }
  });
}

TEST(DocsPage, NeedsNothingFromTheNetwork) {
  EXPECT_THAT(docs_html(), testing::HasSubstr("fetch('/openapi.json')"));
  for (const char* foreign : {"http://", "https://", "src=", "@import", "url("}) {
    EXPECT_THAT(docs_html(), testing::Not(testing::HasSubstr(foreign)));
  }
}

}  // namespace
}  // namespace orchestra::app
