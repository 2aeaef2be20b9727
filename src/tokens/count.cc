#include "tokens/count.h"

#include <algorithm>
#include <queue>

#include "tokens/pieces.h"

namespace orchestra {
namespace {

constexpr std::size_t kLongestPiece = 64UZ * 1024;

// The parts of a piece: every byte at first. Parts are known by where they begin; one that was merged into the part
// before it has length 0.
class Parts {
 public:
  Parts(const Ranks& ranks, std::string_view piece)
      : ranks_(ranks), piece_(piece), parts_(piece.size()), count_(parts_.size()) {
    for (std::uint32_t i = 0; i < parts_.size(); ++i) parts_[i] = {.length = 1, .before = i == 0 ? 0 : i - 1};
    for (std::uint32_t i = 0; i + 1 < parts_.size(); ++i) offer(i);
  }

  std::size_t merged() {
    while (!pairs_.empty()) {
      const Pair pair = pairs_.top();
      pairs_.pop();
      if (is_whole(pair)) merge(pair);
    }
    return count_;
  }

 private:
  struct Part {
    std::uint32_t length, before;
  };
  struct Pair {
    std::uint32_t rank, at, length;
    bool operator<(const Pair& other) const noexcept { return rank != other.rank ? rank > other.rank : at > other.at; }
  };

  std::uint32_t behind(std::uint32_t at) const noexcept { return at + parts_[at].length; }

  void offer(std::uint32_t at) {
    const std::uint32_t next = behind(at);
    if (next >= parts_.size()) return;
    const std::uint32_t length = parts_[at].length + parts_[next].length;
    const std::uint32_t rank = ranks_.rank(piece_.substr(at, length));
    if (rank != Ranks::kNone) pairs_.push({rank, at, length});
  }

  // Whether the two parts of the pair are still as they were when it was offered.
  bool is_whole(const Pair& pair) const noexcept {
    if (parts_[pair.at].length == 0) return false;
    const std::uint32_t next = behind(pair.at);
    return next < parts_.size() && parts_[pair.at].length + parts_[next].length == pair.length;
  }

  void merge(const Pair& pair) {
    parts_[behind(pair.at)].length = 0;
    parts_[pair.at].length = pair.length;
    if (const std::uint32_t next = behind(pair.at); next < parts_.size()) parts_[next].before = pair.at;
    --count_;
    offer(pair.at);
    if (pair.at > 0) offer(parts_[pair.at].before);
  }

  const Ranks& ranks_;
  std::string_view piece_;
  std::vector<Part> parts_;
  std::size_t count_;
  std::priority_queue<Pair> pairs_;
};

}  // namespace

std::int64_t tokens_in_piece(const Ranks& ranks, std::string_view piece) {
  std::size_t count = 0;
  while (!piece.empty()) {
    const std::string_view part = piece.substr(0, kLongestPiece);
    count += ranks.rank(part) != Ranks::kNone ? 1 : Parts(ranks, part).merged();
    piece.remove_prefix(part.size());
  }
  return static_cast<std::int64_t>(count);
}

Tokens count_tokens(std::string_view text, Encoding encoding, Tokens limit) {
  const Ranks& ranks = Ranks::of(encoding);
  Pieces pieces(encoding, text);
  Tokens count;
  for (std::string_view piece = pieces.next(); !piece.empty() && count <= limit; piece = pieces.next()) {
    count += Tokens(tokens_in_piece(ranks, piece));
  }
  return count;
}

Tokens count_tokens(const std::vector<std::string>& texts, Encoding encoding, Tokens limit) {
  Tokens count;
  for (const std::string& text : texts) {
    if (count > limit) break;
    count += count_tokens(text, encoding, Tokens(limit.count - count.count));
  }
  return count;
}

}  // namespace orchestra
