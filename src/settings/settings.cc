#include "settings/settings.h"

#include <fmt/format.h>

namespace orchestra::settings {

std::string BaseUrl::text() const {
  const bool standard = port == (tls ? 443 : 80);
  const bool bracket = host.contains(':');
  return fmt::format("{}://{}{}{}{}{}", tls ? "https" : "http", bracket ? "[" : "", host, bracket ? "]" : "",
                     standard ? std::string() : fmt::format(":{}", port), path);
}

std::vector<std::string> own_models(const Provider& provider) {
  std::vector<std::string> names = provider.models;
  if (!provider.azure) return names;
  for (const auto& [name, deployment] : provider.azure->deployments) names.push_back(name);
  return names;
}

}  // namespace orchestra::settings
