#include "settings/values.h"
#include "base/ascii.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace orchestra::settings {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array kDurationUnits = {
    Unit{"us", 1},           Unit{"ms", 1'000},        Unit{"s", 1'000'000},      Unit{"m", 60'000'000},
    Unit{"min", 60'000'000}, Unit{"h", 3'600'000'000}, Unit{"d", 86'400'000'000},
};
constexpr std::array kByteUnits = {
    Unit{"", 1},
    Unit{"b", 1},
    Unit{"kb", 1'000},
    Unit{"mb", 1'000'000},
    Unit{"gb", 1'000'000'000},
    Unit{"tb", 1'000'000'000'000},
    Unit{"kib", 1LL << 10},
    Unit{"mib", 1LL << 20},
    Unit{"gib", 1LL << 30},
    Unit{"tib", 1LL << 40},
};

// Takes "1.5" off the front of `text`; nothing when there is no number or it is out of bounds.
std::optional<double> take_number(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && (is_digit(text[end]) || text[end] == '.')) ++end;
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + end, value, std::chars_format::fixed);
  if (error != std::errc() || stop != text.data() + end) return std::nullopt;
  text.remove_prefix(end);
  return value;
}

std::optional<std::int64_t> scaled(double value, std::span<const Unit> units, std::string_view unit) {
  const auto found = std::ranges::find(units, unit, &Unit::name);
  if (found == units.end()) return std::nullopt;
  const double result = value * static_cast<double>(found->factor);
  if (!(result < 9e18)) return std::nullopt;
  return static_cast<std::int64_t>(std::llround(result));
}

bool is_ipv4(std::string_view host) {
  int parts = 0;
  while (true) {
    const std::size_t dot = host.find('.');
    const std::string_view part = host.substr(0, dot);
    int value = -1;
    const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || stop != part.data() + part.size() || part.size() > 3 || value < 0 || value > 255) {
      return false;
    }
    ++parts;
    if (dot == std::string_view::npos) return parts == 4;
    host.remove_prefix(dot + 1);
  }
}

// RFC 4291 2.2: eight groups of hex digits, one run of zero groups may be "::", the last two may be an IPv4 address.
bool is_ipv6(std::string_view host) {
  if (host.size() < 2 || !host.contains(':')) return false;
  int groups = 0;
  bool gap = false;
  if (host.starts_with("::")) {
    gap = true;
    host.remove_prefix(2);
  }
  while (!host.empty()) {
    const std::size_t colon = host.find(':');
    const std::string_view part = host.substr(0, colon);
    if (colon == std::string_view::npos && is_ipv4(part)) return gap ? groups <= 5 : groups == 6;
    if (part.empty() || part.size() > 4) return false;
    if (!std::ranges::all_of(part, [](char c) { return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f'); })) {
      return false;
    }
    ++groups;
    if (colon == std::string_view::npos) break;
    host.remove_prefix(colon + 1);
    if (host.empty()) return false;
    if (host.front() == ':') {
      if (gap) return false;
      gap = true;
      host.remove_prefix(1);
    }
  }
  return gap ? groups <= 7 : groups == 8;
}

}  // namespace

Result<bool> parse_flag(std::string_view text) {
  const std::string word = ascii_lowered(text);
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  return fail(Fault::kInvalid, "This must be true or false.");
}

Result<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && stop == text.data() + text.size() && !text.empty()) return value;
  return fail(Fault::kInvalid, "This must be a whole number.");
}

Result<double> parse_decimal(std::string_view text) {
  const auto value = take_number(text);
  if (value && text.empty()) return *value;
  return fail(Fault::kInvalid, "This must be a decimal number.");
}

Result<Micros> parse_duration(std::string_view text) {
  const auto bad = [] {
    return fail(Fault::kInvalid,
                "This must be a duration such as 500ms, 30s, 5m, 2h or 7d (a bare number is seconds).");
  };
  if (text.empty()) return bad();
  std::int64_t total = 0;
  const std::string word = ascii_lowered(text);
  std::string_view rest = word;
  while (!rest.empty()) {
    const auto value = take_number(rest);
    if (!value) return bad();
    std::size_t end = 0;
    while (end < rest.size() && rest[end] >= 'a' && rest[end] <= 'z') ++end;
    std::string_view unit = rest.substr(0, end);
    rest.remove_prefix(end);
    if (unit.empty() && total == 0 && rest.empty()) unit = "s";
    const auto part = scaled(*value, kDurationUnits, unit);
    if (!part || __builtin_add_overflow(total, *part, &total)) return bad();
  }
  return Micros(total);
}

Result<Bytes> parse_bytes(std::string_view text) {
  const std::string word = ascii_lowered(text);
  std::string_view rest = word;
  const auto value = take_number(rest);
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  const auto bytes = value ? scaled(*value, kByteUnits, rest) : std::nullopt;
  if (bytes) return Bytes(*bytes);
  return fail(Fault::kInvalid, "This must be a size such as 512MiB, 8GB or 1.5GiB (a bare number is bytes).");
}

Result<BaseUrl> parse_url(std::string_view text) {
  const auto bad = [](std::string_view what) { return fail(Fault::kInvalid, std::string(what)); };
  BaseUrl url;
  const std::string scheme = ascii_lowered(text.substr(0, text.find("://")));
  if (!text.contains("://") || (scheme != "http" && scheme != "https")) {
    return bad("This must be a URL that begins with http:// or https://.");
  }
  url.tls = scheme == "https";
  url.port = url.tls ? 443 : 80;
  text.remove_prefix(scheme.size() + 3);
  if (text.contains('?') || text.contains('#')) return bad("A base URL has no query and no fragment.");
  std::string_view authority = text.substr(0, text.find('/'));
  text.remove_prefix(authority.size());
  if (authority.contains('@')) return bad("A base URL carries no user or password; name the key with key_env.");
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return bad("The IPv6 address lacks its closing bracket.");
    url.host = ascii_lowered(authority.substr(1, close - 1));
    port = authority.substr(close + 1);
    if (!is_ipv6(url.host)) return bad("The brackets must hold an IPv6 address.");
  } else {
    const std::size_t colon = authority.find(':');
    url.host = ascii_lowered(authority.substr(0, colon));
    port = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
    const auto fits = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_'; };
    if (url.host.empty() || !std::ranges::all_of(url.host, fits)) return bad("The host name of this URL is not valid.");
  }
  if (!port.empty()) {
    const auto number = port.front() == ':' ? parse_whole(port.substr(1)) : fail(Fault::kInvalid, "");
    if (!number || *number < 1 || *number > 65535) return bad("The port of this URL must be from 1 to 65535.");
    url.port = static_cast<std::uint16_t>(*number);
  }
  while (text.ends_with('/')) text.remove_suffix(1);
  if (std::ranges::any_of(text, [](char c) { return c <= ' ' || c > '~'; })) {
    return bad("The path of this URL holds characters that must be percent-encoded.");
  }
  url.path = text;
  return url;
}

bool is_bindable(std::string_view host) {
  return host == "localhost" || is_ipv4(host) || is_ipv6(host);
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  return is_ipv4(host) && host.starts_with("127.");
}

bool among(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string spell(Micros duration) {
  if (duration == Micros::max()) return "never";
  const std::int64_t count = duration.count();
  if (count == 0) return "0s";
  for (const Unit& unit : {Unit{"h", 3'600'000'000}, Unit{"m", 60'000'000}, Unit{"s", 1'000'000}, Unit{"ms", 1'000}}) {
    if (count % unit.factor == 0) return fmt::format("{}{}", count / unit.factor, unit.name);
  }
  return fmt::format("{}us", count);
}

std::string spell(Bytes size) {
  if (size.count == 0) return "0B";
  for (const Unit& unit : {Unit{"GiB", 1LL << 30}, Unit{"MiB", 1LL << 20}, Unit{"KiB", 1LL << 10}}) {
    if (size.count % unit.factor == 0) return fmt::format("{}{}", size.count / unit.factor, unit.name);
  }
  return fmt::format("{}B", size.count);
}

}  // namespace orchestra::settings
