// Cuts a text into the pieces that an encoding merges by themselves: words, numbers, marks, blanks.
#pragma once

#include <memory>
#include <string_view>

#include "tokens/encoding.h"

namespace orchestra {

// The pieces of `text` in their order, which it outlives. A byte that is no UTF-8 is a piece by itself, so that the
// count of such a text is near and no more. Not thread-safe; the patterns are compiled once for all.
class Pieces {
 public:
  Pieces(Encoding encoding, std::string_view text);
  ~Pieces();
  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;

  // Empty at the end.
  std::string_view next();

 private:
  struct Match;
  void find_readable() noexcept;

  std::unique_ptr<Match> match_;
  std::string_view text_;
  std::size_t at_ = 0, readable_;  // from `at_` to there all is UTF-8
};

}  // namespace orchestra
