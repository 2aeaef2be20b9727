#include "runners/gguf_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace orchestra {
namespace {

constexpr std::int64_t kMaxLayers = 2'048;
constexpr std::int64_t kMaxExtent = 1LL << 32;  // of any length in a header; keeps later products far from overflow

std::unexpected<Error> unusable(std::string_view what) {
  return fail(Fault::kUnprocessable, fmt::format("This GGUF file cannot be served: {}.", what));
}

bool is_encoder(std::string_view architecture) noexcept {
  constexpr std::array<std::string_view, 9> kEncoders = {"bert",        "nomic-bert",   "nomic-bert-moe",
                                                         "neo-bert",    "jina-bert-v2", "jina-bert-v3",
                                                         "modern-bert", "eurobert",     "t5encoder"};
  return std::ranges::find(kEncoders, architecture) != kEncoders.end();
}

// Every n-th layer sees the whole context, the others a window; for architectures whose header does not say so
// (set_swa_pattern in src/models of llama.cpp). 0: unknown, which counts as the whole context everywhere.
std::int64_t window_period(std::string_view architecture) noexcept {
  if (architecture == "gemma2" || architecture == "gpt-oss") return 2;
  if (architecture == "cohere2" || architecture == "olmo2" || architecture == "exaone4") return 4;
  if (architecture == "gemma3n") return 5;
  if (architecture == "gemma3" || architecture == "gemma-embedding") return 6;
  return 0;
}

class ShapeReader {
 public:
  explicit ShapeReader(const GgufHeader& header) : header_(header) {}

  Result<ModelShape> read() {
    const auto architecture = header_.text("general.architecture");
    if (!architecture || architecture->empty() || architecture->size() > 64) {
      return unusable("it does not name its architecture");
    }
    shape_.architecture = *architecture;
    shape_.weights = header_.tensor_bytes;
    shape_.parameters = header_.parameters;
    TRY_VOID(read_split());
    shape_.projector = shape_.architecture == "clip" || header_.text("general.type") == "mmproj";
    if (shape_.projector || shape_.part > 0) return std::move(shape_);
    if (header_.tensors == 0) return unusable("it holds a vocabulary only, no weights");
    shape_.encoder = is_encoder(shape_.architecture);
    TRY_VOID(read_texts());
    TRY_VOID(read_extents());
    TRY_VOID(read_layers());
    read_window();
    read_state();
    return std::move(shape_);
  }

 private:
  std::string key(std::string_view suffix) const { return fmt::format("{}.{}", shape_.architecture, suffix); }

  // A length: absent is 0, out of range is an error.
  Result<std::int64_t> extent(std::string_view suffix) const {
    const auto name = key(suffix);
    if (!header_.values.contains(name)) return 0;
    const auto value = header_.integer(name);
    if (!value || *value < 0 || *value > kMaxExtent) return unusable(fmt::format("its \"{}\" makes no sense", suffix));
    return *value;
  }

  Result<void> read_split() {
    const auto part = header_.integer("split.no").value_or(0);
    const auto parts = header_.integer("split.count").value_or(1);
    if (part < 0 || parts < 0 || parts > 10'000 || (parts > 0 && part >= parts)) {
      return unusable("its split numbers make no sense");
    }
    shape_.part = part;
    shape_.parts = std::max<std::int64_t>(parts, 1);
    return {};
  }

  Result<void> read_texts() {
    shape_.name = header_.text("general.name").value_or("");
    shape_.chat_template = header_.text("tokenizer.chat_template").value_or("");
    shape_.quantization = gguf_file_type_name(header_.integer("general.file_type").value_or(-1));
    shape_.pooling = header_.integer(key("pooling_type"));
    return {};
  }

  Result<void> read_extents() {
    TRY(shape_.context, extent("context_length"));
    TRY(shape_.embedding, extent("embedding_length"));
    TRY(shape_.experts, extent("expert_count"));
    TRY(shape_.experts_used, extent("expert_used_count"));
    TRY(shape_.vocabulary, extent("vocab_size"));
    const auto tokens = static_cast<std::int64_t>(
        std::min<std::uint64_t>(header_.count("tokenizer.ggml.tokens"), static_cast<std::uint64_t>(kMaxExtent)));
    shape_.vocabulary = std::max(shape_.vocabulary, tokens);
    for (const auto value : header_.integers(key("feed_forward_length"))) {
      if (value < 0 || value > kMaxExtent) return unusable("its \"feed_forward_length\" makes no sense");
      shape_.feed_forward = std::max(shape_.feed_forward, value);
    }
    if (shape_.embedding == 0) return unusable("it does not say its embedding length");
    if (shape_.context == 0) return unusable("it does not say its context length");
    return {};
  }

  // A number per layer: one for all, or an array of as many as there are layers.
  Result<std::vector<std::int64_t>> per_layer(std::string_view suffix, std::size_t layers) const {
    auto values = header_.integers(key(suffix));
    if (values.empty()) return values;
    if (values.size() == 1) values.assign(layers, values.front());
    if (values.size() < layers) return unusable(fmt::format("its \"{}\" does not cover every layer", suffix));
    values.resize(layers);
    const auto wrong = [](std::int64_t v) { return v < 0 || v > 65'536; };
    if (std::ranges::any_of(values, wrong)) return unusable(fmt::format("its \"{}\" makes no sense", suffix));
    return values;
  }

  Result<void> read_layers() {
    TRY(const auto count, extent("block_count"));
    if (count < 1 || count > kMaxLayers) return unusable(fmt::format("it claims {} layers", count));
    shape_.layers.resize(static_cast<std::size_t>(count));
    TRY(const auto heads, per_layer("attention.head_count", shape_.layers.size()));
    TRY(const auto kv_heads, per_layer("attention.head_count_kv", shape_.layers.size()));
    std::int64_t most = 0;
    for (std::size_t i = 0; i < shape_.layers.size(); ++i) {
      auto& layer = shape_.layers[i];
      if (!heads.empty()) layer.heads = heads[i];
      layer.kv_heads = kv_heads.empty() ? layer.heads : kv_heads[i];
      most = std::max(most, layer.heads);
    }
    TRY(shape_.key_length, extent("attention.key_length"));
    TRY(shape_.value_length, extent("attention.value_length"));
    const std::int64_t usual = most == 0 ? 0 : shape_.embedding / most;
    if (shape_.key_length == 0) shape_.key_length = usual;
    if (shape_.value_length == 0) shape_.value_length = usual;
    return {};
  }

  void read_window() {
    const auto window = header_.integer(key("attention.sliding_window")).value_or(0);
    if (window <= 0 || window > kMaxExtent) return;
    const auto pattern = header_.integers(key("attention.sliding_window_pattern"));
    std::int64_t period = window_period(shape_.architecture);
    if (pattern.size() == 1) period = pattern.front();
    for (std::size_t i = 0; i < shape_.layers.size(); ++i) {
      const bool slides = pattern.size() > 1 ? i < pattern.size() && pattern[i] != 0
                                             : period > 1 && static_cast<std::int64_t>(i) % period < period - 1;
      if (slides) shape_.layers[i].window = window;
    }
  }

  // Mamba's state: (conv - 1) * (inner + 2 * groups * state) + state * inner; llama_hparams::n_embd_r and n_embd_s.
  void read_state() {
    const auto value = [&](std::string_view suffix) {
      return std::clamp<std::int64_t>(header_.integer(key(suffix)).value_or(0), 0, 1 << 20);
    };
    const auto inner = value("ssm.inner_size"), state = value("ssm.state_size"), conv = value("ssm.conv_kernel");
    if (inner == 0) return;
    shape_.state_values =
        std::max<std::int64_t>(conv - 1, 0) * (inner + 2 * value("ssm.group_count") * state) + state * inner;
  }

  const GgufHeader& header_;
  ModelShape shape_;
};

}  // namespace

Result<ModelShape> shape_of(const GgufHeader& header) {
  return ShapeReader(header).read();
}

}  // namespace orchestra
