// The head of an HTTP/1.x request: RFC 9112 2-6 and RFC 9110, and nothing looser.
//
// Pure and without copies: every view points into the text that was parsed and is good as long as that text.
#pragma once

#include "net/field_parser.h"

namespace orchestra::net {

struct HeadLimits {
  std::size_t line_bytes = 16 * 1024;
  std::size_t head_bytes = 32 * 1024;
  std::size_t fields = 100;
};

struct RequestHead {
  std::string_view method;
  std::string_view path;   // origin form; "*" for OPTIONS *
  std::string_view query;  // without '?'
  std::string_view host;   // as sent, with its port; empty only for HTTP/1.0
  std::string_view origin;
  std::string_view content_encoding;
  int minor_version = 1;  // HTTP/1.x
  Framing framing;
  bool expect_continue = false;
  std::vector<FieldView> fields;
  std::size_t size = 0;  // bytes of the head, the empty line included

  bool keep_alive() const noexcept { return !framing.close && (minor_version == 1 || framing.keep_alive); }
  bool has_body() const noexcept { return framing.chunked || framing.content_length.value_or(0) > 0; }
  // For reuse without freeing what `fields` holds.
  void clear() noexcept;
};

// Parses `text` from its beginning. `kMore`: the head is not complete yet; call again with more (worth it only once
// another LF came). `kRefused`: `refusal` says why; the connection must be closed after the answer.
Progress parse_request_head(std::string_view text, const HeadLimits& limits, RequestHead& head, Refusal& refusal);

// What a head that cannot be read seems to ask for, without the query: its refusal is written for that path's callers.
std::string_view apparent_path(std::string_view head) noexcept;
// A Host value: a name, an IPv4 address or [IPv6], and an optional port.
// https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2
bool valid_host(std::string_view host) noexcept;
// Without the port; an IPv6 address keeps its brackets.
std::string_view host_without_port(std::string_view host) noexcept;

}  // namespace orchestra::net
