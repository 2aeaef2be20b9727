// Inflating gzip request bodies as they come, with a bound on what comes out. RFC 1952.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace orchestra::net {

// Not thread-safe. Members of a multi-member file are inflated one after the other.
class Inflater {
 public:
  enum class Verdict : std::uint8_t { kFine, kDamaged, kTooLarge };
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends what `input` inflates to; stops with kTooLarge as soon as `out` would hold more than `limit` bytes.
  Verdict feed(std::string_view input, std::string& out, std::size_t limit);
  // True when the input so far ends where a gzip member ends.
  bool complete() const noexcept { return complete_; }

 private:
  struct Stream;  // zlib's, whose header stays out of this one
  std::unique_ptr<Stream> stream_;
  bool complete_ = false;
};

}  // namespace orchestra::net
