#include "settings/sections.h"

#include <fmt/format.h>

#include <algorithm>

#include "settings/values.h"

namespace orchestra::settings {
namespace {

// Flags of llama-server that a user may add. Those that the memory ledger, the private socket or the sandbox depend on
// are not here. https://github.com/ggml-org/llama.cpp/tree/master/tools/server
const std::vector<std::string> kEngineFlags = {
    "--batch-size",
    "--cache-type-k",
    "--cache-type-v",
    "--chat-template",
    "--chat-template-file",
    "--cpu-moe",
    "--defrag-thold",
    "--flash-attn",
    "--jinja",
    "--main-gpu",
    "--mlock",
    "--n-cpu-moe",
    "--no-jinja",
    "--no-mmap",
    "--no-warmup",
    "--numa",
    "--override-kv",
    "--override-tensor",
    "--poll",
    "--prio",
    "--reasoning-budget",
    "--reasoning-format",
    "--rope-freq-base",
    "--rope-freq-scale",
    "--rope-scale",
    "--rope-scaling",
    "--split-mode",
    "--swa-full",
    "--tensor-split",
    "--threads",
    "--threads-batch",
    "--threads-http",
    "--ubatch-size",
    "--yarn-attn-factor",
    "--yarn-beta-fast",
    "--yarn-beta-slow",
    "--yarn-ext-factor",
    "--yarn-orig-ctx",
};

void read_keep_alive(Section& models, Micros& out) {
  const Node* found = models.find("keep_alive");
  if (found != nullptr && (found->text == "never" || found->text == "-1")) {
    out = Micros::max();  // As Ollama: a negative number keeps the model for good.
    return;
  }
  models.duration("keep_alive", out, Micros(0), std::chrono::hours(24 * 365));
}

void read_models(Section models, Models& out) {
  models.text("dir", out.dir);
  read_keep_alive(models, out.keep_alive);
  models.number("parallel", out.parallel, 1, 256);
  models.number("context", out.context.count, 0, 16'777'216);
  models.texts("pinned", out.pinned);
  models.texts("load_on_start", out.load_on_start);
  models.text("default", out.default_model);
  models.finish();
}

void read_llama(Section llama, LlamaEngine& out) {
  llama.text("path", out.path);
  if (const Node* layers = llama.find("gpu_layers"); layers != nullptr && layers->text != "auto") {
    int value = 0;
    llama.number("gpu_layers", value, 0, 100'000);
    out.gpu_layers = value;
  }
  llama.texts("extra_args", out.extra_args);
  for (const std::string& argument : out.extra_args) {
    const std::string flag = argument.substr(0, argument.find('='));
    const bool negative_number = flag.size() > 1 && flag[0] == '-' && flag[1] >= '0' && flag[1] <= '9';
    if (!flag.starts_with('-') || negative_number || among(kEngineFlags, flag)) continue;
    llama.complain(*llama.find("extra_args"), "extra_args",
                   fmt::format("The flag '{}' is not among those that may be added.", flag), kEngineFlags,
                   nearest(flag, kEngineFlags));
  }
  llama.finish();
}

void read_limit(Section& owner, std::optional<Bytes>& out) {
  if (!owner.has("limit")) return;
  Bytes limit;
  owner.size("limit", limit, mebibytes(64), mebibytes(16LL << 20));
  if (limit.count > 0) out = limit;
}

}  // namespace

void read_local(Section& root, Settings& settings) {
  read_models(root.section("models"), settings.models);
  Section engines = root.section("engines");
  read_llama(engines.section("llama"), settings.llama);
  Section apertium = engines.section("apertium");
  apertium.text("data", settings.apertium.data);
  apertium.finish();
  engines.finish();
  Section memory = root.section("memory");
  read_limit(memory, settings.memory_limit);
  memory.finish();
  Section gpu = root.section("gpu");
  gpu.flag("use", settings.gpu.use);
  read_limit(gpu, settings.gpu.limit);
  gpu.finish();
}

}  // namespace orchestra::settings
