// A request, decoded: a lossless superset of what the dialects can say. Values; owned by whoever holds them.
//
// JSON fragments that pass through untouched (schemas, tool arguments, unknown fields) stay JSON text.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/task_kind.h"

namespace orchestra {

struct TextPart {
  std::string text;
  bool cache_mark = false;  // a prompt-cache breakpoint stands behind this part (Anthropic cache_control)
};
struct ImagePart {
  std::string url;         // http(s) URL, or empty
  std::string media_type;  // e.g. image/png, with `base64`
  std::string base64;
  std::string detail;  // OpenAI: auto, low, high; empty when not said
};
struct AudioPart {
  std::string base64;
  std::string format;  // wav, mp3
};
struct FilePart {
  std::string file_id, filename, base64, media_type;
};
struct ToolCallPart {
  std::string id, name;
  std::string arguments;  // JSON text as the model wrote it
};
struct ToolResultPart {
  std::string call_id;
  std::vector<std::variant<TextPart, ImagePart>> content;
  bool is_error = false;
};
struct ThinkingPart {
  std::string text;
  std::string signature;  // opaque; must go back to the provider that made it
  bool redacted = false;  // `signature` is all there is
};
struct RefusalPart {
  std::string text;
};
using Part =
    std::variant<TextPart, ImagePart, AudioPart, FilePart, ToolCallPart, ToolResultPart, ThinkingPart, RefusalPart>;

enum class Role : std::uint8_t { kSystem, kDeveloper, kUser, kAssistant, kTool };

struct Message {
  Role role = Role::kUser;
  std::string name;
  std::vector<Part> content;
};

struct Tool {
  std::string name, description;
  std::string parameters;  // JSON schema text; empty: no parameters
  std::optional<bool> strict;
};
struct ToolChoice {
  enum class Kind : std::uint8_t { kAuto, kNone, kRequired, kNamed } kind = Kind::kAuto;
  std::string name;  // kNamed
};
struct ResponseFormat {
  enum class Kind : std::uint8_t { kText, kJsonObject, kJsonSchema } kind = Kind::kText;
  std::string name;    // kJsonSchema
  std::string schema;  // JSON text
  std::optional<bool> strict;
};

// Sampling and limits, shared by chat and completion. Unset means the provider's default.
struct Sampling {
  std::optional<std::int64_t> max_tokens;
  std::optional<double> temperature, top_p, min_p, frequency_penalty, presence_penalty, repeat_penalty;
  std::optional<std::int64_t> top_k, seed, n, top_logprobs;
  std::optional<bool> logprobs;
  std::vector<std::string> stop;
};

struct ChatRequest {
  std::string model;
  std::vector<Message> messages;  // system and developer messages stay where they stood
  std::vector<Tool> tools;
  std::optional<ToolChoice> tool_choice;
  std::optional<bool> parallel_tool_calls;
  std::optional<ResponseFormat> response_format;
  Sampling sampling;
  std::string reasoning_effort;                 // low, medium, high, ...; empty: not said
  std::optional<std::int64_t> thinking_budget;  // tokens
  std::string user;
  bool stream = false;
  bool include_usage = false;                // OpenAI stream_options.include_usage
  std::map<std::string, std::string> extra;  // top-level fields no dialect shares: name to JSON text
};

struct CompletionRequest {
  std::string model;
  std::vector<std::string> prompts;
  std::string suffix;
  bool echo = false;
  Sampling sampling;
  std::string user;
  bool stream = false;
  bool include_usage = false;
  std::map<std::string, std::string> extra;
};

struct EmbeddingRequest {
  std::string model;
  std::vector<std::string> inputs;
  std::optional<std::int64_t> dimensions;
  bool base64 = false;  // encoding_format
  std::string user;
  std::map<std::string, std::string> extra;
};

// One to several pictures of a description.
struct ImageRequest {
  std::string model, prompt;
  std::optional<std::int64_t> n;
  std::string user;
  std::map<std::string, std::string> extra;  // size, quality, style, ...: every service has its own words
};

using Request = std::variant<ChatRequest, CompletionRequest, EmbeddingRequest, ImageRequest>;

}  // namespace orchestra
