// Settings to each room's options: the only place that knows both sides.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/keys.h"
#include "app/learning_service.h"
#include "fleet/fleet.h"
#include "gateway/gateway.h"
#include "net/client.h"
#include "net/server.h"
#include "providers/upstream.h"
#include "registry/catalogue.h"
#include "runners/llama.h"
#include "settings/settings.h"

namespace orchestra::app {

// Enabled remote providers.
std::vector<UpstreamService> upstream_services(const settings::Settings& settings);
// Models that configuration names by hand, per provider.
std::map<std::string, std::vector<Model>, std::less<>> named_models(const settings::Settings& settings);
std::vector<PriceRow> price_rows(const settings::Settings& settings);
std::shared_ptr<const ApiKeys> api_keys(const settings::Settings& settings);
GatewayOptions gateway_options(const settings::Settings& settings);
BreakerOptions breaker_options(const settings::Settings& settings);
// `fresh_key`: nothing that is stored can be used.
LearningService::Options learning_options(const settings::Settings& settings, bool fresh_key);
// One per address: "localhost" gives two.
std::vector<net::ServerOptions> server_options(const settings::Settings& settings, net::BodyBudget& budget);
FleetOptions fleet_options(const settings::Settings& settings, const std::string& run_folder);
LlamaRunner::Options runner_options(const settings::Settings& settings);

// The engine that will run: the configured one, else the one installed beside this program or built in the tree.
// Empty when there is none.
std::string find_llama_server(const settings::Settings& settings);

}  // namespace orchestra::app
