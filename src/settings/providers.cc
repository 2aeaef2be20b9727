#include "settings/providers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "settings/sections.h"
#include "settings/values.h"
#include "settings/variables.h"

namespace orchestra::settings {
namespace {

const Choices<Dialect> kDialects = {
    {"openai", Dialect::kOpenAi}, {"anthropic", Dialect::kAnthropic}, {"ollama", Dialect::kOllama}};
const Choices<AuthScheme> kSchemes = {{"bearer", AuthScheme::kBearer},
                                      {"x-api-key", AuthScheme::kXApiKey},
                                      {"api-key", AuthScheme::kApiKey},
                                      {"none", AuthScheme::kNone}};

bool is_provider_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, fits);
}

bool is_field_name(std::string_view name) {
  // RFC 9110 5.6.2: a token.
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  };
  return !name.empty() && std::ranges::all_of(name, fits);
}

// "lm-studio" and "API_KEY" give "LM_STUDIO_API_KEY".
std::string variable_of(std::string_view provider, std::string_view suffix) {
  std::string out;
  for (const char c : provider)
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c == '-' || c == '.' ? '_' : c;
  return fmt::format("{}_{}", out, suffix);
}

void read_headers(Section headers, std::vector<std::pair<std::string, Secret>>& out) {
  for (const Node& member : headers.members()) {
    Secret value;
    headers.secret(member.key, value);
    const auto ends_line = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 127; };
    if (!is_field_name(member.key)) {
      headers.complain(member, member.key, "This is not a valid header name.");
    } else if (std::ranges::any_of(value.reveal(), ends_line)) {
      headers.complain(member, member.key, "A header value holds no control characters.");
    } else if (!value.empty()) {
      std::erase_if(out, [&](const auto& field) { return field.first == member.key; });
      out.emplace_back(member.key, std::move(value));
    }
  }
}

void read_azure(Section& section, Provider& provider) {
  if (!section.has("azure")) return;
  Section azure = section.section("azure");
  if (!provider.azure) provider.azure.emplace();
  azure.text("api_version", provider.azure->api_version);
  Section deployments = azure.section("deployments");
  for (const Node& member : deployments.members())
    deployments.text(member.key, provider.azure->deployments[member.key]);
  azure.finish();
}

}  // namespace

ProviderRows::Row& ProviderRows::row_of(const std::string& name, bool shipped) {
  for (Row& row : rows_) {
    if (row.provider.name == name) return row;
  }
  Row row{.provider = {.name = name, .timeouts = timeouts_}, .shipped = shipped};
  return rows_.emplace_back(std::move(row));
}

void ProviderRows::read(Section& root, bool shipped) {
  std::size_t index = 0;
  std::vector<std::string> seen;
  for (const Node& item : root.list("providers")) {
    const std::string path = fmt::format("providers[{}]", index++);
    Section section(root.reading(), &item, path);
    if (section.node() == nullptr) continue;
    std::string name;
    section.text("name", name);
    if (!is_provider_name(name) || name == "local" || among(seen, name)) {
      section.complain(item, "name",
                       name == "local" ? "'local' is the name of this machine's own models; choose another."
                       : name.empty()  ? "A provider needs a name."
                       : among(seen, name)
                           ? "A provider of this name stands further up in this file."
                           : "A provider's name is made of a-z, 0-9, '-', '_' and '.'; it begins its models' names.");
      continue;
    }
    seen.push_back(name);
    Row& row = row_of(name, shipped);
    row.path = path;
    row.origin = {.file = root.reading().file, .line = item.line, .column = item.column};
    read_row(section, row, shipped);
    section.finish();
  }
}

void ProviderRows::read_row(Section& section, Row& row, bool shipped) {
  Provider& provider = row.provider;
  section.choice("dialect", provider.dialect, kDialects);
  section.choice("auth", provider.auth, kSchemes);
  if (!row.shipped && !section.has("auth") && provider.dialect == Dialect::kAnthropic) {
    provider.auth = AuthScheme::kXApiKey;
  }
  if (const Node* url = section.find("base_url")) {
    std::string text;
    section.text("base_url", text);
    if (const auto parsed = parse_url(text)) {
      provider.base_url = *parsed;
      row.url_given |= !shipped;
    } else if (!text.empty()) {
      section.complain(*url, "base_url", parsed.error().what);
    }
  }
  section.texts("key_env", provider.key_env);
  section.texts("url_env", provider.url_env);
  section.secret("key", provider.key);
  // A service of the user's own that names no key is taken at its word.
  if (!row.shipped && !section.has("key_env") && !section.has("key")) provider.key_optional = true;
  section.flag("key_optional", provider.key_optional);
  if (section.has("enabled")) {
    bool enabled = true;
    section.flag("enabled", enabled);
    row.enabled = enabled;
  }
  read_headers(section.section("headers"), provider.headers);
  section.texts("models", provider.models);
  section.flag("list", provider.list);
  section.text("list_prefix", provider.list_prefix);
  read_timeouts(section, "timeouts", provider.timeouts);
  read_azure(section, provider);
}

void ProviderRows::apply_environment(Reading& reading, Row& row) {
  Provider& provider = row.provider;
  const auto add = [](std::vector<std::string>& names, std::string name) {
    if (!among(names, name)) names.push_back(std::move(name));
  };
  add(provider.key_env, variable_of(provider.name, "API_KEY"));
  add(provider.url_env, variable_of(provider.name, "BASE_URL"));
  for (const std::string& name : provider.key_env) {
    const std::string* value = lookup(reading.variables, name);
    if (value == nullptr || !provider.key.empty()) continue;
    const auto unfit = [](char c) { return c <= ' ' || c > '~'; };
    if (std::ranges::any_of(*value, unfit)) {
      complain_variable(reading, name, "A key holds visible ASCII characters only, and no blanks.");
    } else {
      provider.key = Secret(*value);
    }
  }
  for (const std::string& name : provider.url_env) {
    const std::string* value = lookup(reading.variables, name);
    if (value == nullptr) continue;
    if (const auto url = parse_url(*value)) {
      provider.base_url = *url;
      row.url_given = true;
    } else {
      complain_variable(reading, name, url.error().what);
    }
    return;
  }
  const std::string* port = lookup(reading.variables, "RESOURCE_PORTS_OLLAMA");
  if (provider.name != "ollama" || port == nullptr) return;
  if (const auto number = parse_whole(*port); number && *number >= 1 && *number <= 65535) {
    provider.base_url = BaseUrl{.host = "localhost", .port = static_cast<std::uint16_t>(*number)};
    row.url_given = true;
  } else {
    complain_variable(reading, "RESOURCE_PORTS_OLLAMA", "This must be a port from 1 to 65535.");
  }
}

void ProviderRows::decide(Reading& reading, Row& row) {
  Provider& provider = row.provider;
  const bool keyless = provider.auth == AuthScheme::kNone || provider.key_optional;
  const bool has_key = !provider.key.empty();
  const auto complain = [&](std::string_view key, std::string what) {
    reading.problems.push_back({.file = row.origin.file,
                                .line = row.origin.line,
                                .column = row.origin.column,
                                .key = fmt::format("{}.{}", row.path, key),
                                .what = std::move(what)});
  };
  if (row.enabled == false) {
    provider.why = "It is switched off by 'enabled: false'.";
  } else if (!has_key && !keyless) {
    provider.why = fmt::format("No key: set {}.", fmt::join(provider.key_env, " or "));
    if (row.enabled == true) complain("enabled", "This provider is switched on but has no key: " + provider.why);
  } else if (!provider.base_url) {
    provider.why = fmt::format("No address: set {} or base_url.", fmt::join(provider.url_env, " or "));
    if (row.enabled == true || (has_key && !row.shipped)) complain("base_url", "This provider has no base_url.");
  } else if (!row.enabled && !has_key && !row.url_given) {
    provider.why = fmt::format("Not asked for: set {}, or 'enabled: true'.", fmt::join(provider.url_env, " or "));
  } else {
    provider.enabled = true;
    provider.why = has_key ? "Its key is set." : row.url_given ? "Its address is set." : "It is switched on.";
  }
  if (provider.enabled && provider.azure && provider.azure->api_version.empty()) {
    complain("azure.api_version", "Azure needs an api_version such as 2024-10-21.");
  }
}

std::vector<Provider> ProviderRows::finish(Reading& reading) {
  std::vector<Provider> out;
  for (Row& row : rows_) {
    apply_environment(reading, row);
    decide(reading, row);
    out.push_back(std::move(row.provider));
  }
  std::ranges::sort(out, {}, &Provider::name);
  return out;
}

}  // namespace orchestra::settings
