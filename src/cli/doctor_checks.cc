#include "cli/doctor_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "cli/figures.h"
#include "host/port_holder.h"
#include "settings/chain_names.h"

namespace orchestra::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kGiB = 1LL << 30;

// A field of /proc/meminfo in bytes; 0 when it is not there.
std::int64_t memory_field(std::string_view name) {
  std::ifstream in("/proc/meminfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name) && line[name.size()] == ':')
      return std::stoll("0" + line.substr(line.find_first_of("0123456789"))) * 1024;
  }
  return 0;
}

std::int64_t cgroup_limit() {
  for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream in(file);
    std::int64_t limit = 0;
    if (in >> limit) return limit;
  }
  return 0;
}

}  // namespace

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::kGood: return "ok";
    case Severity::kNote: return "note";
    case Severity::kWarning: return "warning";
    case Severity::kProblem: return "problem";
  }
  return "ok";
}

void check_machine(Findings& out) {
  const std::int64_t limit = cgroup_limit(), machine = memory_field("MemTotal"), free = memory_field("MemAvailable");
  const bool limited = limit > 0 && limit < machine;
  const std::int64_t total = limited ? limit : machine;
  const std::string what = fmt::format(
      "{} cores, {} of memory{}, {} available.", std::max(1U, std::thread::hardware_concurrency()), show_bytes(total),
      limited ? " (limited by the control group)" : "", show_bytes(std::min(free, total)));
  if (free > 0 && free < kGiB) {
    out.push_back(
        {Severity::kWarning, "machine", what, "Local models need more: close programs, or use cloud models only."});
  } else {
    out.push_back({Severity::kGood, "machine", what, ""});
  }
}

void check_gpu(const settings::Settings& settings, const Inspectors& inspectors, Findings& out) {
  if (!settings.gpu.use) {
    out.push_back({Severity::kNote, "gpu", "The GPU is switched off (gpu.use or USE_GPU).", ""});
    return;
  }
  if (!inspectors.gpus) return;
  const auto gpus = inspectors.gpus();
  if (!gpus) {
    out.push_back({Severity::kNote, "gpu", gpus.error().what + " Local models run on the CPU.", ""});
    return;
  }
  for (const std::string& one : *gpus) out.push_back({Severity::kGood, "gpu", one, ""});
}

void check_engine(const settings::Settings& settings, const Inspectors& inspectors, Findings& out) {
  if (!inspectors.engine) return;
  const auto engine = inspectors.engine(settings);
  if (engine) {
    out.push_back({Severity::kGood, "engine", *engine, ""});
  } else {
    const bool own = !settings.llama.path.empty();
    out.push_back({own ? Severity::kProblem : Severity::kWarning, "engine", engine.error().what,
                   own ? "Correct engines.llama.path, or remove it to use the one that scripts/deps builds."
                       : "Run scripts/deps, or name your own llama-server in engines.llama.path."});
  }
}

void check_providers(const settings::Settings& settings, Findings& out) {
  std::vector<std::string> on;
  for (const settings::Provider& provider : settings.providers) {
    if (!provider.enabled && !provider.key.empty() && !provider.base_url) {
      out.push_back(
          {Severity::kWarning, "keys", fmt::format("'{}' has a key and is off.", provider.name), provider.why});
    }
    if (!provider.enabled) continue;
    on.push_back(provider.name);
    const bool plain = !provider.base_url->tls && !provider.key.empty() && provider.base_url->host != "localhost" &&
                       !provider.base_url->host.starts_with("127.") && provider.base_url->host != "::1";
    if (plain) {
      out.push_back(
          {Severity::kWarning, "keys",
           fmt::format("The key of '{}' travels unencrypted to {}.", provider.name, provider.base_url->text()),
           "Use an https:// URL."});
    }
  }
  if (on.empty()) {
    out.push_back({Severity::kNote, "keys", "No provider is switched on.",
                   "Set a key, for example OPENAI_API_KEY or ANTHROPIC_API_KEY, in the environment or in .env; or "
                   "OLLAMA_URL for an Ollama."});
  } else {
    out.push_back({Severity::kGood, "keys", fmt::format("Providers switched on: {}.", fmt::join(on, ", ")), ""});
  }
}

void check_ports(const settings::Settings& settings, bool server_answers, Findings& out) {
  std::vector<settings::Listener> all = {{settings.server.host, settings.server.port, ""}};
  all.insert(all.end(), settings.server.listeners.begin(), settings.server.listeners.end());
  for (const settings::Listener& listener : all) {
    const bool taken = host::port_taken(listener.host, listener.port);
    const host::PortHolder holder =
        taken ? host::port_holder(listener.port).value_or(host::PortHolder{}) : host::PortHolder{};
    const bool ours = server_answers && (holder.command == "ai-orchestra" || holder.pid == 0);
    if (!taken) {
      out.push_back({Severity::kGood, "ports", fmt::format("Port {} is free.", listener.port), ""});
    } else if (ours) {
      out.push_back({Severity::kGood, "ports", fmt::format("Port {} is held by this server.", listener.port), ""});
    } else {
      out.push_back({Severity::kProblem, "ports",
                     fmt::format("Port {} is held by {}.", listener.port, host::text(holder)),
                     holder.pid == 0
                         ? "Use another port: serve --port, API_PORT or server.port."
                         : fmt::format("Stop it (kill {}), or use another port: serve --port, API_PORT or server.port.",
                                       holder.pid)});
    }
  }
}

void check_chains(const settings::Settings& settings, Findings& out) {
  for (const settings::StrangeName& one : settings::strange_chain_names(settings)) {
    out.push_back({Severity::kWarning, "chains", settings::text(one, settings),
                   "Correct it; leave it if a provider lists a model of that name."});
  }
}

void check_models(const settings::Settings& settings, const Inspectors& inspectors, Findings& out) {
  const std::string& dir = settings.models.dir;
  std::error_code error;
  if (!fs::is_directory(dir, error)) {
    out.push_back({Severity::kWarning, "models", fmt::format("The model folder {} is not there.", dir),
                   "Create it and put GGUF files into it, or set MODEL_DIR or models.dir."});
    return;
  }
  int sound = 0, damaged = 0;
  for (fs::recursive_directory_iterator at(dir, fs::directory_options::skip_permission_denied, error), end;
       !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".gguf" || !at->is_regular_file(error)) continue;
    const auto facts = inspectors.model_file ? inspectors.model_file(at->path()) : Result<std::string>();
    if (facts) {
      ++sound;
    } else {
      ++damaged;
      out.push_back({Severity::kProblem, "models",
                     fmt::format("{} cannot be used. {}", at->path().string(), facts.error().what),
                     "Download or convert it again, or remove it."});
    }
  }
  if (sound > 0)
    out.push_back(
        {Severity::kGood, "models", fmt::format("{} model file{} in {}.", sound, sound == 1 ? "" : "s", dir), ""});
  if (sound + damaged == 0) {
    out.push_back({Severity::kNote, "models", fmt::format("No GGUF file lies in {}.", dir),
                   "Put one there to run a model on this machine."});
  }
}

void check_data_dir(const settings::Settings& settings, Findings& out) {
  std::error_code error;
  fs::path dir = fs::absolute(settings.data_dir, error);
  // The server makes the folder: what counts is the nearest parent that exists.
  while (!fs::exists(dir, error) && dir.has_parent_path() && dir != dir.parent_path()) dir = dir.parent_path();
  if (!fs::is_directory(dir, error) || access(dir.c_str(), W_OK | X_OK) != 0) {
    out.push_back({Severity::kProblem, "data", fmt::format("The data folder {} cannot be written.", settings.data_dir),
                   "Change its owner, or choose another: serve --data-dir or data_dir."});
    return;
  }
  const auto space = fs::space(dir, error);
  const auto free = static_cast<std::int64_t>(std::min<std::uintmax_t>(space.available, INT64_MAX));
  const bool little = !error && free < kGiB / 2;
  out.push_back({little ? Severity::kWarning : Severity::kGood, "data",
                 fmt::format("The data folder {} can be written; {} are free.", settings.data_dir, show_bytes(free)),
                 little ? "Make room: without any, the server stops admitting requests." : ""});
}

void check_variables(const settings::Settings& settings, Findings& out) {
  for (const settings::UnusedVariable& one : settings.unused) {
    out.push_back(
        {Severity::kNote, "variables", fmt::format("{} is set but not used yet ({}).", one.name, one.purpose), ""});
  }
}

}  // namespace orchestra::cli
