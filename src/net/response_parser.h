// The head of an HTTP/1.x response. RFC 9112 4-6. Pure; views point into the parsed text.
#pragma once

#include "net/field_parser.h"

namespace orchestra::net {

enum class BodyEnd : std::uint8_t { kNone, kLength, kChunked, kClose };

struct ResponseHead {
  int status = 0;
  int minor_version = 1;
  Framing framing;
  std::vector<FieldView> fields;
  std::size_t size = 0;  // bytes of the head, the empty line included

  // How the body ends, RFC 9112 6.3.
  BodyEnd body_end(bool to_head_request) const noexcept;
  bool keep_alive() const noexcept { return !framing.close && (minor_version == 1 || framing.keep_alive); }
  void clear() noexcept;
};

// `refusal.why` says what was wrong; its status means nothing here. Besides what requests are refused for: an answer in
// HTTP/1.0 with Transfer-Encoding, and Content-Length beside Transfer-Encoding, because a cache or proxy on the way may
// have read it the other way.
Progress parse_response_head(std::string_view text, std::size_t limit, ResponseHead& head, Refusal& refusal);

}  // namespace orchestra::net
