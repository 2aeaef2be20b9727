#include "settings/sections.h"

#include <fmt/format.h>

#include <algorithm>

#include "settings/values.h"

namespace orchestra::settings {
namespace {

constexpr Micros kSecond = std::chrono::seconds(1);
constexpr Micros kDay = std::chrono::hours(24);

constexpr std::string_view kSha256OfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const std::vector<std::string> kSurfaces = {"000", "001", "002", "003", "004"};

void read_listeners(Section& owner, Server& server) {
  std::size_t index = 0;
  for (const Node& item : owner.list("listeners")) {
    Section row(owner.reading(), &item, owner.path(fmt::format("listeners[{}]", index++)));
    Listener listener;  // No host: the server's, which the environment may still change.
    row.text("host", listener.host);
    if (row.node() != nullptr && !row.has("port")) row.complain(item, "port", "A listener needs a port.");
    row.number("port", listener.port, 1, 65535);
    if (const Node* surface = row.find("surface")) {
      row.text("surface", listener.surface);
      if (!listener.surface.empty() && !among(kSurfaces, listener.surface)) {
        row.complain(*surface, "surface", "This is not one of the known surfaces.", kSurfaces,
                     nearest(listener.surface, kSurfaces));
      }
    }
    row.finish();
    if (listener.port != 0) server.listeners.push_back(std::move(listener));
  }
}

void read_limits(Section limits, Limits& out) {
  limits.size("body", out.body, kibibytes(1), mebibytes(4096));
  limits.size("header", out.header, kibibytes(1), mebibytes(1));
  limits.number("header_fields", out.header_fields, 8, 10'000);
  limits.size("buffered_bodies", out.buffered_bodies, mebibytes(1), mebibytes(1'048'576));
  limits.number("connections", out.connections, 1, 1'000'000);
  limits.finish();
}

void read_tls(Section tls, Server& server) {
  if (tls.node() == nullptr) return;
  Tls out;
  tls.text("cert", out.certificate);
  tls.text("key", out.key);
  tls.finish();
  if (out.certificate.empty() || out.key.empty()) {
    tls.complain(*tls.node(), "", "TLS needs both 'cert' and 'key', each the path of a PEM file.");
  }
  server.tls = std::move(out);
}

void read_origins(Section& server, std::vector<std::string>& origins) {
  Section cors = server.section("cors");
  cors.texts("origins", origins);
  for (const std::string& origin : origins) {
    const auto url = parse_url(origin);
    if (origin == "*" || (url && url->path.empty() && !origin.ends_with('/'))) continue;
    cors.complain(*cors.find("origins"), "origins",
                  "An origin is a scheme and a host, such as https://app.example.com, or '*'; no path and no slash.");
  }
  cors.finish();
}

}  // namespace

void read_server(Section& root, Settings& settings) {
  Server& out = settings.server;
  Section server = root.section("server");
  server.text("host", out.host);
  server.number("port", out.port, 1, 65535);
  server.number("threads", out.threads, 0, 1024);
  server.duration("drain_limit", out.drain_limit, Micros(0), kDay);
  read_listeners(server, out);
  read_listeners(root, out);
  read_limits(server.section("limits"), out.limits);
  Section timeouts = server.section("timeouts");
  timeouts.duration("header", out.timeouts.header, kSecond, kDay);
  timeouts.duration("body", out.timeouts.body, kSecond, kDay);
  timeouts.duration("keep_alive", out.timeouts.keep_alive, Micros(0), kDay);
  timeouts.duration("write", out.timeouts.write, kSecond, kDay);
  timeouts.finish();
  read_tls(server.section("tls"), out);
  server.texts("allowed_hosts", out.allowed_hosts);
  read_origins(server, out.cors_origins);
  server.finish();
}

void read_auth(Section& root, Settings& settings) {
  Section auth = root.section("auth");
  std::size_t index = 0;
  for (const Node& item : auth.list("api_keys")) {
    Section row(auth.reading(), &item, auth.path(fmt::format("api_keys[{}]", index++)));
    ApiKey key;
    row.text("name", key.name);
    row.text("sha256", key.sha256);
    row.flag("admin", key.admin);
    row.finish();
    if (row.node() == nullptr) continue;
    if (key.name.empty()) row.complain(item, "name", "A key needs a name: the log and the ledger show it.");
    std::ranges::transform(key.sha256, key.sha256.begin(),
                           [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c | 32) : c; });
    const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (key.sha256.size() != 64 || !std::ranges::all_of(key.sha256, hex)) {
      row.complain(item, "sha256",
                   "This must be the SHA-256 of the key, 64 hexadecimal digits: printf %s \"$KEY\" | sha256sum");
    } else if (key.sha256 == kSha256OfNothing) {
      row.complain(item, "sha256", "This is the SHA-256 of an empty key: the variable was not set when it was made.");
    }
    settings.auth.api_keys.push_back(std::move(key));
  }
  auth.finish();
}

}  // namespace orchestra::settings
