#include "api/router.h"

#include <algorithm>

namespace orchestra {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  while (true) {
    const auto slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{');
}
bool takes_many(std::string_view segment) {
  return segment.ends_with("...}");
}

std::string_view parameter_name(std::string_view segment) {
  segment = segment.substr(1, segment.size() - 2);
  return takes_many(std::string(segment) + "}") ? segment.substr(0, segment.size() - 3) : segment;
}

bool method_fits(std::string_view offered, std::string_view asked) {
  return offered == asked || (asked == "HEAD" && offered == "GET");
}

}  // namespace

void Router::insert(Entry entry) {
  for (std::string_view segment : split(entry.pattern)) entry.segments.emplace_back(segment);
  if (std::ranges::none_of(entry.segments, is_parameter)) literal_[entry.pattern][entry.method] = entries_.size();
  entries_.push_back(std::move(entry));
}

void Router::add(std::string method, std::string pattern, Route route) {
  insert({.method = std::move(method), .pattern = std::move(pattern), .segments = {}, .route = std::move(route)});
}

void Router::add_open(std::string method, std::string pattern, Route route) {
  insert({.method = std::move(method),
          .pattern = std::move(pattern),
          .segments = {},
          .route = std::move(route),
          .needs_key = false});
}

bool Router::fits(const Entry& entry, const std::vector<std::string_view>& segments, Match& match) {
  const auto& wanted = entry.segments;
  std::size_t at = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (at >= segments.size()) return false;
    if (!is_parameter(wanted[i])) {
      if (segments[at++] != wanted[i]) return false;
      continue;
    }
    std::size_t count = 1;
    if (takes_many(wanted[i])) {
      const std::size_t behind = wanted.size() - i - 1;
      if (segments.size() < at + behind + 1) return false;
      count = segments.size() - at - behind;
    }
    std::string value;
    for (std::size_t k = 0; k < count; ++k) value += (k ? "/" : "") + percent_decode(segments[at++], false);
    if (value.empty()) return false;
    match.path[std::string(parameter_name(wanted[i]))] = std::move(value);
  }
  return at == segments.size();
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  Match found;
  if (const auto literal = literal_.find(path); literal != literal_.end()) {
    for (const auto& [offered, entry] : literal->second) {
      if (method_fits(offered, method) && (!found.route || offered == method)) {
        found.route = &entries_[entry].route;
        found.needs_key = entries_[entry].needs_key;
      }
      found.allowed += (found.allowed.empty() ? "" : ", ") + offered;
    }
    return found;
  }
  const auto segments = split(path);
  for (const Entry& entry : entries_) {
    Match candidate;
    if (!fits(entry, segments, candidate)) continue;
    if (method_fits(entry.method, method)) {
      candidate.route = &entry.route;
      candidate.needs_key = entry.needs_key;
      return candidate;
    }
    found.allowed += (found.allowed.empty() ? "" : ", ") + entry.method;
  }
  return found;
}

std::vector<std::string> Router::list() const {
  std::vector<std::string> lines;
  for (const Entry& entry : entries_) lines.push_back(entry.method + " " + entry.pattern);
  std::ranges::sort(lines);
  return lines;
}

}  // namespace orchestra
