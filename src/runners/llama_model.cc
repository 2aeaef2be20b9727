#include "runners/llama_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/ascii.h"
#include "base/utf8.h"
#include "runners/estimate.h"
#include "runners/gguf.h"

namespace orchestra {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSplitSuffix = std::string_view("-00001-of-00002").size();

bool is_digits(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Whether a stem ends as llama_split_path writes it: "-%05d-of-%05d".
bool has_split_suffix(std::string_view stem) noexcept {
  if (stem.size() <= kSplitSuffix) return false;
  const auto end = stem.substr(stem.size() - kSplitSuffix);
  return end[0] == '-' && is_digits(end.substr(1, 5)) && end.substr(6, 4) == "-of-" && is_digits(end.substr(10, 5));
}

std::unexpected<Error> part_of_another(std::string what) {
  return fail(Error{.fault = Fault::kUnprocessable, .what = std::move(what), .code = std::string(kPartOfAnother)});
}

// Adds the other parts of a split model: their stamps, weights and parameters.
Result<void> add_parts(const fs::path& first, ModelShape& shape, std::vector<FileStamp>& files) {
  const std::string stem = first.stem().string();
  if (!has_split_suffix(stem)) {
    return fail(
        Fault::kUnprocessable,
        fmt::format("This file is part 1 of {}, but its name does not end in \"-00001-of-{:05}\". Give the parts "
                    "their names back.",
                    shape.parts, shape.parts));
  }
  const std::string base = stem.substr(0, stem.size() - kSplitSuffix);
  for (std::int64_t part = 2; part <= shape.parts; ++part) {
    const auto name = fmt::format("{}-{:05}-of-{:05}.gguf", base, part, shape.parts);
    const auto path = (first.parent_path() / name).string();
    auto stamp = stamp_file(path);
    if (!stamp) return fail(Fault::kUnprocessable, fmt::format("Part {} is missing: {}.", part, name));
    TRY(const auto header, read_gguf_file(path));
    if (header.integer("split.no") != part - 1) {
      return fail(Fault::kUnprocessable, fmt::format("{} is not part {} of this model.", name, part));
    }
    shape.weights += header.tensor_bytes;
    shape.parameters += header.parameters;
    files.push_back(std::move(*stamp));
  }
  return {};
}

// The projector beside a model: the only mmproj*.gguf of a folder that holds one model. Anything else is a guess.
std::string projector_beside(const fs::path& model) {
  std::string found;
  int projectors = 0, models = 0, seen = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(model.parent_path(), error)) {
    if (++seen > 10'000) return {};
    const auto name = entry.path().filename().string();
    if (is_projector_name(name)) {
      ++projectors;
      found = entry.path().string();
    } else if (ascii_lowered(name).ends_with(".gguf")) {
      const auto stem = entry.path().stem().string();
      if (!has_split_suffix(stem) || stem.substr(stem.size() - kSplitSuffix, 6) == "-00001") ++models;
    }
  }
  return projectors == 1 && models == 1 ? found : std::string();
}

Capabilities capabilities_of(const ModelShape& shape, WorkerMode mode, const GgufHeader* projector) {
  if (mode == WorkerMode::kEmbed) return kCanEmbed;
  Capabilities can = kCanComplete | kCanStream | kCanJsonSchema;
  if (!shape.chat_template.empty()) {
    can |= kCanChat;
    if (shape.chat_template.contains("tools")) can |= kCanUseTools;
    if (shape.chat_template.contains("<think>") || shape.chat_template.contains("reasoning_content")) can |= kCanReason;
  }
  const auto has = [&](std::string_view key) {
    if (projector == nullptr) return false;
    const auto place = projector->values.find(key);
    const auto* value = place == projector->values.end() ? nullptr : std::get_if<bool>(&place->second);
    return value != nullptr && *value;
  };
  if (has("clip.has_vision_encoder")) can |= kCanSeeImages;
  if (has("clip.has_audio_encoder")) can |= kCanHearAudio;
  return can;
}

WorkerMode mode_of(const ModelShape& shape) noexcept {
  return shape.encoder || shape.pooling.value_or(0) > 0 ? WorkerMode::kEmbed : WorkerMode::kChat;
}

Result<ModelShape> read_shape(const std::string& path) {
  TRY(const auto header, read_gguf_file(path));
  TRY(auto shape, shape_of(header));
  if (shape.projector) return part_of_another("This is a projector, which serves beside its model.");
  if (shape.part > 0) return part_of_another("This is a later part of a split model.");
  if (shape.pooling == 4) {
    return fail(Fault::kUnprocessable, "This is a reranking model; reranking is not served yet.");
  }
  return shape;
}

void describe(LocalModel& out, const fs::path& path, const ModelShape& shape, Bytes file_size) {
  Model& model = out.model;
  model.id = local_model_id(path.filename().string());
  model.dialect = Dialect::kOpenAi;
  model.context = out.context_per_slot;
  model.local = true;
  model.price.input = model.price.output = model.price.cached_input = MicroUsd(0);
  model.created = out.files.front().modified_ns / 1'000'000'000;
  model.display_name = shape.name.empty() ? path.stem().string() : shape.name;
  model.facts = LocalFacts{.architecture = shape.architecture,
                           .quantization = shape.quantization,
                           .chat_template = shape.chat_template,
                           .layers = static_cast<std::int64_t>(shape.layers.size()),
                           .parameters = shape.parameters,
                           .file_size = file_size,
                           .need = out.need.total()};
}

}  // namespace

ModelId local_model_id(std::string_view file_name) {
  std::string stem = ascii_lowered(file_name);
  if (stem.ends_with(".gguf")) stem.resize(stem.size() - 5);
  if (has_split_suffix(stem)) stem.resize(stem.size() - kSplitSuffix);
  // Letters of other scripts stay: with all of them replaced, names of one length would be one name.
  const bool text = !find_invalid_utf8(stem);
  for (auto& c : stem) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    if (!plain && !(text && static_cast<unsigned char>(c) >= 0x80)) c = '-';
  }
  return ModelId{"local/" + stem};
}

bool is_projector_name(std::string_view file_name) {
  const auto name = ascii_lowered(file_name);
  return name.starts_with("mmproj") && name.ends_with(".gguf");
}

Result<FileStamp> stamp_file(const std::string& path) {
  std::error_code error;
  // A FIFO or a device named like a model would block the reader.
  if (!fs::is_regular_file(path, error)) return fail(Fault::kUnprocessable, "This is not a regular file.");
  const auto size = fs::file_size(path, error);
  if (error) return fail(Fault::kUnprocessable, "The file's size cannot be read. Check its permissions.");
  const auto time = fs::last_write_time(path, error);
  if (error) return fail(Fault::kUnprocessable, "The file's time cannot be read. Check its permissions.");
  const auto wall = std::chrono::file_clock::to_sys(time).time_since_epoch();
  return FileStamp{path, Bytes(static_cast<std::int64_t>(size)),
                   std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count()};
}

std::int64_t ubatch_of(WorkerMode mode, Tokens context) noexcept {
  return mode == WorkerMode::kEmbed ? context.count : std::min<std::int64_t>(512, context.count);
}

Result<LocalModel> read_llama_model(const std::string& path, const LlamaSizing& sizing) {
  LocalModel out;
  TRY(auto stamp, stamp_file(path));
  out.files.push_back(std::move(stamp));
  TRY(auto shape, read_shape(path));
  if (shape.parts > 1) TRY_VOID(add_parts(path, shape, out.files));
  std::int64_t file_size = 0;
  for (const auto& file : out.files) file_size += file.size.count;

  out.mode = mode_of(shape);
  if (out.mode == WorkerMode::kEmbed && !shape.pooling) out.pooling = "mean";
  out.slots = std::max(1, sizing.slots);
  out.layers = static_cast<std::int64_t>(shape.layers.size());
  out.context_per_slot = Tokens(std::clamp<std::int64_t>(sizing.context.count, 1, shape.context));
  WorkerShape worker{.slots = out.slots, .context = out.context_per_slot, .prompt_cache = sizing.prompt_cache};
  worker.ubatch = ubatch_of(out.mode, out.context_per_slot);
  worker.logits = out.mode == WorkerMode::kChat;

  std::optional<GgufHeader> projector;
  if (out.mode == WorkerMode::kChat) out.projector = projector_beside(path);
  if (!out.projector.empty()) {
    auto header = read_gguf_file(out.projector);
    auto projector_stamp = stamp_file(out.projector);
    if (header && projector_stamp) {
      // Beside its weights it computes on images; as much again is an upper bound for the encoders there are.
      worker.projector = header->tensor_bytes + header->tensor_bytes;
      projector = std::move(*header);
      out.files.push_back(std::move(*projector_stamp));
    } else {
      out.projector.clear();
    }
  }
  out.need = estimate(shape, worker);
  describe(out, path, shape, Bytes(file_size));
  out.model.capabilities = capabilities_of(shape, out.mode, projector ? &*projector : nullptr);
  return out;
}

}  // namespace orchestra
