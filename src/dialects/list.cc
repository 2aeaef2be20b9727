#include "dialects/codec.h"

#include "dialects/anthropic.h"
#include "dialects/ollama.h"
#include "dialects/openai.h"

namespace orchestra {

const Codec& codec(Dialect dialect) noexcept {
  static const OpenAiCodec openai;
  static const AnthropicCodec anthropic;
  static const OllamaCodec ollama;
  switch (dialect) {
    case Dialect::kOpenAi: return openai;
    case Dialect::kAnthropic: return anthropic;
    case Dialect::kOllama: return ollama;
  }
  return openai;
}

}  // namespace orchestra
