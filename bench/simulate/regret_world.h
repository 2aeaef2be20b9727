// Simulated providers whose quality and speed change while they are used, and what each way of choosing makes of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace orchestra::simulation {

inline constexpr double kDays = 12, kRequestsPerDay = 24 * 60;
inline constexpr std::size_t kPoints = 480;  // of a curve, at equal distances

struct Change {
  double day;
  std::string what;
};
std::vector<Change> changes();

// One way of choosing, over the whole time.
struct Course {
  std::vector<double> regret;    // summed against the best choice at each moment, at kPoints moments
  std::vector<double> recovery;  // hours from each change until choices are good again; negative: not before the next
};
// `strategy`: one of policy/strategies.
Course course_of(const std::string& strategy, std::uint64_t seed);
// Always the same model: the one that would have been best over the whole time, known only afterwards.
struct Fixed {
  std::string model;
  Course course;
};
Fixed best_fixed();

}  // namespace orchestra::simulation
