// The chunked transfer coding, RFC 9112 7.1: a decoder that gives views into its input, and the encoder's frame.
//
// Pure. Sizes are plain hex without sign, prefix or space; extensions are checked and ignored; every line ends with
// CR LF; trailer fields are checked and dropped, so no field behind a body can ever act.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/field_parser.h"

namespace orchestra::net {

class ChunkedDecoder {
 public:
  struct Step {
    Progress progress = Progress::kMore;  // kMore: give more input; kDone: the body ended; kRefused: see why()
    std::size_t consumed = 0;             // bytes of the input that are dealt with
    std::string_view data;                // body bytes, a part of the input; may be empty
  };
  // Takes some of `input`. Call again with the rest until it consumed nothing or is not kMore.
  Step next(std::string_view input);
  std::string_view why() const noexcept { return why_; }

 private:
  enum class State : std::uint8_t { kSizeLine, kData, kDataEnd, kTrailer, kDone, kRefused };
  Step size_line(std::string_view input);
  Step data(std::string_view input);
  Step data_end(std::string_view input);
  Step trailer(std::string_view input);
  Step refuse(std::string_view why);
  // The line up to CR LF, from `input` alone or with what earlier input began. Nullopt: not complete, all was kept.
  std::optional<std::string_view> take_line(std::string_view input, std::size_t& consumed);

  State state_ = State::kSizeLine;
  std::uint64_t left_ = 0;         // of the chunk
  std::uint64_t data_bytes_ = 0;   // of the body, so far
  std::uint64_t extra_bytes_ = 0;  // extensions and trailers, so far
  std::size_t data_end_seen_ = 0;
  std::string line_;  // the beginning of a line that was cut
  bool line_used_ = false;
  std::string_view why_;
};

// "5;name=value" without CR LF. Nullopt when malformed or beyond 2^60.
std::optional<std::uint64_t> parse_chunk_size(std::string_view line) noexcept;

inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// The line in front of a chunk of `size` bytes, which are followed by "\r\n".
class ChunkHead {
 public:
  explicit ChunkHead(std::size_t size) noexcept;
  std::string_view text() const noexcept { return {text_.data() + begin_, text_.size() - begin_}; }

 private:
  std::array<char, 18> text_;
  std::size_t begin_;
};

}  // namespace orchestra::net
