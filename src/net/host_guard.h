// Who may talk to this listener from a browser: Host against DNS rebinding, Origin against foreign pages, and CORS.
// https://fetch.spec.whatwg.org/#http-cors-protocol. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orchestra::net {

class HostGuard {
 public:
  // On loopback, a Host that is not localhost, 127.0.0.0/8, [::1] or one of `allowed_hosts` (any port; "*": all) is
  // refused, and so is an Origin that is neither the Host itself, nor an allowed host, nor in `cors_origins` ("*":
  // all). Elsewhere keys guard the listener and a proxy in front may have renamed it: only a Host that a non-empty
  // `allowed_hosts` leaves out is refused.
  HostGuard(bool loopback, std::vector<std::string> allowed_hosts, std::vector<std::string> cors_origins);

  // The sentence of a 403, or nothing.
  std::optional<std::string_view> refuse(std::string_view host, std::string_view origin) const;
  // True when a page of that origin may read the answers.
  bool shares_with(std::string_view origin) const;

 private:
  bool own_name(std::string_view host) const;
  bool allowed_name(std::string_view host) const;

  bool loopback_;
  bool any_host_ = false, any_origin_ = false;
  std::vector<std::string> hosts_;    // lower-case, without ports
  std::vector<std::string> origins_;  // lower-case
};

// "127.0.0.1", "::1" and everything else that never leaves the machine.
bool is_loopback(std::string_view address) noexcept;

}  // namespace orchestra::net
