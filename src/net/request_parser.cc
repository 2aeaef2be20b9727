#include "net/request_parser.h"

#include <algorithm>

#include "net/characters.h"
#include "ports/http.h"

namespace orchestra::net {

namespace {

constexpr std::size_t kLongestMethod = 32;

std::optional<Refusal> refuse(int status, std::string_view why) {
  return Refusal{status, why};
}

bool valid_percent(std::string_view text) noexcept {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3)) {
    if (at + 2 >= text.size() || !is(text[at + 1], kHexDigit) || !is(text[at + 2], kHexDigit)) return false;
  }
  return true;
}

std::optional<Refusal> parse_origin_form(std::string_view target, RequestHead& head) noexcept {
  const auto mark = target.find('?');
  head.path = target.substr(0, mark);
  head.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  if (!all_are(head.path, kPath) || (!head.query.empty() && !all_are(head.query, kQuery)) || !valid_percent(target)) {
    return refuse(400, "The request target holds a byte that must be percent-encoded.");
  }
  // Legal by RFC 3986, but what is left of a target whose bytes were mangled on the way; Http11Probe wants it refused.
  if (head.query.starts_with('?')) return refuse(400, "The query of the request target begins with a second '?'.");
  return std::nullopt;
}

// RFC 9112 3.2.2: a server must accept the absolute form; ours must also agree with Host, which comes later.
std::optional<Refusal> parse_absolute_form(std::string_view target, RequestHead& head) noexcept {
  const auto scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) {
    return refuse(400, "The request target must be a path that begins with '/'.");
  }
  const std::string_view scheme = target.substr(0, scheme_end);
  if (!equals_lowered(scheme, "http") && !equals_lowered(scheme, "https")) {
    return refuse(400, "The request target's scheme must be http or https.");
  }
  const std::string_view rest = target.substr(scheme_end + 3);
  const auto authority_end = std::min(rest.find_first_of("/?"), rest.size());
  head.host = rest.substr(0, authority_end);
  if (!valid_host(head.host)) return refuse(400, "The request target names no valid host.");
  std::string_view path = rest.substr(authority_end);
  if (path.empty()) path = "/";
  if (path.front() == '?') {
    head.path = "/";
    head.query = path.substr(1);
    if ((!head.query.empty() && !all_are(head.query, kQuery)) || !valid_percent(head.query)) {
      return refuse(400, "The request target holds a byte that must be percent-encoded.");
    }
    return std::nullopt;
  }
  return parse_origin_form(path, head);
}

std::optional<Refusal> parse_target(std::string_view target, RequestHead& head) noexcept {
  if (target.empty()) return refuse(400, "The request line has no target.");
  // Authority form belongs to CONNECT alone, and we are no proxy (RFC 9112 3.2.3).
  if (head.method == "CONNECT") return refuse(405, "CONNECT is not supported: this server is no proxy.");
  if (head.method == "TRACE") return refuse(405, "TRACE is not supported.");
  if (target == "*") {
    if (head.method != "OPTIONS") return refuse(400, "The target * is for OPTIONS only.");
    head.path = target;
    return std::nullopt;
  }
  return target.front() == '/' ? parse_origin_form(target, head) : parse_absolute_form(target, head);
}

bool digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<Refusal> parse_request_line(std::string_view line, RequestHead& head) noexcept {
  const auto method_end = line.find(' ');
  if (method_end == std::string_view::npos || method_end == 0 || method_end > kLongestMethod ||
      !all_are(line.substr(0, method_end), kToken)) {
    return refuse(400, "The request line must be: method, one space, target, one space, HTTP/1.1.");
  }
  head.method = line.substr(0, method_end);
  const std::string_view rest = line.substr(method_end + 1);
  const auto target_end = rest.find(' ');
  if (target_end == std::string_view::npos) return refuse(400, "The request line has no HTTP version.");
  const std::string_view version = rest.substr(target_end + 1);
  if (version.size() != 8 || !version.starts_with("HTTP/") || !digit(version[5]) || version[6] != '.' ||
      !digit(version[7])) {
    return refuse(400, "The request line must end with HTTP/1.1 or HTTP/1.0.");
  }
  if (version[5] != '1' || version[7] > '1') return refuse(505, "This server speaks HTTP/1.1 and HTTP/1.0 only.");
  head.minor_version = version[7] - '0';
  return parse_target(rest.substr(0, target_end), head);
}

std::optional<Refusal> note_host(std::string_view value, bool& seen, RequestHead& head) noexcept {
  if (seen) return refuse(400, "Host must be sent once.");
  seen = true;
  if (!valid_host(value)) return refuse(400, "Host must be a name or an address, with an optional port.");
  if (!head.host.empty() && !equals_ignoring_case(head.host, value)) {
    return refuse(400, "Host and the request target name different hosts.");
  }
  head.host = value;
  return std::nullopt;
}

std::optional<Refusal> note_field(const FieldView& field, bool& host_seen, RequestHead& head) noexcept {
  switch (field.name.size()) {
    case 4:
      if (equals_lowered(field.name, "host")) return note_host(field.value, host_seen, head);
      return std::nullopt;
    case 6:
      if (equals_lowered(field.name, "origin")) head.origin = field.value;
      // RFC 9110 10.1.1: the expectation of an HTTP/1.0 client is ignored.
      if (equals_lowered(field.name, "expect") && head.minor_version == 1) {
        if (!equals_lowered(field.value, "100-continue")) {
          return refuse(417, "The only expectation that this server meets is 100-continue.");
        }
        head.expect_continue = true;
      }
      return std::nullopt;
    case 16:
      if (equals_lowered(field.name, "content-encoding")) {
        if (!head.content_encoding.empty()) return refuse(415, "Content-Encoding must be sent once.");
        head.content_encoding = field.value;
      }
      return std::nullopt;
    default: return note_framing(field, head.framing);
  }
}

std::optional<Refusal> check_whole(bool host_seen, const RequestHead& head) noexcept {
  if (!host_seen && head.minor_version == 1) return refuse(400, "An HTTP/1.1 request needs a Host field.");
  if (head.framing.transfer_encoding && head.minor_version == 0) {
    return refuse(400, "HTTP/1.0 has no Transfer-Encoding; send Content-Length.");
  }
  if (head.framing.transfer_encoding && head.framing.content_length) {
    return refuse(400, "Send Content-Length or Transfer-Encoding, not both.");
  }
  return std::nullopt;
}

// The head is not complete: may more bytes still make it acceptable?
std::optional<Refusal> check_unfinished(std::string_view text, std::size_t line_start, bool in_request_line,
                                        const HeadLimits& limits) noexcept {
  if (in_request_line && line_start < text.size() && !is(text[line_start], kToken) && text[line_start] != '\r') {
    constexpr char kTlsHandshake = 0x16;
    if (text[line_start] == kTlsHandshake) {
      return refuse(400, "This port speaks HTTP without TLS: use http:// instead of https://.");
    }
    return refuse(400, "The request line must begin with a method.");
  }
  if (in_request_line && text.size() - line_start > kLongestMethod) {
    const auto method_end = text.find(' ', line_start);
    if (method_end == std::string_view::npos || method_end - line_start > kLongestMethod) {
      return refuse(400, "The request line must begin with a method.");
    }
    if (text.size() - line_start > limits.line_bytes) return refuse(414, "The request target is too long.");
  }
  if (text.size() > limits.head_bytes)
    return refuse(431, "The header section is too large; send less or smaller fields.");
  return std::nullopt;
}

struct HeadScan {
  std::string_view text;
  const HeadLimits& limits;
  RequestHead& head;
  Refusal& refusal;
  std::size_t at = 0;
  bool host_seen = false;

  Progress refused(Refusal why) {
    refusal = why;
    return Progress::kRefused;
  }
  Progress unfinished(bool in_request_line) {
    if (auto bad = check_unfinished(text, at, in_request_line, limits)) return refused(*bad);
    return Progress::kMore;
  }

  Progress request_line() {
    // RFC 9112 2.2: one empty line in front of the request line is ignored.
    if (text.starts_with("\r\n")) at = 2;
    const Line line = next_line(text, at);
    if (line.progress == Progress::kMore) return unfinished(true);
    if (line.progress == Progress::kRefused) return refused({400, "Lines must end with CR LF."});
    if (line.text.size() > limits.line_bytes) return refused({414, "The request target is too long."});
    if (auto bad = parse_request_line(line.text, head)) return refused(*bad);
    at += line.text.size() + 2;
    return Progress::kDone;
  }

  Progress fields() {
    while (true) {
      const Line line = next_line(text, at);
      if (line.progress == Progress::kMore) return unfinished(false);
      if (line.progress == Progress::kRefused) return refused({400, "Lines must end with CR LF."});
      at += line.text.size() + 2;
      if (at > limits.head_bytes) {
        return refused({431, "The header section is too large; send less or smaller fields."});
      }
      if (line.text.empty()) return Progress::kDone;
      if (head.fields.size() == limits.fields) return refused({431, "There are too many header fields."});
      FieldView field;
      if (auto bad = parse_field(line.text, field)) return refused(*bad);
      if (auto bad = note_field(field, host_seen, head)) return refused(*bad);
      head.fields.push_back(field);
    }
  }
};

}  // namespace

void RequestHead::clear() noexcept {
  auto kept = std::move(fields);
  kept.clear();
  *this = RequestHead();
  fields = std::move(kept);
}

Progress parse_request_head(std::string_view text, const HeadLimits& limits, RequestHead& head, Refusal& refusal) {
  head.clear();
  HeadScan scan{text, limits, head, refusal};
  if (const Progress progress = scan.request_line(); progress != Progress::kDone) return progress;
  if (const Progress progress = scan.fields(); progress != Progress::kDone) return progress;
  if (auto bad = check_whole(scan.host_seen, head)) return scan.refused(*bad);
  head.size = scan.at;
  return Progress::kDone;
}

std::string_view apparent_path(std::string_view head) noexcept {
  const auto method_end = std::min(head.find(' '), head.size());
  const std::string_view rest = head.substr(std::min(method_end + 1, head.size()));
  return rest.substr(0, rest.find_first_of(" ?\r\n"));
}

std::string_view host_without_port(std::string_view host) noexcept {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool valid_host(std::string_view host) noexcept {
  const std::string_view name = host_without_port(host);
  if (name.empty()) return false;
  if (name.front() == '[') {
    const std::string_view address = name.substr(1, name.size() - 2);
    const bool hex = std::ranges::all_of(address, [](char c) { return is(c, kHexDigit) || c == ':' || c == '.'; });
    if (name.size() < 4 || name.back() != ']' || !hex || address.find(':') == std::string_view::npos) return false;
  } else if (!all_are(name, kHostName)) {
    return false;
  }
  std::string_view port = host.substr(name.size());
  if (port.empty()) return true;
  if (port.front() != ':' || port.size() > 6) return false;
  port.remove_prefix(1);
  unsigned number = 0;
  for (const char c : port) {
    if (!digit(c)) return false;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  return number <= 65535;
}

}  // namespace orchestra::net
