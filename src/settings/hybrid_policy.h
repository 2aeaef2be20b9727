// Reads config/hybrid_policy.yaml, which explains every key in its own head.
#pragma once

#include "domain/hybrid_policy.h"
#include "settings/section.h"
#include "settings/settings.h"

namespace orchestra::settings {

struct PolicyContext {
  const std::vector<Provider>& providers;  // those that a policy may name; one that is not enabled is out of service
  bool shipped = false;  // the policy is nobody's wish: a provider that is not known is out of service
};
// Services that the file leaves out, and the providers of one that names none, are those of `otherwise`.
HybridPolicy read_hybrid_policy(Section& root, const PolicyContext& context, HybridPolicy otherwise);

}  // namespace orchestra::settings
