// Writing response heads. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ports/http.h"

namespace orchestra::net {

enum class BodyForm : std::uint8_t { kNone, kLength, kChunked, kUntilClose };

struct HeadFacts {
  BodyForm form = BodyForm::kLength;
  std::size_t length = 0;   // for kLength
  bool close = false;       // say `Connection: close`
  bool keep_alive = false;  // say `Connection: keep-alive`, which HTTP/1.0 clients wait for
  std::string_view date;    // the whole line with CR LF
  std::string_view extra;   // more whole lines, checked by whoever made them
};

// Appends status line and fields. The response's own framing fields, Date and Connection are left out; a byte that
// would split a field becomes a space, so no value can add fields.
void append_response_head(std::string& out, const HttpResponse& response, const HeadFacts& facts);

// "OK" for 200; "Status" for what has no name.
std::string_view reason_phrase(int status) noexcept;

// "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", RFC 9110 5.6.7.
std::string date_line(std::int64_t unix_seconds);

}  // namespace orchestra::net
