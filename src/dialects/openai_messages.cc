#include "dialects/openai_messages.h"

#include <fmt/format.h>

#include <algorithm>

#include "dialects/data_url.h"
#include "dialects/openai_fields.h"

namespace orchestra {
namespace {

ImagePart decode_image(const json::value& part) {
  const json::value* image = find(part, "image_url");
  ImagePart out;
  if (image == nullptr) return out;
  const std::string_view url =
      image->is_string() ? std::string_view(image->get_string()) : find_string(*image, "url").value_or("");
  out.detail = string_or_empty(*image, "detail");
  if (const auto data = parse_data_url(url)) {
    out.media_type = data->media_type;
    out.base64 = data->base64;
  } else {
    out.url = url;
  }
  return out;
}

FilePart decode_file(const json::value& part) {
  FilePart out;
  const json::value* file = find(part, "file");
  if (file == nullptr) return out;
  out.file_id = string_or_empty(*file, "file_id");
  out.filename = string_or_empty(*file, "filename");
  const std::string_view data = find_string(*file, "file_data").value_or("");
  if (const auto url = parse_data_url(data)) {
    out.media_type = url->media_type;
    out.base64 = url->base64;
  } else {
    out.base64 = data;
  }
  return out;
}

Result<Part> decode_part(const json::value& part, const std::string& where) {
  const auto type = find_string(part, "type");
  if (!type) return refuse_field(where, fmt::format("'{}' must be an object with a 'type'.", where));
  if (*type == "text") {
    const auto text = find_string(part, "text");
    if (!text) return refuse_field(where + ".text", fmt::format("'{}.text' must be a string.", where));
    const json::value* mark = find(part, "cache_control");
    return TextPart{.text = std::string(*text), .cache_mark = mark != nullptr && !mark->is_null()};
  }
  if (*type == "image_url") {
    ImagePart image = decode_image(part);
    if (image.url.empty() && image.base64.empty()) {
      return refuse_field(where + ".image_url", fmt::format("'{}.image_url' needs a 'url': http(s) or data:.", where));
    }
    return image;
  }
  if (*type == "input_audio") {
    const json::value* audio = find(part, "input_audio");
    if (audio == nullptr) return refuse_field(where, fmt::format("'{}.input_audio' needs 'data' and 'format'.", where));
    return AudioPart{.base64 = string_or_empty(*audio, "data"), .format = string_or_empty(*audio, "format")};
  }
  if (*type == "file") return decode_file(part);
  if (*type == "refusal") return RefusalPart{.text = string_or_empty(part, "refusal")};
  return refuse_field(where + ".type",
                      fmt::format("'{}.type' is '{}': it must be one of text, image_url, input_audio, file, "
                                  "refusal.",
                                  where, *type));
}

Result<std::vector<Part>> decode_content(const json::value* content, const std::string& where) {
  std::vector<Part> parts;
  if (content == nullptr || content->is_null()) return parts;
  if (content->is_string()) {
    parts.emplace_back(TextPart{.text = std::string(content->get_string())});
    return parts;
  }
  if (!content->is_array())
    return refuse_field(where, fmt::format("'{}' must be a string or an array of parts.", where));
  std::size_t index = 0;
  for (const json::value& part : content->get_array()) {
    TRY(Part decoded, decode_part(part, fmt::format("{}[{}]", where, index++)));
    parts.push_back(std::move(decoded));
  }
  return parts;
}

void decode_thinking(const json::value& message, std::vector<Part>& parts) {
  if (const json::value* blocks = find(message, "thinking_blocks"); blocks != nullptr && blocks->is_array()) {
    for (const json::value& block : blocks->get_array()) {
      const bool redacted = find_string(block, "type") == "redacted_thinking";
      parts.emplace_back(ThinkingPart{.text = string_or_empty(block, "thinking"),
                                      .signature = string_or_empty(block, redacted ? "data" : "signature"),
                                      .redacted = redacted});
    }
    return;
  }
  for (const std::string_view key : {"reasoning_content", "reasoning"}) {
    const auto text = find_string(message, key);
    if (!text || text->empty()) continue;
    parts.emplace_back(ThinkingPart{.text = std::string(*text)});
    return;
  }
}

Result<void> decode_tool_calls(const json::value& message, const std::string& where, std::vector<Part>& parts) {
  const json::value* calls = find(message, "tool_calls");
  if (calls == nullptr || calls->is_null()) return {};
  if (!calls->is_array()) return refuse_field(where, fmt::format("'{}' must be an array of tool calls.", where));
  std::size_t index = 0;
  for (const json::value& call : calls->get_array()) {
    const std::string here = fmt::format("{}[{}]", where, index++);
    const json::value* function = find(call, "function");
    const auto name = function != nullptr ? find_string(*function, "name") : std::nullopt;
    if (!name) return refuse_field(here + ".function.name", fmt::format("'{}.function.name' must be a string.", here));
    parts.emplace_back(ToolCallPart{.id = string_or_empty(call, "id"),
                                    .name = std::string(*name),
                                    .arguments = string_or_empty(*function, "arguments")});
  }
  return {};
}

// What calls were before there were tools. The answer to it, of role `function`, says the function's name in place of
// an id.
Result<void> decode_function_call(const json::value& message, const std::string& where, std::vector<Part>& parts) {
  const json::value* call = find(message, "function_call");
  if (call == nullptr || call->is_null()) return {};
  const auto name = find_string(*call, "name");
  if (!name) return refuse_field(where + ".name", fmt::format("'{}.name' must be a string.", where));
  parts.emplace_back(ToolCallPart{
      .id = std::string(*name), .name = std::string(*name), .arguments = string_or_empty(*call, "arguments")});
  return {};
}

Result<Role> decode_role(const json::value& message, const std::string& where) {
  const std::string_view role = find_string(message, "role").value_or("");
  if (role == "system") return Role::kSystem;
  if (role == "developer") return Role::kDeveloper;
  if (role == "user") return Role::kUser;
  if (role == "assistant") return Role::kAssistant;
  if (role == "tool" || role == "function") return Role::kTool;
  return refuse_field(where + ".role",
                      fmt::format("'{}.role' is '{}': it must be one of system, developer, user, assistant, "
                                  "tool.",
                                  where, role));
}

}  // namespace

Result<Message> decode_openai_message(const json::value& message, const std::string& where) {
  Message out;
  TRY(out.role, decode_role(message, where));
  out.name = string_or_empty(message, "name");
  TRY(std::vector<Part> parts, decode_content(find(message, "content"), where + ".content"));
  if (out.role == Role::kTool) {
    ToolResultPart result{.call_id = string_or_empty(message, "tool_call_id")};
    if (result.call_id.empty()) result.call_id = out.name;  // the old `function` role has only a name
    for (Part& part : parts) {
      if (auto* text = std::get_if<TextPart>(&part)) {
        result.content.emplace_back(std::move(*text));
      } else if (auto* image = std::get_if<ImagePart>(&part)) {
        result.content.emplace_back(std::move(*image));
      } else {
        return refuse_field(where + ".content",
                            fmt::format("'{}.content' of a tool may hold parts of type text and image_url.", where));
      }
    }
    out.content.emplace_back(std::move(result));
    return out;
  }
  if (out.role == Role::kAssistant) decode_thinking(message, out.content);
  std::ranges::move(parts, std::back_inserter(out.content));
  if (const auto refusal = find_string(message, "refusal"); refusal && !refusal->empty()) {
    out.content.emplace_back(RefusalPart{.text = std::string(*refusal)});
  }
  TRY_VOID(decode_tool_calls(message, where + ".tool_calls", out.content));
  TRY_VOID(decode_function_call(message, where + ".function_call", out.content));
  return out;
}

}  // namespace orchestra
