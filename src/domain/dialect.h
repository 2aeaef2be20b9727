// The wire dialects: how a request and its answer are spelled.
#pragma once

#include <cstdint>
#include <string_view>

namespace orchestra {

enum class Dialect : std::uint8_t {
  kOpenAi,     // POST /v1/chat/completions, /v1/completions, /v1/embeddings
  kAnthropic,  // POST /v1/messages
  kOllama,     // POST /api/chat, /api/generate, /api/embed
};

constexpr std::string_view dialect_name(Dialect dialect) noexcept {
  switch (dialect) {
    case Dialect::kOpenAi: return "openai";
    case Dialect::kAnthropic: return "anthropic";
    case Dialect::kOllama: return "ollama";
  }
  return "openai";
}

}  // namespace orchestra
