// From a GGUF file, its split parts and its projector to a LocalModel.
#pragma once

#include <string>

#include "domain/local_model.h"
#include "runners/gguf_shape.h"

namespace orchestra {

struct LlamaSizing {
  int slots = 4;
  Tokens context{8192};  // per slot, at most
  Bytes prompt_cache;
};

// Error::code of a file that is a projector or a later split part: no finding, it belongs to another file.
inline constexpr std::string_view kPartOfAnother = "part_of_another_model";

// Blocking file reads; thread-safe.
Result<LocalModel> read_llama_model(const std::string& path, const LlamaSizing& sizing);

// "local/" and the lower-case file stem without a split suffix; bytes that are no letter, digit, '.', '_' or '-' become
// '-'.
ModelId local_model_id(std::string_view file_name);

// "mmproj-model-f16.gguf": the file of a projector, by convention.
bool is_projector_name(std::string_view file_name);

// The file's size and time as they are now; kUnprocessable when it is not a regular file.
Result<FileStamp> stamp_file(const std::string& path);

// Tokens that the engine computes at once: an embedding input must fit into one such batch.
std::int64_t ubatch_of(WorkerMode mode, Tokens context) noexcept;

}  // namespace orchestra
