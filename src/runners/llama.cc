#include "runners/llama.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/json.h"
#include "runners/llama_model.h"

namespace orchestra {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kReport = "cmd_child_to_router:state:";
constexpr std::int64_t kMebibyte = 1 << 20;

void add_gpu(SpawnSpec& spec, std::optional<int> gpu, std::int64_t layers) {
  auto& argv = spec.argv;
  if (!gpu) {
    argv.insert(argv.end(), {"-ngl", "0", "--device", "none"});
    return;
  }
  // The worker sees one GPU only, so that nothing lands on another one's ledger. NVML counts in PCI order; CUDA has to
  // be told to.
  spec.environment.emplace_back("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
  spec.environment.emplace_back("CUDA_VISIBLE_DEVICES", std::to_string(*gpu));
  spec.environment.emplace_back("GGML_VK_VISIBLE_DEVICES", std::to_string(*gpu));
  argv.insert(argv.end(), {"-ngl", std::to_string(layers), "--split-mode", "none"});
}

// An engine's libraries lie beside it; behind a link, beside what the link leads to.
void add_program_folders(SpawnSpec& spec) {
  const fs::path program(spec.argv.front());
  spec.read_only.push_back(program.parent_path().string());
  std::error_code error;
  const fs::path real = fs::canonical(program, error);
  if (!error && real.parent_path() != program.parent_path()) spec.read_only.push_back(real.parent_path().string());
}

LoadProgress loading(const json::value& payload) {
  LoadProgress progress;
  progress.stage = find_string(payload, "current").value_or("");
  progress.fraction = std::clamp(find_number(payload, "value").value_or(0), 0.0, 1.0);
  const auto* stages = find(payload, "stages");
  if (stages == nullptr || !stages->is_array() || stages->get_array().empty()) return progress;
  // Stages come one after another; each counts the same.
  const auto& names = stages->get_array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].is_string() && std::string_view(names[i].get_string()) == progress.stage) {
      progress.fraction = (static_cast<double>(i) + progress.fraction) / static_cast<double>(names.size());
      break;
    }
  }
  return progress;
}

}  // namespace

LlamaRunner::LlamaRunner(HttpClient& client, Options options) : client_(client), options_(std::move(options)) {}

Result<LocalModel> LlamaRunner::inspect(const std::string& path) const {
  return read_llama_model(path, {options_.slots, options_.context, options_.prompt_cache});
}

Result<SpawnSpec> LlamaRunner::command(const LocalModel& model, const WorkerPlace& place) const {
  if (options_.program.empty()) {
    return fail(Fault::kUnavailable,
                "No engine for local models is installed. Run scripts/deps, or set engines.llama.path.");
  }
  for (const auto& file : model.files) {
    auto now = stamp_file(file.path);
    if (!now || *now != file) {
      return fail(Fault::kConflict,
                  fmt::format("The file of {} changed since it was read; it is being read again. Try again.",
                              model.model.id.text));
    }
  }
  const auto context = std::to_string(model.context_per_slot.count * model.slots);
  SpawnSpec spec;
  spec.argv = {options_.program,
               "--model",
               model.files.front().path,
               "--alias",
               model.model.id.text,
               "--host",
               place.socket_path,
               "--offline",
               "--no-ui",
               "--fit",
               "off",
               "--parallel",
               std::to_string(model.slots),
               "--no-kv-unified",
               "--ctx-size",
               context,
               "--cache-ram",
               std::to_string(options_.prompt_cache.count / kMebibyte),
               "--ctx-checkpoints",
               "0"};
  if (!model.projector.empty()) spec.argv.insert(spec.argv.end(), {"--mmproj", model.projector});
  if (model.mode == WorkerMode::kEmbed) {
    const auto batch = std::to_string(ubatch_of(model.mode, model.context_per_slot));
    spec.argv.insert(spec.argv.end(), {"--embeddings", "--batch-size", batch, "--ubatch-size", batch});
    if (!model.pooling.empty()) spec.argv.insert(spec.argv.end(), {"--pooling", model.pooling});
  } else {
    spec.argv.insert(spec.argv.end(), {"--jinja"});
    if (model.projector.empty()) spec.argv.push_back("--no-mmproj");
  }
  if (options_.threads > 0) spec.argv.insert(spec.argv.end(), {"--threads", std::to_string(options_.threads)});
  spec.environment = {{"LLAMA_SERVER_ROUTER_PORT", "1"}};
  // One more than the model has: the output layer goes along.
  const std::int64_t all_layers = model.layers + 1;
  add_gpu(spec, place.gpu,
          std::min<std::int64_t>(options_.gpu_layers.value_or(static_cast<int>(all_layers)), all_layers));
  spec.argv.insert(spec.argv.end(), options_.extra_args.begin(), options_.extra_args.end());

  for (const auto& file : model.files) spec.read_only.push_back(file.path);
  add_program_folders(spec);
  spec.read_write = {place.run_folder};
  spec.remove_after = {place.socket_path};
  return spec;
}

std::optional<LoadProgress> LlamaRunner::progress(std::string_view line) const {
  if (!line.starts_with(kReport)) return std::nullopt;
  const auto report = parse_json(line.substr(kReport.size()));
  if (!report) return std::nullopt;
  const auto state = find_string(*report, "state");
  if (state == "ready") return LoadProgress{.stage = "ready", .fraction = 1, .ready = true};
  const auto* payload = find(*report, "payload");
  if (state != "loading" || payload == nullptr) return std::nullopt;
  return loading(*payload);
}

std::string_view LlamaRunner::farewell() const noexcept {
  return "cmd_router_to_child:exit\n";
}

Task<void> LlamaRunner::check(const Endpoint& endpoint, TimePoint by) {
  const ClientRequest request{
      .endpoint = endpoint, .method = "GET", .target = "/health", .head_by = by, .reuse = false};
  CO_TRY(const auto response, co_await client_.send(request));
  CO_TRY_VOID(co_await read_all(*response, 64 << 10, by));
  if (response->status() != 200) {
    co_return fail(Fault::kUnavailable, fmt::format("The worker's health check says {}.", response->status()));
  }
  co_return Result<void>();
}

bool LlamaRunner::has_gpu_backend() const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(options_.program).parent_path(), error)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("libggml-cuda") || name.starts_with("libggml-vulkan") || name.starts_with("libggml-hip"))
      return true;
  }
  return false;
}

}  // namespace orchestra
