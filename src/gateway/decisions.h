// The select step of one loop: snapshots in, decisions out, and a small cache between them.
//
// Requests of one kind (same name, task, needs and demands, and size within an eighth) share one decision; it is made
// anew when the catalogue, the fleet or a model's health changes. Strategies that draw, take turns or follow sessions
// decide every time. Loop-bound.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "domain/call.h"
#include "domain/fleet_view.h"
#include "domain/performance.h"
#include "gateway/health.h"
#include "gateway/series.h"
#include "gateway/sessions.h"
#include "policy/classify/feature_key.h"
#include "policy/select.h"
#include "policy/strategies/strategy.h"
#include "tokens/encoding.h"

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

// A text that may or may not fit: its tokens should be counted.
struct FitDoubt {
  Tokens window;  // the largest that is in doubt
  Encoding encoding;
  bool exact = false;  // it is the encoding of the model that was asked for
};

class Decisions {
 public:
  // What kind of query a request is. Called on the loop, for requests that leave the choice of a model open.
  using Classify = std::function<Classification(const Request&)>;

  // `classify` empty: no request is classified. `key` null: only requests that name a session have one.
  Decisions(HealthTable& health, Sessions& sessions, Series& series, const Clock& clock, SelectOptions options,
            Classify classify, std::shared_ptr<const FeatureKey> key);

  void set_catalogue(CataloguePtr catalogue);
  void set_fleet(FleetViewPtr fleet);
  void set_options(SelectOptions options);
  void set_performance(PerformanceViewPtr performance);
  // Nothing where its size alone tells for every model that may answer.
  std::optional<FitDoubt> fit_doubt(const Call& call) const;
  // A choice that the call leaves open is timed and counted.
  ChoicePtr choose(const Call& call, std::optional<CountedPrompt> counted = std::nullopt);
  // The call's classification, made when it brings none; nothing without a classifier, or when it cannot be decoded.
  std::optional<Classification> classification(const Call& call) const;
  // The model that answered, or for which another one did while it was being loaded: a session stays with it.
  void answered(const Call& call, const ModelId& model);

 private:
  struct KeyView {
    std::string_view asked;
    std::uint32_t needs = 0;  // task, dialect, capabilities, and whether the class bounds the first token
    std::size_t text_bytes = 0;
    std::int64_t max_tokens = -1;
    std::int64_t counted = -1;  // tokens of the prompt; -1: not counted
    bool exact = false;
    const Demand* demand = nullptr;
  };
  struct Key {
    explicit Key(const KeyView& key)
        : asked(key.asked),
          needs(key.needs),
          text_bytes(key.text_bytes),
          max_tokens(key.max_tokens),
          counted(key.counted),
          exact(key.exact),
          demand(*key.demand) {}
    KeyView view() const noexcept { return {asked, needs, text_bytes, max_tokens, counted, exact, &demand}; }
    std::string asked;
    std::uint32_t needs;
    std::size_t text_bytes;
    std::int64_t max_tokens, counted;
    bool exact;
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
  // Whether the name leaves the choice to us: "auto", or an alias that leads to it.
  bool is_open(std::string_view asked) const noexcept;
  // What the call wants, with its class where that matters.
  Demand demand_of(const Call& call) const;
  // What was measured of each model for such requests.
  std::span<const Measured> measured_for(const Shape& shape, const Demand& demand);
  // The one that would rank; null for a name that is none.
  const Strategy* strategy_of(const Demand& demand) const;
  // What the caller names, or under a strategy that follows sessions how the conversation began; 0: none.
  std::uint64_t session_of(const Call& call, const Demand& demand) const;
  ChoicePtr choose(const Call& call, std::optional<CountedPrompt> counted, bool open);
  ChoicePtr make(const Call& call, const KeyView& key);

  HealthTable& health_;
  Sessions& sessions_;
  Series& series_;
  const Clock& clock_;
  SelectOptions options_;
  Classify classify_;
  std::shared_ptr<const FeatureKey> key_;  // shared: by all loops
  CataloguePtr catalogue_;
  FleetViewPtr fleet_;
  std::vector<HealthCell*> cells_;  // by index into the catalogue
  std::vector<ModelHealth> views_;  // the same, as of `health_version_`
  std::uint64_t health_version_ = 0;
  PerformanceViewPtr performance_;
  std::vector<std::string> open_names_;
  std::size_t sure_bytes_ = 0;                      // a text of so many fits into every window
  FactSheet facts_;                                 // of `catalogue_` and `fleet_`
  std::array<std::vector<std::size_t>, 4> chains_;  // by QueryType, resolved in `catalogue_`
  std::unordered_map<Key, ChoicePtr, Hash, Equal> cache_;
  std::unordered_map<CellKey, std::vector<Measured>> measured_;  // of `performance_`, by kind of request
  std::uint64_t turn_ = 0;
  double exploration_usd_ = 0;  // what may be spent on trying others than the best
};

}  // namespace orchestra
