// README 003's table, measured: "the first model in the list" and our selection under the same traffic, failures, slow
// spells and memory pressure. bench/README.md describes the model.
//
//   scripts/build release before_after && build/release/bin/before_after
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "world.h"

namespace orchestra::simulation {
namespace {

constexpr int kSeeds = 9;
constexpr double kUsualSeconds = 24 * 3600, kUsualRate = 0.1;  // requests per second: under the one model's capacity
constexpr double kRushSeconds = 3600, kRushRate = 1.0;         // far above it
// How long callers wait. In the rush they wait to its end: what is measured is how much gets done.
constexpr Micros kUsualPatience = std::chrono::seconds(60), kRushPatience = std::chrono::hours(1);

enum class Who { kFirst, kLocal, kOrchestra };

Tally run(Who who, std::uint64_t seed, double seconds, double rate, Micros patience) {
  std::unique_ptr<Rule> rule;  // outlives the world, whose events may still hold its requests
  World world(seed, seconds, who != Who::kFirst, patience);
  Random traffic(seed ^ 0x7472616666696331ULL);
  rule = who == Who::kFirst ? first_in_list(world) : orchestra_rule(world, Random(seed + 1), who == Who::kOrchestra);
  Tally tally;
  const TimePoint start = world.events().now();
  for (double at = traffic.pause(rate); at < seconds; at += traffic.pause(rate)) {
    ++tally.requests;
    const Request request = random_request(traffic);
    world.events().at(start + micros(at), [&rule, &tally, request] { rule->serve(request, tally); });
  }
  world.events().run(start + micros(seconds));
  tally.crashes = world.machine().crashes();
  return tally;
}

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, at);
  return *at;
}

double mean(const std::vector<double>& values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

constexpr std::size_t kFigures = 8;
std::array<double, kFigures> figures(Who who, std::uint64_t seed) {
  const Tally usual = run(who, seed, kUsualSeconds, kUsualRate, kUsualPatience);
  const Tally rush = run(who, seed, kRushSeconds, kRushRate, kRushPatience);
  const auto answers = static_cast<double>(usual.latencies.size());
  return {100 * answers / static_cast<double>(usual.requests),
          mean(usual.latencies),
          quantile(usual.latencies, 0.5),
          quantile(usual.latencies, 0.99),
          static_cast<double>(rush.latencies.size()) / (kRushSeconds / 60),
          static_cast<double>(usual.crashes),
          1000 * usual.usd / answers,
          usual.quality / answers};
}

std::array<double, kFigures> medians(Who who) {
  std::array<std::vector<double>, kFigures> all;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const auto one = figures(who, seed);
    for (std::size_t i = 0; i < kFigures; ++i) all[i].push_back(one[i]);
  }
  std::array<double, kFigures> out{};
  for (std::size_t i = 0; i < kFigures; ++i) out[i] = quantile(all[i], 0.5);
  return out;
}

void print() {
  const auto first = medians(Who::kFirst), local = medians(Who::kLocal), ours = medians(Who::kOrchestra);
  fmt::print("Medians of {} seeds; a day at {} requests/s, an hour's rush at {} requests/s.\n\n", kSeeds, kUsualRate,
             kRushRate);
  fmt::print("| metric | first in list | orchestra, this machine alone | orchestra | change | README 003 |\n");
  fmt::print("|---|---:|---:|---:|---:|---:|\n");
  const auto row = [&](const char* name, std::size_t at, const char* unit, int places, const std::string& change,
                       const char* promised) {
    fmt::print("| {} | {:.{}f}{} | {:.{}f}{} | {:.{}f}{} | {} | {} |\n", name, first[at], places, unit, local[at],
               places, unit, ours[at], places, unit, change, promised);
  };
  const auto percent = [&](std::size_t at) { return fmt::format("{:+.0f} %", 100 * (ours[at] / first[at] - 1)); };
  row("availability", 0, " %", 2,
      fmt::format("{:.0f}x less downtime", (100 - first[0]) / std::max(0.01, 100 - ours[0])), "95 % to 99.9 %");
  row("response time, mean", 1, " s", 2, percent(1), "40 % faster");
  row("response time, p50", 2, " s", 2, percent(2), "");
  row("response time, p99", 3, " s", 2, percent(3), "");
  row("throughput in the rush, answers/min", 4, "", 1, fmt::format("{:.1f}x", ours[4] / first[4]), "3-5x");
  row("out-of-memory crashes per day", 5, "", 0, "", "~0");
  row("cost per 1,000 answers, $", 6, "", 2, percent(6), "40-60 % lower");
  row("quality of answers", 7, "", 3, percent(7), "");
}

}  // namespace
}  // namespace orchestra::simulation

int main() {
  orchestra::simulation::print();
}
