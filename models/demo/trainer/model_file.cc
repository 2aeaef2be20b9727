#include "model_file.h"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace demo {
namespace {

// The network was trained on short rows; rotary positions let it run on, and clients that ask for more than an answer
// get room for it.
constexpr std::uint32_t kContext = 2048;
constexpr std::uint32_t kMostlyF16 = 1;  // the value of general.file_type

void describe(gguf_context* file, const Network& network) {
  gguf_set_val_str(file, "general.architecture", "llama");
  gguf_set_val_str(file, "general.type", "model");
  gguf_set_val_str(file, "general.name", "AI Orchestra demo");
  gguf_set_val_str(file, "general.license", "mit");
  gguf_set_val_str(file, "general.description",
                   "A demonstration model: it knows a few hundred facts about AI Orchestra by heart and nothing "
                   "else. It shows that the path from a request to a local model works.");
  gguf_set_val_u64(file, "general.parameter_count", static_cast<std::uint64_t>(network.parameter_count()));
  gguf_set_val_u32(file, "general.file_type", kMostlyF16);
}

void describe_network(gguf_context* file, const Shape& shape) {
  const auto set = [file](const char* key, std::int64_t value) {
    gguf_set_val_u32(file, key, static_cast<std::uint32_t>(value));
  };
  set("llama.vocab_size", shape.vocabulary);
  set("llama.context_length", kContext);
  set("llama.embedding_length", shape.width);
  set("llama.block_count", shape.layers);
  set("llama.feed_forward_length", shape.hidden);
  set("llama.attention.head_count", shape.heads);
  set("llama.attention.head_count_kv", shape.heads);
  set("llama.rope.dimension_count", shape.head_width());
  gguf_set_val_f32(file, "llama.attention.layer_norm_rms_epsilon", shape.epsilon);
  gguf_set_val_f32(file, "llama.rope.freq_base", shape.rope_base);
}

void describe_tokenizer(gguf_context* file, const Tokenizer& tokenizer, const std::string& chat_template) {
  std::vector<const char*> texts;
  std::vector<float> scores;
  std::vector<std::int32_t> kinds;
  for (const Piece& piece : tokenizer.pieces()) {
    texts.push_back(piece.text.c_str());
    scores.push_back(piece.score);
    kinds.push_back(static_cast<std::int32_t>(piece.kind));
  }
  gguf_set_val_str(file, "tokenizer.ggml.model", "llama");
  gguf_set_val_str(file, "tokenizer.ggml.pre", "default");
  gguf_set_arr_str(file, "tokenizer.ggml.tokens", texts.data(), texts.size());
  gguf_set_arr_data(file, "tokenizer.ggml.scores", GGUF_TYPE_FLOAT32, scores.data(), scores.size());
  gguf_set_arr_data(file, "tokenizer.ggml.token_type", GGUF_TYPE_INT32, kinds.data(), kinds.size());
  gguf_set_val_u32(file, "tokenizer.ggml.bos_token_id", Tokenizer::kBegin);
  gguf_set_val_u32(file, "tokenizer.ggml.eos_token_id", Tokenizer::kEnd);
  gguf_set_val_u32(file, "tokenizer.ggml.eot_token_id", Tokenizer::kEnd);
  gguf_set_val_u32(file, "tokenizer.ggml.unknown_token_id", Tokenizer::kUnknown);
  gguf_set_val_bool(file, "tokenizer.ggml.add_bos_token", true);
  gguf_set_val_bool(file, "tokenizer.ggml.add_eos_token", false);
  gguf_set_val_bool(file, "tokenizer.ggml.add_space_prefix", false);
  gguf_set_val_str(file, "tokenizer.chat_template", chat_template.c_str());
}

// A copy of a parameter in its stored type, owned by `context`.
void add_tensor(gguf_context* file, ggml_context* context, const ggml_tensor* parameter) {
  std::vector<float> values(static_cast<std::size_t>(ggml_nelements(parameter)));
  ggml_backend_tensor_get(parameter, values.data(), 0, ggml_nbytes(parameter));
  const bool matrix = ggml_n_dims(parameter) == 2;
  ggml_tensor* stored =
      ggml_new_tensor(context, matrix ? GGML_TYPE_F16 : GGML_TYPE_F32, ggml_n_dims(parameter), parameter->ne);
  ggml_set_name(stored, ggml_get_name(parameter));
  if (matrix)
    ggml_fp32_to_fp16_row(values.data(), static_cast<ggml_fp16_t*>(stored->data), ggml_nelements(parameter));
  else
    std::copy(values.begin(), values.end(), static_cast<float*>(stored->data));
  gguf_add_tensor(file, stored);
}

}  // namespace

Result<void> write_model(const std::filesystem::path& file, const Network& network, const Tokenizer& tokenizer,
                         const std::filesystem::path& chat_template) {
  std::ifstream stream(chat_template);
  if (!stream) return std::unexpected(chat_template.string() + ": cannot be read");
  const std::string text(std::istreambuf_iterator<char>(stream), {});

  const gguf_context_ptr gguf(gguf_init_empty());
  describe(gguf.get(), network);
  describe_network(gguf.get(), network.shape());
  describe_tokenizer(gguf.get(), tokenizer, text);

  const auto bytes = static_cast<std::size_t>(network.parameter_count()) * sizeof(float) +
                     network.parameters().size() * (ggml_tensor_overhead() + GGML_MEM_ALIGN);
  const ggml_context_ptr context(ggml_init({.mem_size = bytes, .mem_buffer = nullptr, .no_alloc = false}));
  for (const ggml_tensor* parameter : network.parameters()) add_tensor(gguf.get(), context.get(), parameter);
  if (!gguf_write_to_file(gguf.get(), file.c_str(), false))
    return std::unexpected(file.string() + ": cannot be written");
  return {};
}

}  // namespace demo
