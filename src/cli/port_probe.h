// Whether a TCP port can be listened on, and who has it if not. Linux; reads /proc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace orchestra::cli {

struct PortHolder {
  std::string program;  // "nginx", or "" when it belongs to another user
  int pid = 0;          // 0: not visible
};

// Nothing when the address is free. `host` is "localhost" or an address.
std::optional<PortHolder> port_holder(const std::string& host, std::uint16_t port);

}  // namespace orchestra::cli
