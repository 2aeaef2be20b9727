#include "store/replay.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/log.h"
#include "store/segment.h"

namespace orchestra {
namespace {

constexpr std::size_t kBatchRows = 20'000;

Result<void> book(LedgerTables& tables, SpendJoin& join, std::int64_t& booked) {
  TRY(const auto rows, tables.book(join));
  join.booked();
  booked += rows;
  return {};
}

// What the last segment ended in. Only the last one of a loop may end in half a record.
struct Tail {
  std::uint64_t boot = 0;
  std::uint32_t loop = 0;
  std::size_t torn = 0;
  std::string name;
};

void report_damage(ReplayReport& report, const std::string& name, std::size_t bytes) {
  if (bytes == 0) return;
  report.damaged_bytes += static_cast<std::int64_t>(bytes);
  log::warning("The journal segment {} has {} damaged bytes; the records in them are lost, all others are booked.",
               name, bytes);
}

// False: its head is damaged, and it holds more than zeros.
Result<bool> take_segment(const std::string& path, SpendJoin& join, Tail& tail, ReplayReport& report) {
  TRY(const auto segment, read_segment(path));
  // The server died while it made this file: nothing was ever written to it.
  if (segment.damaged_head) return segment.is_blank;
  const auto boot = join.boots().number(fmt::format("{:016x}", segment.head.boot));
  RecordReader reader(segment.records, segment.head.salt());
  while (const auto record = reader.next()) join.take(boot, segment.head, *record);
  ++report.segments;
  const auto name = std::filesystem::path(path).filename().string();
  report_damage(report, name, reader.damaged_bytes());
  if (reader.consumed() == 0 && reader.torn_bytes() == 0) return true;
  if (tail.boot == segment.head.boot && tail.loop == segment.head.loop) report_damage(report, tail.name, tail.torn);
  tail = {.boot = segment.head.boot, .loop = segment.head.loop, .torn = reader.torn_bytes(), .name = name};
  return true;
}

void set_aside(const std::string& path) {
  const auto name = std::filesystem::path(path).filename().string();
  log::warning("The journal segment {} has a damaged head: it is not booked, and kept as {}.damaged.", name, name);
  std::error_code ignored;
  std::filesystem::rename(path, path + ".damaged", ignored);
}

}  // namespace

Result<ReplayReport> replay(const std::string& folder, LedgerTables& tables, SpendJoin& join) {
  ReplayReport report;
  TRY_VOID(tables.load(join));
  TRY(const auto paths, list_segments(folder));
  std::vector<std::string> finished;
  Tail tail;
  for (const auto& path : paths) {
    TRY(const bool taken, take_segment(path, join, tail, report));
    if (taken) {
      finished.push_back(path);
    } else {
      set_aside(path);
    }
    if (join.batch().rows.size() >= kBatchRows) TRY_VOID(book(tables, join, report.booked));
  }
  TRY_VOID(book(tables, join, report.booked));
  join.interrupt_all();
  TRY_VOID(book(tables, join, report.interrupted));
  report.without_opened = join.without_opened();
  TRY([[maybe_unused]] const bool safe, tables.checkpoint());
  for (const auto& path : finished) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
  return report;
}

}  // namespace orchestra
