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

// Fields in the order they came; names are kept as written, lookups ignore ASCII case. All of them lie in one string,
// so that a message costs two allocations, and none once a connection has kept the room of an earlier one. Views are
// valid until the next add() or clear().
class HttpFields {
 public:
  struct Field {
    std::string_view name, value;
  };
  void add(std::string_view name, std::string_view value);
  std::size_t size() const noexcept { return places_.size(); }
  Field operator[](std::size_t index) const noexcept;
  // The first field of that name.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  void clear() noexcept;

 private:
  struct Place {
    std::size_t at, name_size, value_size;  // the value follows its name
  };
  std::string text_;
  std::vector<Place> places_;
};

// Whether two texts are the same but for ASCII case.
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

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
