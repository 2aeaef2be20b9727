// The tokens of an encoding and their ranks, from the published files that are part of the program.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokens/encoding.h"

namespace orchestra {

class Ranks {
 public:
  static constexpr std::uint32_t kNone = 0xffff'ffff;

  // Unpacked on first use, some tens of milliseconds and 5 MB; kept for the life of the process. Any thread.
  static const Ranks& of(Encoding encoding);
  // `file`: a line for each token, base64 of its bytes and its rank, with ranks from 0 in their order. A line that is
  // otherwise ends the program: the file is part of it.
  explicit Ranks(std::string_view file);

  // Of the token with just these bytes; kNone when there is none. The lower, the earlier it is merged.
  std::uint32_t rank(std::string_view bytes) const noexcept;
  std::size_t size() const noexcept { return ends_.size(); }

 private:
  std::string_view token(std::uint32_t rank) const noexcept;

  std::string bytes_;                 // of all tokens, by rank
  std::vector<std::uint32_t> ends_;   // of each token in `bytes_`
  std::vector<std::uint32_t> table_;  // open addressing; kNone: free
  std::size_t longest_ = 0;
};

}  // namespace orchestra
