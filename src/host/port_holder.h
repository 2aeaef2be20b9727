// Who listens on a TCP port of this machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace orchestra::host {

struct PortHolder {
  int pid = 0;          // 0: somebody listens, but this user may not see who
  std::string command;  // e.g. "nginx"; empty when pid is 0
};

// Whether somebody listens there already, even where SO_REUSEPORT would let another server of this user listen beside
// it. `host` is "localhost" or an address.
bool port_taken(const std::string& host, std::uint16_t port);

// From /proc/net/tcp, tcp6 and /proc/PID/fd. Nothing when nobody listens. Reads every process's descriptors: for error
// messages only.
std::optional<PortHolder> port_holder(std::uint16_t port);

// "nginx (process 42)", for a sentence.
std::string text(const PortHolder& holder);

}  // namespace orchestra::host
