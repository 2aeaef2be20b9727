// The select step of one loop: snapshots in, decisions out, and a small cache between them.
//
// Requests of one kind (same name, task, needs and demands, and size within an eighth) share one decision; it is made
// anew when the catalogue, the fleet or a model's health changes. Strategies that draw, take turns or follow sessions
// decide every time. Loop-bound.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "domain/call.h"
#include "domain/fleet_view.h"
#include "gateway/health.h"
#include "gateway/series.h"
#include "gateway/sessions.h"
#include "policy/select.h"

namespace orchestra {

// What running a plan needs of one candidate, looked up once per decision.
struct Target {
  HealthCell* health = nullptr;
  ModelSeries* series = nullptr;
  Price price;
};

struct Choice {
  DecisionPtr decision;
  std::vector<Target> targets;  // by index into the plan's order
  std::optional<Error> refused;
};
using ChoicePtr = std::shared_ptr<const Choice>;  // shared: the cache and every request that runs it

class Decisions {
 public:
  Decisions(HealthTable& health, Series& series, const Clock& clock, SelectOptions options);

  void set_catalogue(CataloguePtr catalogue);
  void set_fleet(FleetViewPtr fleet);
  void set_options(SelectOptions options);
  ChoicePtr choose(const Call& call);
  // The model that answered: a session stays with it.
  void answered(const Call& call, const ModelId& model);

 private:
  struct KeyView {
    std::string_view asked;
    std::uint32_t needs = 0;  // task, dialect and capabilities
    std::size_t text_bytes = 0;
    std::int64_t max_tokens = -1;
    const Demand* demand = nullptr;
  };
  struct Key {
    explicit Key(const KeyView& key)
        : asked(key.asked),
          needs(key.needs),
          text_bytes(key.text_bytes),
          max_tokens(key.max_tokens),
          demand(*key.demand) {}
    KeyView view() const noexcept { return {asked, needs, text_bytes, max_tokens, &demand}; }
    std::string asked;
    std::uint32_t needs;
    std::size_t text_bytes;
    std::int64_t max_tokens;
    Demand demand;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const KeyView& key) const noexcept;
    std::size_t operator()(const Key& key) const noexcept { return (*this)(key.view()); }
  };
  struct Equal {
    using is_transparent = void;
    static bool same(const KeyView& a, const KeyView& b) noexcept;
    bool operator()(const Key& a, const Key& b) const noexcept { return same(a.view(), b.view()); }
    bool operator()(const Key& a, const KeyView& b) const noexcept { return same(a.view(), b); }
    bool operator()(const KeyView& a, const Key& b) const noexcept { return same(a, b.view()); }
  };

  void follow_health();
  void follow_models();
  // Whether two equal requests may be decided differently.
  bool decides_each_time(const Demand& demand) const;
  ChoicePtr make(const Call& call, const KeyView& key);
  void pay_for_exploring(const Decision& decision);

  HealthTable& health_;
  Series& series_;
  const Clock& clock_;
  SelectOptions options_;
  CataloguePtr catalogue_;
  FleetViewPtr fleet_;
  std::vector<HealthCell*> cells_;  // by index into the catalogue
  std::vector<ModelHealth> views_;  // the same, as of `health_version_`
  std::uint64_t health_version_ = 0;
  FactSheet facts_;                                 // of `catalogue_` and `fleet_`
  std::array<std::vector<std::size_t>, 4> chains_;  // by QueryType, resolved in `catalogue_`
  std::unordered_map<Key, ChoicePtr, Hash, Equal> cache_;
  Sessions sessions_;
  std::uint64_t turn_ = 0;
  double exploration_usd_ = 0;  // what may be spent on trying others than the best
};

}  // namespace orchestra
