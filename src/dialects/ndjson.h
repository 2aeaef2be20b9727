// Newline-delimited JSON, split as it arrives. Belongs to one stream and one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace orchestra {

class LineSplitter {
 public:
  static constexpr std::size_t kMaxLine = std::size_t{16} << 20;

  // Lends `bytes`, which must stay valid until next() has returned nothing.
  void feed(std::string_view bytes) noexcept { fed_ = bytes; }
  // The next line that is not blank, without its end (LF or CRLF), valid until the next call; nothing when the fed
  // bytes are used up. kUpstream when a line grows beyond the limit.
  Result<std::optional<std::string_view>> next();
  // At the end of the stream: the last line, if its end was left out.
  std::optional<std::string_view> rest();

 private:
  std::string_view fed_;
  std::string partial_, whole_;
};

}  // namespace orchestra
