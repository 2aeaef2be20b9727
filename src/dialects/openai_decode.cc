#include "dialects/openai_decode.h"

#include <fmt/format.h>

#include <array>

#include "dialects/json_text.h"
#include "dialects/openai_fields.h"
#include "dialects/openai_messages.h"

namespace orchestra {
namespace {

Result<Tool> decode_tool(const json::value& tool, const std::string& where) {
  const json::value* function = find(tool, "function");
  const auto name = function != nullptr ? find_string(*function, "name") : std::nullopt;
  if (!name) return refuse_field(where, fmt::format("'{}' must be a tool of type function with a 'name'.", where));
  Tool out{.name = std::string(*name),
           .description = string_or_empty(*function, "description"),
           .strict = find_bool(*function, "strict")};
  if (const json::value* schema = find(*function, "parameters"); schema != nullptr && schema->is_object()) {
    out.parameters = json_text(*schema);
  }
  return out;
}

// Nothing for a kind of choice that only OpenAI knows (allowed_tools, custom): it stays an extra field.
std::optional<ToolChoice> decode_tool_choice(const json::value& choice) {
  using enum ToolChoice::Kind;
  if (choice.is_string()) {
    const std::string_view word = choice.get_string();
    if (word == "auto") return ToolChoice{.kind = kAuto};
    if (word == "none") return ToolChoice{.kind = kNone};
    if (word == "required" || word == "any") return ToolChoice{.kind = kRequired};
    return std::nullopt;
  }
  const json::value* function = find(choice, "function");
  const auto name = function != nullptr ? find_string(*function, "name") : std::nullopt;
  if (!name) return std::nullopt;
  return ToolChoice{.kind = kNamed, .name = std::string(*name)};
}

std::optional<ResponseFormat> decode_response_format(const json::value& format) {
  using enum ResponseFormat::Kind;
  const auto type = find_string(format, "type");
  if (type == "text") return ResponseFormat{.kind = kText};
  if (type == "json_object") return ResponseFormat{.kind = kJsonObject};
  const json::value* schema = find(format, "json_schema");
  if (type != "json_schema" || schema == nullptr) return std::nullopt;
  ResponseFormat out{
      .kind = kJsonSchema, .name = string_or_empty(*schema, "name"), .strict = find_bool(*schema, "strict")};
  if (const json::value* text = find(*schema, "schema")) out.schema = json_text(*text);
  return out;
}

std::unexpected<Error> wrong_type(std::string_view name, std::string_view allowed) {
  return refuse_field(std::string(name), fmt::format("'{}' must be {}.", name, allowed));
}

Result<void> decode_stop(const json::value& value, std::vector<std::string>& out) {
  if (value.is_string()) out.emplace_back(value.get_string());
  if (!value.is_array()) return {};
  for (const json::value& stop : value.get_array()) {
    if (!stop.is_string()) return wrong_type("stop", "a string or an array of strings");
    out.emplace_back(stop.get_string());
  }
  return {};
}

// True if `name` is a sampling field and was read. A value of a wrong type is refused: left out, it would be lost in
// silence.
Result<bool> decode_sampling(std::string_view name, const json::value& root, const json::value& value, Sampling& out) {
  struct Number {
    std::string_view name;
    std::optional<double> Sampling::* field;
  };
  struct Integer {
    std::string_view name;
    std::optional<std::int64_t> Sampling::* field;
  };
  static constexpr std::array kNumbers = {
      Number{"temperature", &Sampling::temperature},
      Number{"top_p", &Sampling::top_p},
      Number{"min_p", &Sampling::min_p},
      Number{"frequency_penalty", &Sampling::frequency_penalty},
      Number{"presence_penalty", &Sampling::presence_penalty},
      Number{"repeat_penalty", &Sampling::repeat_penalty},
      Number{"repetition_penalty", &Sampling::repeat_penalty},
  };
  static constexpr std::array kIntegers = {
      Integer{"max_completion_tokens", &Sampling::max_tokens}, Integer{"top_k", &Sampling::top_k},
      Integer{"seed", &Sampling::seed}, Integer{"n", &Sampling::n}, Integer{"top_logprobs", &Sampling::top_logprobs}};
  for (const Number& number : kNumbers) {
    if (number.name != name) continue;
    out.*number.field = find_number(root, name);
    if (!(out.*number.field)) return wrong_type(name, "a number");
    return true;
  }
  for (const Integer& integer : kIntegers) {
    if (integer.name != name) continue;
    out.*integer.field = find_int(root, name);
    if (!(out.*integer.field)) return wrong_type(name, "an integer");
    return true;
  }
  if (name == "max_tokens") {
    if (!out.max_tokens) out.max_tokens = find_int(root, name);
  } else if (name == "logprobs") {
    // Chat says true or false, completions a number.
    out.logprobs = value.is_bool() ? value.get_bool() : value.is_number();
    if (value.is_number()) out.top_logprobs = find_int(root, name);
  } else if (name == "stop") {
    TRY_VOID(decode_stop(value, out.stop));
  } else {
    return false;
  }
  return true;
}

bool usage_wanted(const json::value& options) {
  return find_bool(options, "include_usage").value_or(false);
}

Result<void> decode_messages(const json::value& value, ChatRequest& out) {
  if (!value.is_array()) return refuse_field("messages", "'messages' must be a non-empty array of messages.");
  for (const json::value& message : value.get_array()) {
    TRY(Message decoded, decode_openai_message(message, fmt::format("messages[{}]", out.messages.size())));
    out.messages.push_back(std::move(decoded));
  }
  return {};
}

Result<void> decode_tools(const json::value& value, ChatRequest& out) {
  if (!value.is_array()) return refuse_field("tools", "'tools' must be an array of tools.");
  for (const json::value& tool : value.get_array()) {
    TRY(Tool decoded, decode_tool(tool, fmt::format("tools[{}]", out.tools.size())));
    out.tools.push_back(std::move(decoded));
  }
  return {};
}

Result<void> decode_chat_member(std::string_view name, const json::value& value, const json::value& root,
                                ChatRequest& out) {
  if (value.is_null()) return {};  // the same as absent, everywhere in this dialect
  if (name == "messages") return decode_messages(value, out);
  if (name == "tools") return decode_tools(value, out);
  TRY(const bool sampling, decode_sampling(name, root, value, out.sampling));
  if (sampling) return {};
  if (name == "model") {
    out.model = find_string(root, name).value_or("");
  } else if (name == "tool_choice") {
    out.tool_choice = decode_tool_choice(value);
    if (!out.tool_choice) out.extra.emplace(name, json_text(value));
  } else if (name == "response_format") {
    out.response_format = decode_response_format(value);
    if (!out.response_format) out.extra.emplace(name, json_text(value));
  } else if (name == "parallel_tool_calls") {
    out.parallel_tool_calls = find_bool(root, name);
  } else if (name == "reasoning_effort") {
    out.reasoning_effort = find_string(root, name).value_or("");
  } else if (name == "user") {
    out.user = find_string(root, name).value_or("");
  } else if (name == "stream") {
    out.stream = find_bool(root, name).value_or(false);
  } else if (name == "stream_options") {
    out.include_usage = usage_wanted(value);
  } else {
    out.extra.emplace(name, json_text(value));
  }
  return {};
}

Result<Request> decode_chat(const json::value& root) {
  ChatRequest out;
  for (const auto& member : root.get_object()) {
    TRY_VOID(decode_chat_member(member.key(), member.value(), root, out));
  }
  return out;
}

// `prompt` and `input`: one text or several. Token numbers belong to one model's vocabulary, so they cannot be
// translated.
Result<std::vector<std::string>> decode_texts(const json::value& value, const std::string& name) {
  std::vector<std::string> out;
  if (value.is_string()) out.emplace_back(value.get_string());
  if (value.is_array()) {
    for (const json::value& text : value.get_array()) {
      if (!text.is_string()) {
        return fail(Error{
            .fault = Fault::kInvalid,
            .what = fmt::format("'{}' holds token numbers, which this model's provider cannot take: send text.", name),
            .code = "unsupported_content",
            .param = name});
      }
      out.emplace_back(text.get_string());
    }
  }
  if (out.empty())
    return refuse_field(name, fmt::format("'{}' must be a string or a non-empty array of strings.", name));
  return out;
}

Result<Request> decode_completion(const json::value& root) {
  CompletionRequest out;
  for (const auto& member : root.get_object()) {
    const std::string_view name = member.key();
    const json::value& value = member.value();
    if (value.is_null()) continue;
    TRY(const bool sampling, decode_sampling(name, root, value, out.sampling));
    if (sampling) continue;
    if (name == "prompt") {
      TRY(out.prompts, decode_texts(value, "prompt"));
    } else if (name == "model") {
      out.model = find_string(root, name).value_or("");
    } else if (name == "suffix") {
      out.suffix = find_string(root, name).value_or("");
    } else if (name == "echo") {
      out.echo = find_bool(root, name).value_or(false);
    } else if (name == "user") {
      out.user = find_string(root, name).value_or("");
    } else if (name == "stream") {
      out.stream = find_bool(root, name).value_or(false);
    } else if (name == "stream_options") {
      out.include_usage = usage_wanted(value);
    } else {
      out.extra.emplace(name, json_text(value));
    }
  }
  return out;
}

Result<Request> decode_embedding(const json::value& root) {
  EmbeddingRequest out;
  for (const auto& member : root.get_object()) {
    const std::string_view name = member.key();
    const json::value& value = member.value();
    if (value.is_null()) continue;
    if (name == "input") {
      TRY(out.inputs, decode_texts(value, "input"));
    } else if (name == "model") {
      out.model = find_string(root, name).value_or("");
    } else if (name == "dimensions") {
      out.dimensions = find_int(root, name);
      if (!out.dimensions) return wrong_type("dimensions", "an integer");
    } else if (name == "encoding_format") {
      const auto format = find_string(root, name);
      if (format != "float" && format != "base64") {
        return refuse_field("encoding_format", "'encoding_format' must be \"float\" or \"base64\".");
      }
      out.base64 = format == "base64";
    } else if (name == "user") {
      out.user = find_string(root, name).value_or("");
    } else {
      out.extra.emplace(name, json_text(value));
    }
  }
  return out;
}

Result<Request> decode_image(const json::value& root) {
  ImageRequest out{.model = std::string(find_string(root, "model").value_or("")),
                   .prompt = std::string(find_string(root, "prompt").value_or("")),
                   .n = find_int(root, "n"),
                   .user = std::string(find_string(root, "user").value_or("")),
                   .extra = {}};
  for (const auto& [name, value] : root.get_object()) {
    const bool ours = name == "model" || name == "prompt" || name == "n" || name == "user" || name == "stream";
    if (!ours && !value.is_null()) out.extra.emplace(name, json_text(value));
  }
  return out;
}

}  // namespace

Result<Request> decode_openai(TaskKind task, std::string_view body) {
  TRY(const json::value root, parse_json(body));
  if (!root.is_object()) return refuse_field("", "The body must be a JSON object.");
  switch (task) {
    case TaskKind::kChat: return decode_chat(root);
    case TaskKind::kCompletion: return decode_completion(root);
    case TaskKind::kEmbedding: return decode_embedding(root);
    case TaskKind::kImage: return decode_image(root);
  }
  return decode_chat(root);
}

}  // namespace orchestra
