#include "net/host_guard.h"

#include <algorithm>

#include "net/characters.h"
#include "net/request_parser.h"
#include "ports/http.h"

namespace orchestra::net {

namespace {

// "https://host:1" -> "host:1"; empty for "null" and whatever else is no origin of a host.
std::string_view host_of(std::string_view origin) {
  const auto at = origin.find("://");
  return at == std::string_view::npos ? std::string_view() : origin.substr(at + 3);
}

// Without port and without the dot of the root, which "localhost." has in front of a resolver.
std::string_view bare_name(std::string_view host) {
  std::string_view name = host_without_port(host);
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool all_digits_and_dots(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

}  // namespace

bool is_loopback(std::string_view address) noexcept {
  if (address == "::1" || address == "[::1]") return true;
  return address.starts_with("127.") && all_digits_and_dots(address) && std::ranges::count(address, '.') == 3;
}

HostGuard::HostGuard(bool loopback, std::vector<std::string> allowed_hosts, std::vector<std::string> cors_origins)
    : loopback_(loopback) {
  for (auto& host : allowed_hosts) {
    if (host == "*") any_host_ = true;
    // An IPv6 address is written without brackets in many files, with them in every Host.
    if (std::ranges::count(host, ':') > 1 && !host.starts_with('[')) host = "[" + host + "]";
    hosts_.push_back(ascii_lowered(bare_name(host)));
  }
  for (auto& origin : cors_origins) {
    if (origin == "*") any_origin_ = true;
    while (origin.ends_with('/')) origin.pop_back();
    origins_.push_back(ascii_lowered(origin));
  }
}

bool HostGuard::own_name(std::string_view host) const {
  const std::string_view name = bare_name(host);
  return equals_lowered(name, "localhost") || is_loopback(name);
}

bool HostGuard::allowed_name(std::string_view host) const {
  const std::string_view name = bare_name(host);
  return std::ranges::any_of(hosts_, [&](const std::string& known) { return equals_lowered(name, known); });
}

std::optional<std::string_view> HostGuard::refuse(std::string_view host, std::string_view origin) const {
  if (!loopback_) {
    if (hosts_.empty() || host.empty() || any_host_ || own_name(host) || allowed_name(host)) return std::nullopt;
    return "This server does not answer to this host name. Add it to `server.allowed_hosts`.";
  }
  // Only HTTP/1.0 may leave Host out, and no browser speaks that.
  if (!host.empty() && !any_host_ && !own_name(host) && !allowed_name(host)) {
    return "This server answers to localhost only. Use http://localhost, or add the host to `server.allowed_hosts`.";
  }
  if (origin.empty() || shares_with(origin)) return std::nullopt;
  const std::string_view page = host_of(origin);
  if (!page.empty() && (equals_ignoring_case(page, host) || allowed_name(page))) return std::nullopt;
  return "Pages of this origin may not call this server. Add the origin to `server.cors.origins`.";
}

bool HostGuard::shares_with(std::string_view origin) const {
  if (origin.empty()) return false;
  return any_origin_ ||
         std::ranges::any_of(origins_, [&](const std::string& known) { return equals_lowered(origin, known); });
}

}  // namespace orchestra::net
