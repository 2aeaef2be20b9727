#include "dialects/openai_usage.h"

#include <algorithm>

namespace orchestra {
namespace {

constexpr std::int64_t kMostTokens = 10'000'000'000;

struct Counts {
  std::int64_t prompt = -1, completion = -1, cached = 0, reasoning = 0, audio_in = 0, audio_out = 0;
};

std::int64_t believable(std::optional<std::int64_t> count) {
  return count && *count >= 0 && *count <= kMostTokens ? *count : -1;
}

void read_details(JsonCursor& cursor, Counts& counts, bool input) {
  if (cursor.peek() != JsonCursor::Kind::kObject) {
    cursor.skip();
    return;
  }
  cursor.enter_object();
  JsonCursor::Text key;
  while (cursor.next_member(key)) {
    const std::int64_t count = std::max<std::int64_t>(0, believable(cursor.integer()));
    if (key.raw == "audio_tokens") (input ? counts.audio_in : counts.audio_out) = count;
    if (key.raw == "cached_tokens" && input) counts.cached = count;
    if (key.raw == "reasoning_tokens" && !input) counts.reasoning = count;
  }
}

}  // namespace

bool read_openai_usage(JsonCursor& cursor, Usage& usage) {
  if (cursor.peek() != JsonCursor::Kind::kObject) {
    cursor.skip();
    return false;
  }
  Counts counts;
  cursor.enter_object();
  JsonCursor::Text key;
  while (cursor.next_member(key)) {
    // Pictures are counted in the words of the newer services.
    if (key.raw == "prompt_tokens" || key.raw == "input_tokens") {
      counts.prompt = believable(cursor.integer());
    } else if (key.raw == "completion_tokens" || key.raw == "output_tokens") {
      counts.completion = believable(cursor.integer());
    } else if (key.raw == "prompt_cache_hit_tokens") {
      counts.cached = std::max(counts.cached, believable(cursor.integer()));
    } else if (key.raw == "prompt_tokens_details") {
      read_details(cursor, counts, true);
    } else if (key.raw == "completion_tokens_details") {
      read_details(cursor, counts, false);
    } else {
      cursor.skip();
    }
  }
  if (cursor.failed() || counts.prompt < 0) return false;
  const std::int64_t output = std::max<std::int64_t>(0, counts.completion);  // embeddings have none
  usage = Usage{.input = Tokens(counts.prompt),
                .output = Tokens(output),
                .cached_input = Tokens(std::min(counts.cached, counts.prompt)),
                .reasoning = Tokens(std::min(counts.reasoning, output)),
                .audio_input = Tokens(std::min(counts.audio_in, counts.prompt)),
                .audio_output = Tokens(std::min(counts.audio_out, output)),
                .known = true};
  return true;
}

}  // namespace orchestra
