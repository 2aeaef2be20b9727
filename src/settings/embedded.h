// The files of config/ that the program carries inside, so that it works alone.
#pragma once

#include <string_view>

namespace orchestra::settings {

std::string_view embedded_providers();  // config/providers.yaml
std::string_view embedded_prices();     // config/prices.yaml; empty when it was absent at build time
std::string_view embedded_models();     // config/models.yaml
std::string_view embedded_routes();     // config/routes.yaml
std::string_view embedded_hybrid();     // config/hybrid_policy.yaml
std::string_view embedded_example();    // config/orchestra.yaml

}  // namespace orchestra::settings
