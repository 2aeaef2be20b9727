#include "regret_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ranges>

namespace orchestra::simulation {
namespace {

constexpr double kWidth = 860, kHeight = 460, kLeft = 66, kRight = 196, kTop = 66, kBottom = 52;
constexpr double kInnerWidth = kWidth - kLeft - kRight, kInnerHeight = kHeight - kTop - kBottom;
constexpr double kLabelHeight = 18;  // least distance between two labels

constexpr std::string_view kHead = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 460" role="img">
<title>Regret while providers change</title>
<style>
  svg { background: #ffffff; --page: #ffffff; font: 13px system-ui, sans-serif; --ink: #1f2933; --soft: #616e7c; --line: #e1e6eb;
        --c0: #0b69c7; --c1: #b4530a; --c2: #6b7785; --c3: #8a3ea8; }
  @media (prefers-color-scheme: dark) {
    svg { background: #14181d; --page: #14181d; --ink: #e8edf2; --soft: #9aa7b4; --line: #2a323b;
          --c0: #62b0ff; --c1: #f0a35e; --c2: #9aa7b4; --c3: #d08ceb; }
  }
  text { fill: var(--ink); } .soft { fill: var(--soft); font-size: 12px; } .head { font-size: 16px; font-weight: 600; }
  .mark { fill: var(--soft); font-size: 12px; paint-order: stroke; stroke: var(--page); stroke-width: 5; }
  .grid { stroke: var(--line); } .change { stroke: var(--soft); stroke-dasharray: 3 4; }
  .curve { fill: none; stroke-width: 2; stroke-linejoin: round; } .first { stroke-width: 3.2; }
</style>
)";

// The smallest of 1, 2 and 5 times a power of ten that divides `most` into six parts at most.
double step_of(double most) {
  const double raw = most / 6, power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw) return factor * power;
  }
  return 10 * power;
}

struct Frame {
  double most;
  double x(double day) const { return kLeft + kInnerWidth * day / kDays; }
  double y(double regret) const { return kTop + kInnerHeight * (1 - regret / most); }
};

std::string axes(const Frame& frame, double step) {
  std::string out;
  for (double value = 0; value <= frame.most + 1e-9; value += step) {
    out +=
        fmt::format(R"x(<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>)x"
                    R"x(<text class="soft" x="{}" y="{:.1f}" text-anchor="end">{:.0f}</text>)x"
                    "\n",
                    kLeft, kLeft + kInnerWidth, frame.y(value), frame.y(value), kLeft - 8, frame.y(value) + 4, value);
  }
  for (int day = 0; day <= static_cast<int>(kDays); ++day) {
    out += fmt::format(R"x(<text class="soft" x="{:.1f}" y="{}" text-anchor="middle">{}</text>)x"
                       "\n",
                       frame.x(day), kHeight - kBottom + 20, day);
  }
  out += fmt::format(R"x(<text class="soft" x="{}" y="{}" text-anchor="middle">day</text>)x"
                     "\n",
                     kLeft + kInnerWidth / 2, kHeight - kBottom + 40);
  out += fmt::format(
      R"x(<text class="soft" transform="translate(18 {}) rotate(-90)" text-anchor="middle">regret, summed</text>)x"
      "\n",
      kTop + kInnerHeight / 2);
  return out;
}

std::string change_marks(const Frame& frame) {
  std::string out;
  for (const Change& change : changes()) {
    const double x = frame.x(change.day);
    out +=
        fmt::format(R"x(<line class="change" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>)x"
                    R"x(<text class="mark" transform="translate({:.1f} {}) rotate(-90)" text-anchor="end">{}</text>)x"
                    "\n",
                    x, x, kTop, kTop + kInnerHeight, x - 5, kTop + 4, change.what);
  }
  return out;
}

std::string line(const Frame& frame, const Curve& curve, std::size_t number) {
  std::string path;
  for (std::size_t i = 0; i < kPoints; ++i) {
    const double day = kDays * static_cast<double>(i) / static_cast<double>(kPoints - 1);
    path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", frame.x(day), frame.y(curve.course.regret[i]));
  }
  return fmt::format(R"x(<path class="curve{}" style="stroke: var(--c{})" d="{}"/>)x"
                     "\n",
                     number == 0 ? " first" : "", number, path);
}

// At the curves' ends, moved apart where they would lie on each other.
std::string labels(const Frame& frame, const std::vector<Curve>& curves) {
  std::vector<std::pair<double, std::size_t>> places;
  for (std::size_t i = 0; i < curves.size(); ++i) places.emplace_back(frame.y(curves[i].course.regret.back()), i);
  std::ranges::sort(places);
  for (std::size_t i = 1; i < places.size(); ++i) {
    places[i].first = std::max(places[i].first, places[i - 1].first + kLabelHeight);
  }
  double lowest = kTop + kInnerHeight;  // the last ones move up where the axis ends
  for (auto& place : places | std::views::reverse) {
    place.first = std::min(place.first, lowest);
    lowest = place.first - kLabelHeight;
  }
  std::string out;
  for (const auto& [y, number] : places) {
    out += fmt::format(R"x(<text x="{}" y="{:.1f}" style="fill: var(--c{}){}">{}</text>)x"
                       "\n",
                       kLeft + kInnerWidth + 10, y + 4, number, number == 0 ? "; font-weight: 600" : "",
                       curves[number].name);
  }
  return out;
}

}  // namespace

std::string picture(const std::vector<Curve>& curves) {
  double most = 0;
  for (const Curve& curve : curves) most = std::max(most, curve.course.regret.back());
  const double step = step_of(most);
  const Frame frame{.most = std::ceil(most / step) * step};
  std::string out(kHead);
  out +=
      fmt::format(R"x(<text class="head" x="{}" y="28">Regret while providers change</text>)x"
                  R"x(<text class="soft" x="{}" y="48">against the best choice at each moment; lower is better</text>)x"
                  "\n",
                  kLeft, kLeft);
  out += axes(frame, step);
  for (std::size_t i = curves.size(); i-- > 0;) out += line(frame, curves[i], i);
  return out + change_marks(frame) + labels(frame, curves) + "</svg>\n";
}

}  // namespace orchestra::simulation
