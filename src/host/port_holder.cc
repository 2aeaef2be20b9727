#include "host/port_holder.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
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

// A bind without SO_REUSEPORT fails beside every listening socket.
bool address_taken(const std::string& address, std::uint16_t port) {
  sockaddr_in6 six{.sin6_family = AF_INET6, .sin6_port = htons(port)};
  sockaddr_in four{.sin_family = AF_INET, .sin_port = htons(port)};
  const bool is_six = inet_pton(AF_INET6, address.c_str(), &six.sin6_addr) == 1;
  if (!is_six && inet_pton(AF_INET, address.c_str(), &four.sin_addr) != 1) return false;
  const int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;  // This machine has no such address family.
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);  // the remains of closed connections do not count
  if (is_six) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
  const int bound = is_six ? bind(fd, reinterpret_cast<const sockaddr*>(&six), sizeof six)
                           : bind(fd, reinterpret_cast<const sockaddr*>(&four), sizeof four);
  const bool taken = bound != 0 && errno == EADDRINUSE;
  close(fd);
  return taken;
}

}  // namespace

bool port_taken(const std::string& host, std::uint16_t port) {
  if (host == "localhost") return address_taken("127.0.0.1", port) || address_taken("::1", port);
  return address_taken(host, port);
}

std::string text(const PortHolder& holder) {
  return holder.pid == 0 ? "a program of another user" : fmt::format("{} (process {})", holder.command, holder.pid);
}

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
