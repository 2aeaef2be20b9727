// Reads the configuration. Every problem is found in one go; nothing is half applied.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "settings/problem.h"
#include "settings/settings.h"

namespace orchestra::settings {

using Variables = std::map<std::string, std::string, std::less<>>;

// What the command line says; it wins over everything else.
struct Flags {
  std::optional<std::string> host;
  std::optional<int> port;
  std::optional<std::string> data_dir;
  bool readme_ports = false;  // also open 8000, 8001, 8002 and 8008 with the READMEs' surfaces
};

struct LoadOptions {
  // A file the user named: it must exist. Without one, `./config/orchestra.yaml` is read if it is there.
  std::optional<std::string> config;
  Variables environment;
  std::string env_file = ".env";  // in `working_dir`; read if it is there; never overrides `environment`
  std::string working_dir = ".";  // where the default files are looked for
  Flags flags;
};

// Precedence: flags, environment, .env, file, defaults. A providers.yaml, prices.yaml, models.yaml, routes.yaml or
// hybrid_policy.yaml in the configuration file's folder replaces the one that the program carries. Blocking; reads
// files only. Errors name file, line, column, key and allowed values, and never show a key.
std::expected<Settings, Problems> load(const LoadOptions& options);

// The process's environment as `load` wants it.
Variables capture_environment(const char* const* environ);

}  // namespace orchestra::settings
