#include "cli/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/console.h"

namespace orchestra::cli {

std::string show_bytes(std::int64_t bytes) {
  constexpr std::array kUnits = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 || value >= 99.95 ? fmt::format("{:.0f} {}", value, kUnits[unit])
                                     : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string show_count(std::int64_t count) {
  std::string digits = fmt::to_string(count);
  const std::ptrdiff_t first = count < 0 ? 1 : 0;
  for (auto at = std::ssize(digits) - 3; at > first; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string show_duration(Micros duration) {
  const double seconds = in_seconds(duration);
  if (seconds < 0.001) return fmt::format("{} us", duration.count());
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

std::string show_usd(std::int64_t micro_dollars) {
  const std::string_view sign = micro_dollars < 0 ? "-" : "";
  const std::int64_t amount = std::abs(micro_dollars);
  if (amount % 10'000 == 0) return fmt::format("{}${}.{:02}", sign, amount / 1'000'000, amount % 1'000'000 / 10'000);
  std::string text = fmt::format("{}${}.{:06}", sign, amount / 1'000'000, amount % 1'000'000);
  while (text.ends_with('0')) text.pop_back();
  return text;
}

std::string progress_bar(double percent, int width) {
  const double bounded = std::clamp(percent, 0.0, 100.0);
  const auto full = static_cast<std::size_t>(bounded / 100 * width);
  std::string bar(full, '#');
  bar.resize(static_cast<std::size_t>(width), '-');
  return fmt::format("[{}] {:3.0f} %", bar, bounded);
}

std::string Table::text(int indent) const {
  std::vector<int> widths;
  for (const Column& column : columns_) widths.push_back(display_width(column.title));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::string out;
  const auto line = [&](const auto& cell_of) {
    std::string text(static_cast<std::size_t>(indent), ' ');
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = cell_of(i);
      const std::string gap(static_cast<std::size_t>(widths[i] - display_width(cell)), ' ');
      text += columns_[i].side == Side::kRight ? gap + cell : cell + gap;
      text += "  ";
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  line([&](std::size_t i) { return columns_[i].title; });
  for (const auto& row : rows_) line([&](std::size_t i) { return i < row.size() ? row[i] : std::string(); });
  return out;
}

}  // namespace orchestra::cli
