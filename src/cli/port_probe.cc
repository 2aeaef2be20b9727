#include "cli/port_probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

namespace orchestra::cli {
namespace {

namespace fs = std::filesystem;

// True when somebody listens there already.
bool is_taken(const std::string& address, std::uint16_t port) {
  sockaddr_in6 six{.sin6_family = AF_INET6, .sin6_port = htons(port)};
  sockaddr_in four{.sin_family = AF_INET, .sin_port = htons(port)};
  const bool is_six = inet_pton(AF_INET6, address.c_str(), &six.sin6_addr) == 1;
  if (!is_six && inet_pton(AF_INET, address.c_str(), &four.sin_addr) != 1) return false;
  const int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;  // This machine has no such address family.
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (is_six) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
  const int bound = is_six ? bind(fd, reinterpret_cast<const sockaddr*>(&six), sizeof six)
                           : bind(fd, reinterpret_cast<const sockaddr*>(&four), sizeof four);
  const bool taken = bound != 0 && errno == EADDRINUSE;
  close(fd);
  return taken;
}

// The inodes of sockets that listen on `port`: column 2 is the local address, 4 the state (0A: listening), 10 the
// inode. https://docs.kernel.org/networking/proc_net_tcp.html
std::set<std::string> listening_inodes(std::uint16_t port) {
  std::set<std::string> out;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream in(table);
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
      std::istringstream words(line);
      std::vector<std::string> fields;
      for (std::string word; fields.size() < 10 && words >> word;) fields.push_back(word);
      if (fields.size() < 10 || fields[3] != "0A") continue;
      const std::string hex = fields[1].substr(fields[1].rfind(':') + 1);
      unsigned found = 0;
      std::from_chars(hex.data(), hex.data() + hex.size(), found, 16);
      if (found == port) out.insert("socket:[" + fields[9] + "]");
    }
  }
  return out;
}

bool holds_one(const fs::path& process, const std::set<std::string>& sockets) {
  std::error_code error;
  for (fs::directory_iterator at(process / "fd", error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (sockets.contains(fs::read_symlink(at->path(), ignored).string())) return true;
  }
  return false;
}

PortHolder holder_of(std::uint16_t port) {
  const std::set<std::string> sockets = listening_inodes(port);
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename();
    int pid = 0;
    const auto [stop, bad] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (bad != std::errc() || *stop != '\0' || !holds_one(at->path(), sockets)) continue;
    std::ifstream in(at->path() / "comm");
    PortHolder holder{.pid = pid};
    std::getline(in, holder.program);
    return holder;
  }
  return {};
}

}  // namespace

std::optional<PortHolder> port_holder(const std::string& host, std::uint16_t port) {
  const std::vector<std::string> addresses =
      host == "localhost" ? std::vector<std::string>{"127.0.0.1", "::1"} : std::vector<std::string>{host};
  for (const std::string& address : addresses) {
    if (is_taken(address, port)) return holder_of(port);
  }
  return std::nullopt;
}

}  // namespace orchestra::cli
