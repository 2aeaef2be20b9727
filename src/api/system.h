// Resources about the server itself: the banner, health and the API's documentation.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/router.h"
#include "domain/model.h"

namespace orchestra {

// What the health pages say; gathered by app/ when asked.
struct HealthFacts {
  std::string version;
  Micros uptime{};
  Bytes memory_used;
  std::size_t models = 0;        // in the catalogue
  std::size_t ready_models = 0;  // usable now: remote ones, and local ones that can be loaded
  bool database = true;          // the ledger's store answers
  bool draining = false;
  struct Provider {
    std::string name;
    std::string state;  // "available", "unreachable", "key refused", "not asked yet"
    std::string detail;
    WallTime since{};  // when it was last seen so
  };
  std::vector<Provider> providers;
};

struct SystemParts {
  const Clock& clock;
  std::function<HealthFacts()> health;  // called on the loop
  std::string version;
  std::string_view openapi_json, docs_html;  // of the program's lifetime
};

Task<void> respond_text(ApiRequest& request, std::string_view type, std::string body);

// Shared by all routes of one loop.  `parts` is kept by shared_ptr: the routes own it together.
void add_system_routes(Router& router, std::shared_ptr<const SystemParts> parts);

}  // namespace orchestra
