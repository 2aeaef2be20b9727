// How much worse than the best choice at each moment "adaptive" and other ways of choosing are while providers change,
// as a table, or drawn.
//
//   scripts/build release adaptive_regret
//   build/release/bin/adaptive_regret                                          # the table
//   build/release/bin/adaptive_regret --picture > docs/pictures/adaptive-regret.svg
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "regret_picture.h"

namespace orchestra::simulation {
namespace {

constexpr std::uint64_t kSeeds = 9;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// Point by point, over the seeds. What never recovered counts as longer than everything.
Course median_course(const std::string& strategy) {
  std::vector<Course> courses;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) courses.push_back(course_of(strategy, seed));
  Course out;
  for (std::size_t i = 0; i < kPoints; ++i) {
    std::vector<double> values;
    for (const Course& course : courses) values.push_back(course.regret[i]);
    out.regret.push_back(median(std::move(values)));
  }
  for (std::size_t i = 0; i < changes().size(); ++i) {
    std::vector<double> values;
    for (const Course& course : courses) values.push_back(course.recovery[i] < 0 ? 1e9 : course.recovery[i]);
    const double hours = median(std::move(values));
    out.recovery.push_back(hours < 1e9 ? hours : -1);
  }
  return out;
}

std::vector<Curve> curves() {
  const Fixed fixed = best_fixed();
  return {{"adaptive", median_course("adaptive")},
          {"auto", median_course("auto")},
          {"balanced", median_course("balanced")},
          {"best fixed: " + fixed.model, fixed.course}};
}

std::string table(const std::vector<Curve>& curves) {
  std::string out =
      fmt::format("Medians of {} seeds; {} days, {} requests a day.\n\n| chosen by | regret per 1,000 requests |",
                  kSeeds, kDays, kRequestsPerDay);
  for (const Change& change : changes()) out += fmt::format(" day {}: {} |", change.day, change.what);
  out += "\n|---|---:|---:|---:|---:|---:|\n";
  for (const Curve& curve : curves) {
    const double all = curve.course.regret.back() / (kDays * kRequestsPerDay) * 1000;
    out += fmt::format("| {} | {:.1f} |", curve.name, all);
    for (const double hours : curve.course.recovery) out += hours < 0 ? " not |" : fmt::format(" {:.1f} h |", hours);
    out += "\n";
  }
  return out;
}

}  // namespace
}  // namespace orchestra::simulation

int main(int count, char** arguments) {
  using namespace orchestra::simulation;
  const auto all = curves();
  const bool draws = count > 1 && std::string_view(arguments[1]) == "--picture";
  fmt::print("{}", draws ? picture(all) : table(all));
}
