#include "net/response_head.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <ctime>

#include "net/characters.h"

namespace orchestra::net {

namespace {

constexpr std::array<std::string_view, 5> kOwnFields = {"connection", "content-length", "transfer-encoding", "date",
                                                        "keep-alive"};

bool is_own_field(std::string_view name) {
  for (const std::string_view own : kOwnFields) {
    if (equals_lowered(name, own)) return true;
  }
  return false;
}

void append_value(std::string& out, std::string_view value) {
  const std::size_t at = out.size();
  out += value;
  if (all_are(value, kFieldByte)) return;
  for (std::size_t i = at; i < out.size(); ++i) {
    if (!is(out[i], kFieldByte)) out[i] = ' ';
  }
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  append_value(out, value);
  out += "\r\n";
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void append_response_head(std::string& out, const HttpResponse& response, const HeadFacts& facts) {
  if (response.status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
  } else {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(response.status));
    out += ' ';
    out += reason_phrase(response.status);
    out += "\r\n";
  }
  out += facts.date;
  out += facts.extra;
  if (!response.content_type.empty()) append_field(out, "content-type", response.content_type);
  for (const auto& [name, value] : response.fields) {
    if (name.empty() || !all_are(name, kToken) || is_own_field(name)) continue;
    append_field(out, name, value);
  }
  if (facts.form == BodyForm::kLength) {
    out += "content-length: ";
    append_number(out, facts.length);
    out += "\r\n";
  } else if (facts.form == BodyForm::kChunked) {
    out += "transfer-encoding: chunked\r\n";
  }
  if (facts.close) {
    out += "connection: close\r\n";
  } else if (facts.keep_alive) {
    out += "connection: keep-alive\r\n";
  }
  out += "\r\n";
}

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 424: return "Failed Dependency";
    case 425: return "Too Early";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    case 529: return "Overloaded";
    default: return "Status";
  }
}

std::string date_line(std::int64_t unix_seconds) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = unix_seconds;
  std::tm utc{};
  gmtime_r(&time, &utc);
  return fmt::format("date: {}, {:02} {} {:04} {:02}:{:02}:{:02} GMT\r\n", kDays[static_cast<std::size_t>(utc.tm_wday)],
                     utc.tm_mday, kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour,
                     utc.tm_min, utc.tm_sec);
}

}  // namespace orchestra::net
