// Field lines and what they say about a message's framing: shared by request and response heads. RFC 9112 5 and 6.
//
// Pure; every view points into the text that was parsed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace orchestra::net {

struct FieldView {
  std::string_view name;
  std::string_view value;  // without white space around it
};

// Why a message is refused: the status to answer (for a response: always 502) and a sentence for the caller.
struct Refusal {
  int status = 400;
  std::string_view why;
};

enum class Progress : std::uint8_t { kMore, kDone, kRefused };

// What the framing fields of one message said.
struct Framing {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool transfer_encoding = false;  // there was such a field
  bool close = false;              // Connection: close
  bool keep_alive = false;         // Connection: keep-alive
};

// One line, cut at CRLF. `kMore`: no line end yet. A bare LF is refused; a bare CR stays in the line and fails there.
struct Line {
  Progress progress = Progress::kMore;
  std::string_view text;
};
Line next_line(std::string_view text, std::size_t from) noexcept;

// "name: value" without its CRLF. Refused: no colon, an empty or non-token name, space before the colon, a folded line,
// control bytes in the value.
std::optional<Refusal> parse_field(std::string_view line, FieldView& field) noexcept;

// Takes note of Content-Length, Transfer-Encoding and Connection; other fields pass. Refused: a Content-Length that is
// no plain number below 2^63 or comes twice, a Transfer-Encoding that is not exactly `chunked`.
std::optional<Refusal> note_framing(const FieldView& field, Framing& framing) noexcept;

}  // namespace orchestra::net
