// Token counts as OpenAI-shaped services spell them, read without a tree.
//
// usage.{prompt,completion}_tokens with their _details (OpenAI, Mistral, vLLM, ...), prompt_cache_hit_tokens
// (DeepSeek). https://platform.openai.com/docs/api-reference/chat/object#chat/object-usage
#pragma once

#include "dialects/json_cursor.h"
#include "domain/usage.h"

namespace orchestra {

// Consumes one value. True if it was an object with counts that can be true: negative and absurd ones are not believed.
bool read_openai_usage(JsonCursor& cursor, Usage& usage);

}  // namespace orchestra
