// Where a provider's requests go, and how one try becomes a stream.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "ports/http_client.h"
#include "ports/provider.h"
#include "ports/workers.h"

namespace orchestra {

// A service, as configuration names it. Only configuration makes one: no request can point a key at another host.
struct UpstreamService {
  std::string name;
  Dialect dialect = Dialect::kOpenAi;
  Endpoint endpoint;
  std::string base_path;    // "/v1" or ""; no slash at the end
  std::string list_prefix;  // stands before each name in its list, and is no part of it
  std::string query;        // appended to every target, e.g. "api-version=2024-10-21" (Azure); without '?'
  std::vector<std::pair<std::string, Secret>> secret_fields;      // e.g. authorization: Bearer ...
  std::vector<std::pair<std::string, std::string>> plain_fields;  // e.g. anthropic-version
  bool deployment_paths = false;  // Azure: /openai/deployments/{deployment}/chat/completions
  std::map<std::string, std::string, std::less<>> deployments;  // Azure: model to deployment, where the names differ
};

// Sends one try to `service` and returns its stream at first content. The stream keeps `lease`, when there is one.
// `upstream_model` is the service's own name for the model. `endpoint` overrides the service's for local workers.
// `client`, `clock` and `service` outlive the stream.
Task<std::unique_ptr<Stream>> open_upstream(HttpClient& client, const Clock& clock, const UpstreamService& service,
                                            const Attempt& attempt, std::string_view upstream_model,
                                            std::optional<Lease> lease = std::nullopt);

// The fields that travel to the caller from an upstream's answer: rate limits and Retry-After, nothing else.
std::vector<std::pair<std::string, std::string>> passed_fields(const HttpFields& fields);

// An upstream's non-2xx answer as an Error, with its rate-limit fields and Retry-After.
Error upstream_error(const UpstreamService& service, int status, const HttpFields& fields, std::string_view body);

// An error of the HTTP client, as the caller may see it: the provider's name stands where its address stood.
Error told_of(std::string_view provider, Error error);

// "base_path + path?query", with Azure's deployment segment where the service asks for it.
std::string upstream_target(const UpstreamService& service, std::string_view path, std::string_view model);

}  // namespace orchestra
