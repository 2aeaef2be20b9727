#include "settings/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "settings/dotenv.h"
#include "settings/embedded.h"
#include "settings/hybrid_policy.h"
#include "settings/known_models.h"
#include "settings/prices.h"
#include "settings/providers.h"
#include "settings/routes.h"
#include "settings/section.h"
#include "settings/sections.h"
#include "settings/variables.h"

namespace orchestra::settings {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxFile = 8U << 20;

// Nothing when there is no such file; a problem when there is one that cannot be read.
std::optional<std::string> read_file(const fs::path& path, Problems& problems) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return std::nullopt;
  if (fs::is_directory(status)) {
    problems.push_back({.file = path.string(), .what = "This is a folder, not a file."});
    return std::nullopt;
  }
  std::ifstream in(path, std::ios::binary);
  std::string text;
  if (in && fs::is_regular_file(status) && fs::file_size(path, error) > kMaxFile) {
    problems.push_back({.file = path.string(), .what = "This file is larger than 8 MiB."});
    return std::nullopt;
  }
  if (in) text.assign(std::istreambuf_iterator<char>(in), {});
  if (in.bad() || !in.is_open()) {
    problems.push_back({.file = path.string(), .what = "This file cannot be read; check its permissions."});
    return std::nullopt;
  }
  return text;
}

class Loader {
 public:
  explicit Loader(const LoadOptions& options)
      : options_(options), variables_(options.environment), reading_{.variables = variables_, .problems = problems_} {}

  std::expected<Settings, Problems> run() {
    read_env_file();
    read_main();
    settings_.prices = read_list(settings_.prices.path, "prices.yaml", embedded_prices(), read_prices);
    settings_.known_models =
        read_list(settings_.known_models.path, "models.yaml", embedded_models(), read_known_models);
    settings_.routes = read_list(settings_.routes.path, "routes.yaml", embedded_routes(), read_routes);
    read_hybrid();
    settings_.aliases = merged_aliases(settings_.routes.aliases, settings_.aliases);
    reading_.file = settings_.file.empty() ? "configuration" : settings_.file;
    apply_variables(reading_, settings_);
    apply_flags();
    finish_listeners();
    check_files();
    check_folders();
    settings_.unused = find_unused(variables_);
    check_rules(reading_, settings_);
    if (!problems_.empty()) return std::unexpected(std::move(problems_));
    return std::move(settings_);
  }

 private:
  void read_env_file() {
    const fs::path path = fs::path(options_.working_dir) / options_.env_file;
    const auto text = read_file(path, problems_);
    if (!text) return;
    EnvFile file = parse_env_file(*text, options_.env_file, problems_);
    for (auto& [name, value] : file.variables) {
      if (lookup(variables_, name) != nullptr) continue;
      reading_.origins[name] = {.file = options_.env_file, .line = file.lines[name]};
      variables_[name] = std::move(value);
    }
  }

  fs::path folder() const {
    if (options_.config) return fs::path(*options_.config).parent_path();
    return fs::path(options_.working_dir) / "config";
  }

  void read_main() {
    const std::string file =
        options_.config ? *options_.config : (folder() / "orchestra.yaml").lexically_normal().string();
    const std::size_t before = problems_.size();
    const auto text = read_file(file, problems_);
    if (!text && options_.config && problems_.size() == before) {
      problems_.push_back({.file = file, .what = "There is no such file."});
    }
    if (text) settings_.file = file;
    reading_.file = file;
    const auto document = parse_yaml(text.value_or(""), file, problems_);
    const Node nothing;
    Section root(reading_, document ? &*document : &nothing, "");
    read_server(root, settings_);
    read_auth(root, settings_);
    read_local(root, settings_);
    read_routing(root, settings_);
    read_records(root, settings_);
    root.text("prices", settings_.prices.path);
    root.text("models_file", settings_.known_models.path);
    root.text("routes_file", settings_.routes.path);
    root.text("hybrid_policy_file", settings_.hybrid.path);
    read_providers(root);
    root.finish();
  }

  void read_providers(Section& user_root) {
    ProviderRows rows(settings_.routing.timeouts);
    const std::string user_file = reading_.file;
    const auto shipped = parse_companion("providers.yaml", embedded_providers());
    Section shipped_root(reading_, shipped ? &*shipped : nullptr, "");
    rows.read(shipped_root, true);
    shipped_root.finish();
    reading_.file = user_file;
    rows.read(user_root, false);
    settings_.providers = rows.finish(reading_);
  }

  // A file of its own, by `read`; its `path` says afterwards what was read.
  template <class List>
  List read_list(std::string path, const std::string& companion, std::string_view embedded, List (*read)(Section&)) {
    const auto document = parse_named(path, companion, embedded);
    Section root(reading_, document ? &*document : nullptr, "");
    List list = read(root);
    list.path = std::move(path);
    return list;
  }

  void read_hybrid() {
    constexpr auto kShipped = "built-in hybrid_policy.yaml";
    const auto shipped = parse_yaml(std::string(embedded_hybrid()), kShipped, problems_);
    const auto document = parse_named(settings_.hybrid.path, "hybrid_policy.yaml", embedded_hybrid());
    // Services that the user's file leaves out are as shipped.
    HybridPolicy& policy = settings_.hybrid.policy;
    reading_.file = kShipped;
    Section shipped_root(reading_, shipped ? &*shipped : nullptr, "");
    policy = read_hybrid_policy(shipped_root, {.providers = settings_.providers, .shipped = true}, {});
    if (settings_.hybrid.path == kShipped) return;
    reading_.file = settings_.hybrid.path;
    Section root(reading_, document ? &*document : nullptr, "");
    policy = read_hybrid_policy(root, {.providers = settings_.providers}, std::move(policy));
  }

  // The file at `path`, which must exist, or the companion when that is empty; `path` becomes what was read.
  std::optional<Node> parse_named(std::string& path, const std::string& companion, std::string_view embedded) {
    if (path.empty()) {
      auto document = parse_companion(companion, embedded);
      path = reading_.file;
      return document;
    }
    reading_.file = path;
    const std::size_t before = problems_.size();
    const auto text = read_file(path, problems_);
    if (!text && problems_.size() == before) problems_.push_back({.file = path, .what = "There is no such file."});
    return parse_yaml(text.value_or(""), path, problems_);
  }

  // A file beside the configuration file, or the one inside the program; sets the file that problems name.
  std::optional<Node> parse_companion(const std::string& name, std::string_view embedded) {
    const std::string path = (folder() / name).lexically_normal().string();
    const auto text = read_file(path, problems_);
    reading_.file = text ? path : fmt::format("built-in {}", name);
    return parse_yaml(text ? *text : std::string(embedded), reading_.file, problems_);
  }

  void apply_flags() {
    const Flags& flags = options_.flags;
    if (flags.host) {
      settings_.server.host = *flags.host;
      reading_.origins["server.host"] = {.file = "command line"};
    }
    if (flags.port) {
      if (*flags.port < 0 || *flags.port > 65535) {
        problems_.push_back({.file = "command line",
                             .key = "--port",
                             .what = "This must be a port from 1 to 65535, or 0 for any free one."});
      } else {
        settings_.server.port = static_cast<std::uint16_t>(*flags.port);
      }
    }
    if (flags.data_dir) settings_.data_dir = *flags.data_dir;
  }

  void finish_listeners() {
    Server& server = settings_.server;
    if (options_.flags.readme_ports) {
      for (const auto& [port, surface] : {std::pair{8000, "001"}, {8001, "004"}, {8002, "004"}, {8008, "000"}}) {
        const auto number = static_cast<std::uint16_t>(port);
        if (server.port == number ||
            std::ranges::find(server.listeners, number, &Listener::port) != server.listeners.end())
          continue;
        server.listeners.push_back({.port = number, .surface = surface});
      }
    }
    for (Listener& listener : server.listeners) {
      if (listener.host.empty()) listener.host = server.host;
    }
  }

  // The server would find it out too, but could not name the line.
  void check_files() {
    const Tls tls = settings_.server.tls.value_or(Tls{});
    for (const auto& [key, path] : {std::pair{"server.tls.cert", tls.certificate},
                                    {"server.tls.key", tls.key},
                                    {"engines.llama.path", settings_.llama.path}}) {
      std::error_code error;
      if (path.empty() || fs::is_regular_file(path, error)) continue;
      const Origin& at = reading_.origins[key];
      problems_.push_back({.file = at.file,
                           .line = at.line,
                           .column = at.column,
                           .key = key,
                           .what = fmt::format("There is no file {}.", path)});
    }
  }

  void check_folders() {
    const std::string& data = settings_.apertium.data;
    std::error_code error;
    if (data.empty() || fs::is_directory(fs::path(data) / "modes", error)) return;
    const Origin& at = reading_.origins["engines.apertium.data"];
    problems_.push_back({.file = at.file,
                         .line = at.line,
                         .column = at.column,
                         .key = "engines.apertium.data",
                         .what = fmt::format("There is no folder {}/modes.", data)});
  }

  const LoadOptions& options_;
  Variables variables_;
  Problems problems_;
  Reading reading_;
  Settings settings_;
};

}  // namespace

std::expected<Settings, Problems> load(const LoadOptions& options) {
  return Loader(options).run();
}

Variables capture_environment(const char* const* environ) {
  Variables out;
  for (; environ != nullptr && *environ != nullptr; ++environ) {
    const std::string_view entry = *environ;
    const std::size_t equals = entry.find('=');
    if (equals != std::string_view::npos) out.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return out;
}

}  // namespace orchestra::settings
