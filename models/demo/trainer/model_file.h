// Writes a trained network as a GGUF file that llama.cpp's server loads and chats with.
#pragma once

#include <filesystem>

#include "corpus.h"
#include "network.h"
#include "tokenizer.h"

namespace demo {

// Matrices are stored as F16, norms as F32. The file holds the tokenizer, the chat template and a description that
// says what the model is. Keys follow ggml's docs/gguf.md.
Result<void> write_model(const std::filesystem::path& file, const Network& network, const Tokenizer& tokenizer,
                         const std::filesystem::path& chat_template);

}  // namespace demo
