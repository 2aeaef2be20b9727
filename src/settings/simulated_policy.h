// The file that `ai-orchestra simulate --policy FILE` reads: a policy to decide past requests by again.
//
//   strategy: multi_objective             # one of routes.yaml's; without it every request keeps its own
//   weights: { quality: 5, latency: 2, cost: 3, resources: 0 }   # of multi_objective, which they imply
//   chain: [gpt-4o-mini, claude-*]        # of auto, which it implies: these first, then all others by score
//   classes:                              # per kind of query the same three keys, in place of those above
//     simple: { strategy: cost }
//     research: { chain: [gpt-4o] }
//   providers: { allow: [openai, local], deny: [azure] }
//   local_only: false                     # only models of this machine
//   cost_limit_usd: 0.01                  # leave out what is expected to cost more per request
#pragma once

#include <expected>
#include <string>

#include "domain/simulated_policy.h"
#include "settings/section.h"

namespace orchestra::settings {

SimulatedPolicy read_simulated_policy(Section& root);

// Reads the file. Blocking. Problems name file, line, column, key and what is allowed there; a file that changes
// nothing is one.
std::expected<SimulatedPolicy, Problems> load_simulated_policy(const std::string& path, const Variables& variables);

}  // namespace orchestra::settings
