// What models a service offers: the request for its list, and the list's parsing. Parsing is pure.
#pragma once

#include <vector>

#include "domain/model.h"
#include "providers/upstream.h"

namespace orchestra {

// The models in a service's list: OpenAI's and Anthropic's {"data":[{"id":...}]}, Ollama's {"models":[{"name":...}]},
// or a bare array (Together). Entries without a usable id are passed over. What the list does not say about a model's
// capabilities is taken from its name (embedding models) or assumed (a chat model may see images and use tools: the
// service itself refuses what it cannot do).
Result<std::vector<Model>> parse_model_list(const UpstreamService& service, std::string_view body);

// Asks the service. `within` bounds the whole exchange.
Task<std::vector<Model>> fetch_model_list(HttpClient& client, const Clock& clock, const UpstreamService& service,
                                          Micros within);

// A model that configuration names, for services without a list.
Model listed_model(const UpstreamService& service, std::string_view name);

}  // namespace orchestra
