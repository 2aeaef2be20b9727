// HTTP values that cross the seam between net/ and everybody else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/units.h"

namespace orchestra {

// Fields in the order they came; names are kept as written, lookups ignore ASCII case.
class HttpFields {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void reserve(std::size_t fields) { fields_.reserve(fields); }
  // The first field of that name.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  const std::vector<std::pair<std::string, std::string>>& all() const noexcept { return fields_; }
  void clear() noexcept { fields_.clear(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// A whole request as the server read it: framing checked, body inflated and within its limits.
struct HttpRequest {
  std::string method;  // "GET", "POST", ...
  std::string path;    // origin form without the query, still percent-encoded
  std::string query;   // without '?'
  HttpFields fields;
  std::string body;
  std::string remote_address;
  std::uint16_t local_port = 0;
  std::string surface;  // the listener's `surface`: "", "000", "001", ...
};

struct HttpResponse {
  int status = 200;
  std::string content_type;  // empty: none
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
};

// Where an upstream listens.
struct Endpoint {
  bool tls = false;
  std::string host;  // name or address; also the Host header and the certificate's name
  std::uint16_t port = 0;
  std::string unix_path;  // when set, a Unix socket; host only fills the Host header
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

}  // namespace orchestra
