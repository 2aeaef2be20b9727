#include "dialects/openai_encode.h"

#include "base/json.h"
#include "dialects/data_url.h"

namespace orchestra {
namespace {

std::string_view role_name(Role role) {
  switch (role) {
    case Role::kSystem: return "system";
    case Role::kDeveloper: return "developer";
    case Role::kUser: return "user";
    case Role::kAssistant: return "assistant";
    case Role::kTool: return "tool";
  }
  return "user";
}

void write_text(JsonWriter& writer, const TextPart& text) {
  writer.begin_object().member("type", "text").member("text", text.text);
  if (text.cache_mark) writer.key("cache_control").raw(R"({"type":"ephemeral"})");
  writer.end_object();
}

void write_image(JsonWriter& writer, const ImagePart& image) {
  writer.begin_object().member("type", "image_url").key("image_url").begin_object();
  writer.member("url", image.base64.empty() ? image.url : make_data_url(image.media_type, image.base64));
  if (!image.detail.empty()) writer.member("detail", image.detail);
  writer.end_object().end_object();
}

void write_file(JsonWriter& writer, const FilePart& file) {
  writer.begin_object().member("type", "file").key("file").begin_object();
  if (!file.file_id.empty()) writer.member("file_id", file.file_id);
  if (!file.filename.empty()) writer.member("filename", file.filename);
  if (!file.base64.empty()) {
    writer.member("file_data", file.media_type.empty() ? file.base64 : make_data_url(file.media_type, file.base64));
  }
  writer.end_object().end_object();
}

// Parts that stand in `content`; the others have members of their own.
void write_part(JsonWriter& writer, const Part& part) {
  if (const auto* text = std::get_if<TextPart>(&part)) write_text(writer, *text);
  if (const auto* image = std::get_if<ImagePart>(&part)) write_image(writer, *image);
  if (const auto* file = std::get_if<FilePart>(&part)) write_file(writer, *file);
  if (const auto* audio = std::get_if<AudioPart>(&part)) {
    writer.begin_object().member("type", "input_audio").key("input_audio").begin_object();
    writer.member("data", audio->base64).member("format", audio->format).end_object().end_object();
  }
}

bool in_content(const Part& part) {
  return std::holds_alternative<TextPart>(part) || std::holds_alternative<ImagePart>(part) ||
         std::holds_alternative<FilePart>(part) || std::holds_alternative<AudioPart>(part);
}

void write_content(JsonWriter& writer, const Message& message) {
  const auto count = std::ranges::count_if(message.content, in_content);
  writer.key("content");
  if (count == 0) {
    message.role == Role::kAssistant ? writer.null() : writer.string("");
    return;
  }
  const auto first = std::ranges::find_if(message.content, in_content);
  // One plain text is written as a string: some services take nothing else.
  if (const auto* text = std::get_if<TextPart>(&*first); count == 1 && text != nullptr && !text->cache_mark) {
    writer.string(text->text);
    return;
  }
  writer.begin_array();
  for (const Part& part : message.content) write_part(writer, part);
  writer.end_array();
}

void write_tool_calls(JsonWriter& writer, const Message& message) {
  bool open = false;
  for (const Part& part : message.content) {
    const auto* call = std::get_if<ToolCallPart>(&part);
    if (call == nullptr) continue;
    if (!open) writer.key("tool_calls").begin_array();
    open = true;
    writer.begin_object().member("id", call->id).member("type", "function").key("function").begin_object();
    writer.member("name", call->name).member("arguments", call->arguments.empty() ? "{}" : call->arguments);
    writer.end_object().end_object();
  }
  if (open) writer.end_array();
}

void write_thinking(JsonWriter& writer, const Message& message) {
  std::string text;
  bool blocks = false;
  for (const Part& part : message.content) {
    const auto* thinking = std::get_if<ThinkingPart>(&part);
    if (thinking == nullptr) continue;
    text += thinking->text;
    if (thinking->signature.empty()) continue;
    if (!blocks) writer.key("thinking_blocks").begin_array();
    blocks = true;
    writer.begin_object();
    if (thinking->redacted) {
      writer.member("type", "redacted_thinking").member("data", thinking->signature);
    } else {
      writer.member("type", "thinking").member("thinking", thinking->text).member("signature", thinking->signature);
    }
    writer.end_object();
  }
  if (blocks) writer.end_array();
  if (!text.empty()) writer.member("reasoning_content", text);
}

void write_tool_result(JsonWriter& writer, const ToolResultPart& result) {
  writer.begin_object().member("role", "tool").member("tool_call_id", result.call_id).key("content");
  if (result.content.size() == 1 && std::holds_alternative<TextPart>(result.content.front())) {
    writer.string(std::get<TextPart>(result.content.front()).text);
  } else {
    writer.begin_array();
    for (const auto& part : result.content) {
      if (const auto* text = std::get_if<TextPart>(&part)) write_text(writer, *text);
      if (const auto* image = std::get_if<ImagePart>(&part)) write_image(writer, *image);
    }
    writer.end_array();
  }
  writer.end_object();
}

void write_message(JsonWriter& writer, const Message& message) {
  bool other = message.content.empty();
  for (const Part& part : message.content) {
    if (const auto* result = std::get_if<ToolResultPart>(&part)) {
      write_tool_result(writer, *result);  // a message of its own here
    } else {
      other = true;
    }
  }
  if (!other) return;
  writer.begin_object().member("role", role_name(message.role));
  if (!message.name.empty()) writer.member("name", message.name);
  write_content(writer, message);
  for (const Part& part : message.content) {
    if (const auto* refusal = std::get_if<RefusalPart>(&part)) writer.member("refusal", refusal->text);
  }
  write_thinking(writer, message);
  write_tool_calls(writer, message);
  writer.end_object();
}

void write_sampling(JsonWriter& writer, const Sampling& sampling, bool chat) {
  const auto number = [&](std::string_view name, const std::optional<double>& value) {
    if (value) writer.member(name, *value);
  };
  const auto integer = [&](std::string_view name, const std::optional<std::int64_t>& value) {
    if (value) writer.member(name, *value);
  };
  integer("max_tokens", sampling.max_tokens);
  number("temperature", sampling.temperature);
  number("top_p", sampling.top_p);
  number("min_p", sampling.min_p);
  number("frequency_penalty", sampling.frequency_penalty);
  number("presence_penalty", sampling.presence_penalty);
  number("repeat_penalty", sampling.repeat_penalty);
  integer("top_k", sampling.top_k);
  integer("seed", sampling.seed);
  integer("n", sampling.n);
  if (chat) {
    if (sampling.logprobs) writer.member("logprobs", *sampling.logprobs);
    integer("top_logprobs", sampling.top_logprobs);
  } else if (sampling.logprobs.value_or(false)) {
    writer.member("logprobs", sampling.top_logprobs.value_or(0));
  }
  if (!sampling.stop.empty()) {
    writer.key("stop").begin_array();
    for (const std::string& stop : sampling.stop) writer.string(stop);
    writer.end_array();
  }
}

void write_tools(JsonWriter& writer, const ChatRequest& request) {
  if (!request.tools.empty()) {
    writer.key("tools").begin_array();
    for (const Tool& tool : request.tools) {
      writer.begin_object().member("type", "function").key("function").begin_object().member("name", tool.name);
      if (!tool.description.empty()) writer.member("description", tool.description);
      if (!tool.parameters.empty()) writer.key("parameters").raw(tool.parameters);
      if (tool.strict) writer.member("strict", *tool.strict);
      writer.end_object().end_object();
    }
    writer.end_array();
  }
  if (request.tool_choice) {
    writer.key("tool_choice");
    switch (request.tool_choice->kind) {
      case ToolChoice::Kind::kAuto: writer.string("auto"); break;
      case ToolChoice::Kind::kNone: writer.string("none"); break;
      case ToolChoice::Kind::kRequired: writer.string("required"); break;
      case ToolChoice::Kind::kNamed:
        writer.begin_object().member("type", "function").key("function").begin_object();
        writer.member("name", request.tool_choice->name).end_object().end_object();
        break;
    }
  }
  if (request.parallel_tool_calls) writer.member("parallel_tool_calls", *request.parallel_tool_calls);
}

void write_response_format(JsonWriter& writer, const ResponseFormat& format) {
  writer.key("response_format").begin_object();
  switch (format.kind) {
    case ResponseFormat::Kind::kText: writer.member("type", "text"); break;
    case ResponseFormat::Kind::kJsonObject: writer.member("type", "json_object"); break;
    case ResponseFormat::Kind::kJsonSchema:
      writer.member("type", "json_schema").key("json_schema").begin_object();
      writer.member("name", format.name.empty() ? "answer" : format.name);
      if (!format.schema.empty()) writer.key("schema").raw(format.schema);
      if (format.strict) writer.member("strict", *format.strict);
      writer.end_object();
      break;
  }
  writer.end_object();
}

void write_stream(JsonWriter& writer, bool stream) {
  if (!stream) return;
  // Counts are always asked for: the ledger needs them, and the caller's encoder shows them only where asked.
  writer.member("stream", true).key("stream_options").raw(R"({"include_usage":true})");
}

void write_tail(JsonWriter& writer, const std::string& user, const std::map<std::string, std::string>& extra) {
  if (!user.empty()) writer.member("user", user);
  for (const auto& [name, text] : extra) writer.key(name).raw(text);
}

Upstream encode(const ChatRequest& request, std::string_view model) {
  Upstream out{.path = "/chat/completions"};
  JsonWriter writer(out.body);
  writer.begin_object().member("model", model).key("messages").begin_array();
  for (const Message& message : request.messages) write_message(writer, message);
  writer.end_array();
  write_tools(writer, request);
  if (request.response_format) write_response_format(writer, *request.response_format);
  write_sampling(writer, request.sampling, true);
  if (!request.reasoning_effort.empty()) writer.member("reasoning_effort", request.reasoning_effort);
  if (request.thinking_budget) out.dropped.emplace_back("thinking_budget");
  write_stream(writer, request.stream);
  write_tail(writer, request.user, request.extra);
  writer.end_object();
  return out;
}

void write_texts(JsonWriter& writer, std::string_view name, const std::vector<std::string>& texts) {
  writer.key(name);
  if (texts.size() == 1) {
    writer.string(texts.front());
    return;
  }
  writer.begin_array();
  for (const std::string& text : texts) writer.string(text);
  writer.end_array();
}

Upstream encode(const CompletionRequest& request, std::string_view model) {
  Upstream out{.path = "/completions"};
  JsonWriter writer(out.body);
  writer.begin_object().member("model", model);
  write_texts(writer, "prompt", request.prompts);
  if (!request.suffix.empty()) writer.member("suffix", request.suffix);
  if (request.echo) writer.member("echo", true);
  write_sampling(writer, request.sampling, false);
  write_stream(writer, request.stream);
  write_tail(writer, request.user, request.extra);
  writer.end_object();
  return out;
}

// base64 is the caller's wish for our answer; the decoder reads both, and base64 is shorter on the way here.
Upstream encode(const EmbeddingRequest& request, std::string_view model) {
  Upstream out{.path = "/embeddings"};
  JsonWriter writer(out.body);
  writer.begin_object().member("model", model);
  write_texts(writer, "input", request.inputs);
  if (request.dimensions) writer.member("dimensions", *request.dimensions);
  if (request.base64) writer.member("encoding_format", "base64");
  write_tail(writer, request.user, request.extra);
  writer.end_object();
  return out;
}

Upstream encode(const ImageRequest& request, std::string_view model) {
  Upstream out{.path = "/images/generations"};
  JsonWriter writer(out.body);
  writer.begin_object().member("model", model).member("prompt", request.prompt);
  if (request.n) writer.member("n", *request.n);
  write_tail(writer, request.user, request.extra);
  writer.end_object();
  return out;
}

}  // namespace

Upstream encode_openai(const Request& request, std::string_view model) {
  return std::visit([&](const auto& value) { return encode(value, model); }, request);
}

}  // namespace orchestra
