#include "settings/settings.h"

#include <fmt/format.h>

namespace orchestra::settings {

std::string BaseUrl::text() const {
  const bool standard = port == (tls ? 443 : 80);
  const bool bracket = host.contains(':');
  return fmt::format("{}://{}{}{}{}{}", tls ? "https" : "http", bracket ? "[" : "", host, bracket ? "]" : "",
                     standard ? std::string() : fmt::format(":{}", port), path);
}

}  // namespace orchestra::settings
