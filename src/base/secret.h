// A string that must never be logged, formatted or compared in a way that leaks its length prefix.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace orchestra {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  // The only way out. Use it where the secret goes on the wire or into a hash, nowhere else.
  const std::string& reveal() const noexcept { return value_; }
  bool empty() const noexcept { return value_.empty(); }
  // Constant time in the content; the lengths may be learned.
  bool matches(std::string_view candidate) const noexcept;

 private:
  std::string value_;
};

// Lower-case hex SHA-256, e.g. for hashed API keys in the configuration.
std::string sha256_hex(std::string_view data);

}  // namespace orchestra
