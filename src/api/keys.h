// API keys: who a request comes from.
#pragma once

#include <string>
#include <vector>

#include "base/secret.h"
#include "domain/call.h"
#include "ports/http.h"

namespace orchestra {

// An immutable set of keys; posted to each loop.
class ApiKeys {
 public:
  struct Key {
    std::string name;
    std::string sha256;  // lower-case hex of the key's SHA-256
    std::string tenant = "default";
    bool admin = false;
  };
  explicit ApiKeys(std::vector<Key> keys) : keys_(std::move(keys)) {}
  // Without keys everybody is the default caller and an administrator: the server then listens on loopback only.
  bool required() const noexcept { return !keys_.empty(); }
  // Takes `Authorization: Bearer KEY`, `x-api-key: KEY` or `api-key: KEY`.
  Result<Caller> authenticate(const HttpRequest& request) const;

 private:
  std::vector<Key> keys_;
};

}  // namespace orchestra
