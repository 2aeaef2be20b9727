// Answers of upstreams that lie: every decoder takes any bytes at any cut, and all cuts give the same events.
#include <cstdint>
#include <cstdlib>

#include "dialects/codec.h"
#include "dialects/event_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orchestra;
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = std::min<std::size_t>(data[0], text.size());
  for (const Dialect dialect : {Dialect::kAnthropic, Dialect::kOpenAi, Dialect::kOllama}) {
    for (const bool stream : {true, false}) {
      const std::string whole = decode_in_two(*codec(dialect).reply_decoder(TaskKind::kChat, stream), text, 0);
      const std::string halves = decode_in_two(*codec(dialect).reply_decoder(TaskKind::kChat, stream), text, cut);
      // Ollama's calls get random ids.
      if (dialect != Dialect::kOllama && whole != halves) std::abort();
    }
  }
  return 0;
}
