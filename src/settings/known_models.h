// The list of what is publicly known of models: config/models.yaml.
#pragma once

#include "settings/section.h"
#include "settings/settings.h"

namespace orchestra::settings {

// A file of known models; its own head explains every key:
//
//   as_of: 2026-01-02
//   openai:
//     source: https://...
//     also: [azure]
//     models:
//       gpt-4o*, chatgpt-4o*: {family: gpt-4o, capabilities: [chat, tools], context: 128000, quality: 0.92}
//
// Figures must be finite and within their ranges (quality and success: 0 to 1).
KnownModels read_known_models(Section& root);

}  // namespace orchestra::settings
