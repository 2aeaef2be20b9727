// How single values are spelled in files and variables. Pure; errors are sentences that never repeat the value, because
// it may be a key that stands in the wrong place.
#pragma once

#include <string_view>

#include "base/result.h"
#include "settings/settings.h"

namespace orchestra::settings {

// true, false, yes, no, on, off, 1, 0; any case.
Result<bool> parse_flag(std::string_view text);
// A whole decimal number without sign tricks; "-5" is one.
Result<std::int64_t> parse_whole(std::string_view text);
// A decimal number such as 0.92: finite, without a sign or an exponent.
Result<double> parse_decimal(std::string_view text);
// "30s", "500ms", "250us", "5m", "2h", "7d", "1h30m", "1.5s"; a bare number is seconds.
Result<Micros> parse_duration(std::string_view text);
// "512MiB", "8GB", "1.5GiB", "4096B"; a bare number is bytes. KB is 1000 bytes, KiB 1024.
Result<Bytes> parse_bytes(std::string_view text);
// "https://host[:port][/path]": http or https, no user, query or fragment.
Result<BaseUrl> parse_url(std::string_view text);

// "localhost", or an IPv4 or IPv6 address.
bool is_bindable(std::string_view host);
// Reached from this machine only: localhost, 127.0.0.0/8, ::1.
bool is_loopback(std::string_view host);

bool among(const std::vector<std::string>& names, std::string_view name);

// "5m", "512MiB": the shortest exact spelling.
std::string spell(Micros duration);
std::string spell(Bytes size);

}  // namespace orchestra::settings
