// The simulated deployment: models, what they cost and how good they are, and the traffic that they get.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "chooser.h"
#include "service.h"

namespace orchestra::simulation {

// What is true of a model; the catalogue claims as much.
struct Truth {
  const char* id;
  double quality;                        // of answers to simple questions; harder ones are answered worse
  double usd_per_input, usd_per_output;  // per million tokens
  double first_content, tokens_per_second, gigabytes, start_seconds;
};
std::span<const Truth> truths() noexcept;
const Truth& truth_of(std::string_view id) noexcept;
double quality_of(const Truth& truth, QueryType type) noexcept;
Catalogue catalogue(bool with_clouds);

struct Request {
  Classification query;
  double input = 0, output = 0;  // tokens
};
Request random_request(Random& random);

// Everything that can be asked, on one clock.
class World {
 public:
  // `patience`: how long a caller waits for a whole answer.
  World(std::uint64_t seed, double seconds, bool careful, Micros patience);
  void ask(Ask ask);
  Events& events() noexcept { return events_; }
  FakeClock& clock() noexcept { return clock_; }
  Machine& machine() noexcept { return *machine_; }
  Micros patience() const noexcept { return patience_; }

 private:
  const Micros patience_;
  FakeClock clock_;
  Events events_{clock_};
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<Cloud> openai_, anthropic_;
};

// What came of a run.
struct Tally {
  std::vector<double> latencies;  // seconds, of answers
  std::int64_t requests = 0;
  double usd = 0, quality = 0;
  int crashes = 0;
  void answered(const Truth& truth, const Request& request, double seconds);
};

// Who answers a request: one of the rules under comparison.
class Rule {
 public:
  virtual ~Rule() = default;
  virtual void serve(const Request& request, Tally& tally) = 0;
};
std::unique_ptr<Rule> first_in_list(World& world);
std::unique_ptr<Rule> orchestra_rule(World& world, Random random, bool with_clouds);

}  // namespace orchestra::simulation
