#include "host/memory_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>

namespace orchestra::host {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// A file that holds one number; nothing for "max" or when it is absent.
std::optional<std::int64_t> read_number(const std::string& path) {
  std::ifstream in(path);
  std::int64_t value = 0;
  if (!(in >> value) || value < 0) return std::nullopt;
  return value;
}

// Lowers `memory` to what one cgroup folder allows. The page cache counts as free: it is given up first.
void apply_limit(HostMemory& memory, const std::string& folder, const char* limit_file, const char* usage_file,
                 const char* cache_key) {
  const auto limit = read_number(folder + limit_file);
  const auto usage = read_number(folder + usage_file);
  if (!limit || !usage || *limit >= memory.total.count) return;
  std::istringstream stat(read_text(folder + "/memory.stat"));
  std::string key;
  std::int64_t value = 0, cache = 0;
  while (stat >> key >> value) {
    if (key == cache_key) cache = value;
  }
  memory.total = Bytes(*limit);
  const auto left = Bytes(std::max<std::int64_t>(0, *limit - std::max<std::int64_t>(0, *usage - cache)));
  memory.available = std::min(memory.available, left);
}

}  // namespace

Bytes meminfo_value(std::string_view text, std::string_view key) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ':') continue;
    line.remove_prefix(key.size() + 1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    std::int64_t kib = 0;
    std::from_chars(line.data(), line.data() + line.size(), kib);
    return kibibytes(kib);
  }
  return Bytes(0);
}

HostMemory ProcMemoryProbe::host() {
  const auto text = read_text(root_ + "/proc/meminfo");
  HostMemory memory{.total = meminfo_value(text, "MemTotal"),
                    .available = meminfo_value(text, "MemAvailable"),
                    .swap_total = meminfo_value(text, "SwapTotal"),
                    .swap_free = meminfo_value(text, "SwapFree")};
  std::istringstream groups(read_text(root_ + "/proc/self/cgroup"));
  for (std::string line; std::getline(groups, line);) {
    const auto controllers = line.find(':');
    const auto path = line.find(':', controllers + 1);
    if (path == std::string::npos) continue;
    const bool unified = line.starts_with("0::");
    if (!unified && line.substr(controllers + 1, path - controllers - 1) != "memory") continue;
    // Every ancestor limits as well. Inside a container the listed path may not exist; its root then does.
    for (std::string group = line.substr(path + 1);; group.resize(group.rfind('/'))) {
      const auto base = root_ + (unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory") + (group == "/" ? "" : group);
      if (unified) {
        apply_limit(memory, base, "/memory.max", "/memory.current", "inactive_file");
      } else {
        apply_limit(memory, base, "/memory.limit_in_bytes", "/memory.usage_in_bytes", "total_inactive_file");
      }
      if (group.empty() || group.rfind('/') == std::string::npos) break;
    }
  }
  return memory;
}

Bytes ProcMemoryProbe::unbacked(int pid) {
  const auto text = read_text(fmt::format("{}/proc/{}/status", root_, pid));
  return meminfo_value(text, "RssAnon") + meminfo_value(text, "RssShmem");
}

}  // namespace orchestra::host
