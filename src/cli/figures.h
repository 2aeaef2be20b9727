// How numbers are shown to people, and tables of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace orchestra::cli {

std::string show_bytes(std::int64_t bytes);        // "4.9 GB" (powers of 1000, as disks and model cards)
std::string show_count(std::int64_t count);        // "1,234,567"
std::string show_duration(Micros duration);        // "812 ms", "2.4 s", "3 min 05 s"
std::string show_usd(std::int64_t micro_dollars);  // "$0.000012", "$1.50"
// "[##########----------]  50 %".
std::string progress_bar(double percent, int width);

// Text in columns, two blanks apart; numbers flush right.
class Table {
 public:
  enum class Side { kLeft, kRight };
  void column(std::string title, Side side = Side::kLeft) { columns_.push_back({std::move(title), side}); }
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const noexcept { return rows_.empty(); }
  // Lines end without blanks. `indent` blanks stand before each.
  std::string text(int indent = 0) const;

 private:
  struct Column {
    std::string title;
    Side side;
  };
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace orchestra::cli
