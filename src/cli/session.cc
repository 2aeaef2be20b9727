#include "cli/session.h"

#include <fmt/format.h>

#include "settings/values.h"
#include "settings/variables.h"

namespace orchestra::cli {
namespace {

bool colours(const settings::Variables& variables, bool terminal) {
  const std::string* term = settings::lookup(variables, "TERM");
  return terminal && settings::lookup(variables, "NO_COLOR") == nullptr && (term == nullptr || *term != "dumb");
}

void append_pretty(std::string& out, const json::value& value, std::size_t depth) {
  const std::string indent(2 * depth + 2, ' ');
  const auto close = [&](char bracket) { out += "\n" + std::string(2 * depth, ' ') + bracket; };
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    char before = '{';
    for (const auto& [key, member] : *object) {
      out += fmt::format("{}\n{}", before, indent);
      append_json_string(out, key);
      out += ": ";
      append_pretty(out, member, depth + 1);
      before = ',';
    }
    close('}');
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    char before = '[';
    for (const auto& item : *array) {
      out += fmt::format("{}\n{}", before, indent);
      append_pretty(out, item, depth + 1);
      before = ',';
    }
    close(']');
  } else if (const auto* number = value.if_double()) {
    JsonWriter(out).number(*number);
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string pretty_json(const json::value& value) {
  std::string out;
  append_pretty(out, value, 0);
  return out += "\n";
}

Style Session::style() const {
  return Style(colours(variables, console.out_is_terminal()));
}

Style Session::err_style() const {
  return Style(colours(variables, console.err_is_terminal()));
}

Result<ServerAddress> Session::server() const {
  ServerAddress address;
  const auto from = [](std::string_view text, std::string_view where) -> Result<settings::BaseUrl> {
    auto url = settings::parse_url(text);
    if (!url) return orchestra::fail(Fault::kInvalid, fmt::format("{}: {}", where, url.error().what));
    return url;
  };
  const std::string* variable = settings::lookup(variables, "ORCHESTRA_URL");
  const std::string* host = settings::lookup(variables, "ORCHESTRATOR_HOST");
  const std::string* port = settings::lookup(variables, "API_PORT");
  if (!shared.url.empty()) {
    TRY(address.url, from(shared.url, "--url"));
  } else if (variable != nullptr) {
    TRY(address.url, from(*variable, "ORCHESTRA_URL"));
  } else {
    // The server may listen on all addresses; nobody can connect to that name.
    const bool any = host == nullptr || *host == "0.0.0.0" || *host == "::";
    const std::string name = any ? "localhost" : host->contains(':') ? "[" + *host + "]" : *host;
    TRY(address.url,
        from(fmt::format("http://{}:{}", name, port == nullptr ? "8080" : *port), "ORCHESTRATOR_HOST and API_PORT"));
  }
  const std::string* key = settings::lookup(variables, "ORCHESTRA_API_KEY");
  address.api_key = Secret(!shared.api_key.empty() ? shared.api_key : key != nullptr ? *key : "");
  return address;
}

int Session::report(std::string_view what, std::string_view code, int exit) const {
  if (shared.json()) {
    console.out(pretty_json({{"error", {{"message", what}, {"code", code}}}}));
  } else {
    console.err(fmt::format("{} {}\n", err_style().red("Error:"), printable(what)));
  }
  return exit;
}

int Session::fail(const Error& error) const {
  return report(error.what, error.code.empty() ? fault_code(error.fault) : error.code, 1);
}

int Session::misuse(std::string_view what) const {
  return report(what, "usage", 2);
}

int Session::print_json(const json::value& value) const {
  console.out(pretty_json(value));
  return 0;
}

}  // namespace orchestra::cli
