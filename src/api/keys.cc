#include "api/keys.h"

#include <algorithm>

namespace orchestra {
namespace {

std::optional<std::string_view> presented_key(const HttpRequest& request) {
  if (const auto authorization = request.fields.find("authorization")) {
    constexpr std::string_view kScheme = "bearer ";
    if (authorization->size() > kScheme.size()) {
      bool is_bearer = true;
      for (std::size_t i = 0; i < kScheme.size(); ++i) is_bearer &= ((*authorization)[i] | 0x20) == kScheme[i];
      const auto key = std::min(authorization->find_first_not_of(' ', kScheme.size()), authorization->size());
      if (is_bearer) return authorization->substr(key);  // RFC 6750 2.1: behind one space or more
    }
  }
  if (const auto key = request.fields.find("x-api-key")) return key;
  return request.fields.find("api-key");
}

}  // namespace

Result<Caller> ApiKeys::authenticate(const HttpRequest& request) const {
  if (!required()) return Caller{.tenant = "default", .key_name = "", .admin = true};
  const auto presented = presented_key(request);
  if (!presented) {
    return fail(Fault::kUnauthenticated, "This server needs an API key. Send it as `Authorization: Bearer KEY`.");
  }
  const std::string hash = sha256_hex(*presented);
  for (const Key& key : keys_) {
    if (Secret(key.sha256).matches(hash)) return Caller{.tenant = key.tenant, .key_name = key.name, .admin = key.admin};
  }
  return fail(Fault::kUnauthenticated, "The API key is not known here. Check the key, or ask for one.");
}

}  // namespace orchestra
