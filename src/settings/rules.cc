#include "settings/sections.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "settings/values.h"

namespace orchestra::settings {
namespace {

void complain_at(Reading& reading, const std::string& key, std::string what) {
  const auto found = reading.origins.find(key);
  const Origin origin = found == reading.origins.end() ? Origin{.file = reading.file} : found->second;
  reading.problems.push_back(
      {.file = origin.file, .line = origin.line, .column = origin.column, .key = key, .what = std::move(what)});
}

// Two listeners clash on one port unless both name different single addresses.
bool clash(const Listener& a, const Listener& b) {
  const auto any = [](const std::string& host) { return host == "0.0.0.0" || host == "::"; };
  const auto local = [](const std::string& host) {
    return host == "localhost" || host == "127.0.0.1" || host == "::1";
  };
  if (a.port != b.port) return false;
  if (a.host == b.host || any(a.host) || any(b.host)) return true;
  return (a.host == "localhost" && local(b.host)) || (b.host == "localhost" && local(a.host));
}

void check_addresses(Reading& reading, const Settings& settings) {
  std::vector<std::pair<std::string, Listener>> all = {
      {"server.host", {.host = settings.server.host, .port = settings.server.port}}};
  for (std::size_t i = 0; i < settings.server.listeners.size(); ++i) {
    all.emplace_back(fmt::format("server.listeners[{}].host", i), settings.server.listeners[i]);
  }
  std::set<std::string> told;  // Listeners without a host of their own repeat the server's: one problem is enough.
  for (const auto& [key, listener] : all) {
    if (!told.insert(listener.host).second) continue;
    if (!is_bindable(listener.host)) {
      complain_at(reading, key, "This must be localhost, an IPv4 address or an IPv6 address (0.0.0.0 or :: for all).");
    } else if (!is_loopback(listener.host) && !settings.auth.required()) {
      complain_at(
          reading, key,
          fmt::format("Listening on {} opens the server, and every key it holds, to the network: set an API key "
                      "first. For example: export ORCHESTRA_API_KEY=\"$(openssl rand -hex 32)\", or list hashed "
                      "keys under auth.api_keys, or listen on localhost.",
                      listener.host));
    }
  }
  for (std::size_t i = 1; i < all.size(); ++i) {
    const auto clashing = [&](const auto& other) { return clash(other.second, all[i].second); };
    if (std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), clashing)) {
      const std::string key = fmt::format("server.listeners[{}].port", i - 1);
      complain_at(reading, key, fmt::format("Port {} is taken by another listener.", all[i].second.port));
    }
  }
}

// True when following `name` comes back to an alias on the way, which is then the way there and back.
bool leads_into_itself(const std::vector<Alias>& aliases, const std::string& name, std::vector<std::string>& way) {
  if (among(way, name)) {
    way.push_back(name);
    return true;
  }
  const auto alias = std::ranges::find(aliases, name, &Alias::name);
  if (alias == aliases.end()) return false;
  way.push_back(name);
  for (const std::string& next : alias->chain) {
    // A name with a provider's prefix is a model, never an alias; and so is an alias's own name in its chain, beside
    // others.
    const bool own = next == name && alias->chain.size() > 1;
    if (!own && !next.contains('/') && leads_into_itself(aliases, next, way)) return true;
  }
  way.pop_back();
  return false;
}

void check_aliases(Reading& reading, const Settings& settings) {
  for (const Alias& alias : settings.aliases) {
    std::vector<std::string> way;
    if (leads_into_itself(settings.aliases, alias.name, way)) {
      complain_at(reading, "aliases." + alias.name,
                  fmt::format("This chain of aliases leads back into itself: {}.", fmt::join(way, " -> ")));
    }
  }
}

}  // namespace

void check_rules(Reading& reading, const Settings& settings) {
  check_addresses(reading, settings);
  check_aliases(reading, settings);
  const auto& limits = settings.server.limits;
  if (limits.body > limits.buffered_bodies) {
    complain_at(reading, "server.limits.body", "One body may not be larger than server.limits.buffered_bodies.");
  }
}

}  // namespace orchestra::settings
