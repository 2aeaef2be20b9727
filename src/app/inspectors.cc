#include "app/inspectors.h"

#include <fmt/format.h>
#include <unistd.h>

#include "app/wiring.h"
#include "cli/version.h"
#include "host/gpu_probe.h"
#include "runners/llama_model.h"

namespace orchestra::app {
namespace {

Result<std::string> inspect_model(const std::string& path) {
  TRY(const LocalModel local, read_llama_model(path, LlamaSizing{}));
  const LocalFacts& facts = *local.model.facts;
  return fmt::format("{}, {:.1f} M parameters, {}, needs {} MiB", facts.architecture,
                     static_cast<double>(facts.parameters) / 1e6, facts.quantization,
                     local.need.total().count / (1024 * 1024));
}

Result<std::string> inspect_engine(const settings::Settings& settings) {
  const std::string program = find_llama_server(settings);
  if (program.empty()) {
    return fail(Fault::kNotFound,
                "No engine for local models is installed. Run scripts/deps, or set engines.llama.path.");
  }
  if (access(program.c_str(), X_OK) != 0) {
    return fail(Fault::kNotFound, fmt::format("{} is no program that can be run.", program));
  }
  return fmt::format("{} at {}", settings.llama.path.empty() ? cli::kEngineRelease : "your own llama-server", program);
}

Result<std::vector<std::string>> inspect_gpus() {
  host::NvmlProbe probe;
  std::vector<std::string> lines;
  for (const GpuDevice& device : probe.devices()) {
    lines.push_back(
        fmt::format("{}: {} MiB, {} MiB free", device.name, device.total.count >> 20, device.free.count >> 20));
  }
  if (lines.empty()) return fail(Fault::kNotFound, probe.detail());
  return lines;
}

}  // namespace

cli::Inspectors inspectors() {
  return {.model_file = inspect_model, .engine = inspect_engine, .gpus = inspect_gpus};
}

}  // namespace orchestra::app
