#include "host/port_holder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace orchestra::host {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kListen = "0A";  // TCP_LISTEN

// Socket inodes that listen on the port, by one table: "sl local rem st tx:rx tr:when retrnsmt uid timeout inode".
void add_listeners(const char* table, std::uint16_t port, std::set<std::string>& inodes) {
  std::ifstream in(table);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string slot, local, remote, state, queues, timer, retransmits, user, timeout, inode;
    if (!(fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode))
      continue;
    const auto colon = local.rfind(':');
    unsigned number = 0;
    std::from_chars(local.data() + colon + 1, local.data() + local.size(), number, 16);
    if (state == kListen && number == port) inodes.insert(inode);
  }
}

bool holds_any(const fs::path& process, const std::set<std::string>& inodes) {
  std::error_code error;
  for (auto entry = fs::directory_iterator(process / "fd", error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    std::error_code gone;
    const auto target = fs::read_symlink(entry->path(), gone).string();
    constexpr std::string_view kPrefix = "socket:[";
    if (gone || !target.starts_with(kPrefix)) continue;
    if (inodes.contains(target.substr(kPrefix.size(), target.size() - kPrefix.size() - 1))) return true;
  }
  return false;
}

}  // namespace

std::optional<PortHolder> port_holder(std::uint16_t port) {
  std::set<std::string> inodes;
  for (const auto* table : {"/proc/net/tcp", "/proc/net/tcp6"}) add_listeners(table, port, inodes);
  if (inodes.empty()) return std::nullopt;
  std::error_code error;
  for (auto entry = fs::directory_iterator("/proc", error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (!std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; }) || !holds_any(entry->path(), inodes))
      continue;
    PortHolder holder;
    std::from_chars(name.data(), name.data() + name.size(), holder.pid);
    std::ifstream command(entry->path() / "comm");
    std::getline(command, holder.command);
    return holder;
  }
  return PortHolder{};
}

}  // namespace orchestra::host
