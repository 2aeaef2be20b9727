#include "host/pid_record.h"

#include <fmt/format.h>
#include <stdio.h>

#include <fstream>
#include <sstream>

namespace orchestra {
namespace {

std::string read_small(const std::string& path) {
  std::ifstream in(path);
  std::string text(4096, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

// Field 22; the second field is the command in parentheses and may itself hold spaces and parentheses.
std::optional<std::uint64_t> start_time_of(const std::string& stat) {
  const auto command_end = stat.rfind(')');
  if (command_end == std::string::npos) return std::nullopt;
  std::istringstream rest(stat.substr(command_end + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) rest >> skipped;
  std::uint64_t ticks = 0;
  if (!(rest >> ticks)) return std::nullopt;
  return ticks;
}

}  // namespace

std::optional<PidRecord> identify(int pid) {
  const auto start = start_time_of(read_small(fmt::format("/proc/{}/stat", pid)));
  if (!start) return std::nullopt;
  std::string boot = read_small("/proc/sys/kernel/random/boot_id");
  while (!boot.empty() && boot.back() == '\n') boot.pop_back();
  return PidRecord{pid, *start, std::move(boot)};
}

Result<void> write_record(const std::string& path, const PidRecord& record) {
  const std::string fresh = path + ".new";
  {
    std::ofstream out(fresh, std::ios::trunc);
    out << fmt::format("{} {} {}\n", record.pid, record.start_time, record.boot_id);
    if (!out.flush()) return fail(Fault::kInternal, "A worker's PID record cannot be written. Check the disk.");
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    return fail(Fault::kInternal, "A worker's PID record cannot be put in place. Check the disk.");
  }
  return {};
}

std::optional<PidRecord> read_record(const std::string& path) {
  std::istringstream in(read_small(path));
  PidRecord record;
  if (!(in >> record.pid >> record.start_time >> record.boot_id) || record.pid <= 1) return std::nullopt;
  return record;
}

}  // namespace orchestra
