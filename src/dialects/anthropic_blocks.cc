#include "dialects/anthropic_blocks.h"

#include <fmt/format.h>

#include <algorithm>

#include "dialects/base64.h"
#include "dialects/json_text.h"

namespace orchestra {
namespace {

std::unexpected<Error> cannot(std::string_view what) {
  return fail(
      Error{.fault = Fault::kInvalid,
            .what = fmt::format("This model's provider cannot take {}: choose another model or leave it out.", what),
            .code = "unsupported_content",
            .param = "messages"});
}

// The API allows [a-zA-Z0-9_-] in ids; other providers use more.
std::string clean_id(std::string_view id) {
  std::string out(id.empty() ? "call" : id);
  std::ranges::replace_if(
      out,
      [](char c) {
        return !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-');
      },
      '_');
  return out;
}

void write_mark(JsonWriter& writer, bool mark) {
  if (mark) writer.key("cache_control").raw(R"({"type":"ephemeral"})");
}

// Nothing for an empty text: the API refuses empty blocks.
void write_text(JsonWriter& writer, std::string_view text, bool mark = false) {
  if (text.empty()) return;
  writer.begin_object().member("type", "text").member("text", text);
  write_mark(writer, mark);
  writer.end_object();
}

void write_image(JsonWriter& writer, const ImagePart& image) {
  writer.begin_object().member("type", "image").key("source").begin_object();
  if (image.base64.empty()) {
    writer.member("type", "url").member("url", image.url);
  } else {
    writer.member("type", "base64").member("media_type", image.media_type.empty() ? "image/jpeg" : image.media_type);
    writer.member("data", image.base64);
  }
  writer.end_object().end_object();
}

Result<void> write_file(JsonWriter& writer, const FilePart& file) {
  if (file.base64.empty()) return cannot("a file by its id");
  writer.begin_object().member("type", "document").key("source").begin_object();
  if (file.media_type.starts_with("text/")) {
    const auto text = base64_decode(file.base64);
    if (!text) return cannot("a file whose data is not base64");
    writer.member("type", "text").member("media_type", "text/plain").member("data", *text);
  } else {
    writer.member("type", "base64");
    writer.member("media_type", file.media_type.empty() ? "application/pdf" : file.media_type);
    writer.member("data", file.base64);
  }
  writer.end_object();
  if (!file.filename.empty()) writer.member("title", file.filename);
  writer.end_object();
  return {};
}

void write_call(JsonWriter& writer, const ToolCallPart& call) {
  writer.begin_object().member("type", "tool_use").member("id", clean_id(call.id)).member("name", call.name);
  writer.key("input");
  const auto input = parse_json(call.arguments);
  if (input && input->is_object()) {
    writer.raw(json_text(*input));
  } else {
    // What a model wrote wrongly stays visible to it.
    writer.begin_object();
    if (!call.arguments.empty()) writer.member("arguments", call.arguments);
    writer.end_object();
  }
  writer.end_object();
}

void write_result(JsonWriter& writer, const ToolResultPart& result) {
  writer.begin_object().member("type", "tool_result").member("tool_use_id", clean_id(result.call_id));
  writer.key("content").begin_array();
  for (const auto& part : result.content) {
    if (const auto* text = std::get_if<TextPart>(&part)) write_text(writer, text->text, text->cache_mark);
    if (const auto* image = std::get_if<ImagePart>(&part)) write_image(writer, *image);
  }
  writer.end_array();
  if (result.is_error) writer.member("is_error", true);
  writer.end_object();
}

class TurnWriter {
 public:
  explicit TurnWriter(AnthropicTurns& out) : out_(out), writer_(out.messages) { writer_.begin_array(); }

  Result<void> add(const Message& message, bool last) {
    if (!message.name.empty() && message.role != Role::kTool) out_.names = true;
    const bool assistant = message.role == Role::kAssistant;
    std::string blocks;
    JsonWriter writer(blocks);
    writer.begin_array();
    for (const Part& part : message.content) TRY_VOID(write_part(writer, part, assistant && last));
    if (blocks.size() == 1) return {};  // nothing to say
    turn(assistant ? "assistant" : "user");
    if (blocks_ > 0) out_.messages += ',';
    out_.messages.append(blocks, 1);
    ++blocks_;
    return {};
  }

  void finish() {
    close();
    writer_.end_array();
  }

 private:
  void turn(std::string_view role) {
    if (role == role_) return;
    close();
    writer_.begin_object().member("role", role).key("content").begin_array();
    role_ = role;
    blocks_ = 0;
  }
  void close() {
    if (!role_.empty()) writer_.end_array().end_object();
    role_ = {};
  }

  Result<void> write_part(JsonWriter& writer, const Part& part, bool prefill) {
    if (const auto* text = std::get_if<TextPart>(&part)) {
      // An answer that the model is to go on with must not end in white space.
      std::string_view words = text->text;
      if (prefill) words = words.substr(0, words.find_last_not_of(" \t\r\n") + 1);
      write_text(writer, words, text->cache_mark);
    } else if (const auto* image = std::get_if<ImagePart>(&part)) {
      out_.details = out_.details || (!image->detail.empty() && image->detail != "auto");
      write_image(writer, *image);
    } else if (const auto* file = std::get_if<FilePart>(&part)) {
      return write_file(writer, *file);
    } else if (const auto* call = std::get_if<ToolCallPart>(&part)) {
      write_call(writer, *call);
    } else if (const auto* result = std::get_if<ToolResultPart>(&part)) {
      write_result(writer, *result);
    } else if (const auto* thinking = std::get_if<ThinkingPart>(&part)) {
      write_thinking(writer, *thinking);
    } else if (const auto* refusal = std::get_if<RefusalPart>(&part)) {
      write_text(writer, refusal->text);
    } else if (std::holds_alternative<AudioPart>(part)) {
      return cannot("audio");
    }
    return {};
  }

  void write_thinking(JsonWriter& writer, const ThinkingPart& thinking) {
    if (thinking.signature.empty()) {
      out_.unsigned_thinking = true;
      return;
    }
    writer.begin_object();
    if (thinking.redacted) {
      writer.member("type", "redacted_thinking").member("data", thinking.signature);
    } else {
      writer.member("type", "thinking").member("thinking", thinking.text).member("signature", thinking.signature);
    }
    writer.end_object();
  }

  AnthropicTurns& out_;
  JsonWriter writer_;
  std::string_view role_;
  std::size_t blocks_ = 0;  // messages merged into the open turn
};

bool is_system(const Message& message) {
  return message.role == Role::kSystem || message.role == Role::kDeveloper;
}

std::string write_system(const std::vector<Message>& messages) {
  std::vector<const TextPart*> texts;
  for (const Message& message : messages) {
    if (!is_system(message)) continue;
    for (const Part& part : message.content) {
      if (const auto* text = std::get_if<TextPart>(&part); text != nullptr && !text->text.empty())
        texts.push_back(text);
    }
  }
  std::string out;
  JsonWriter writer(out);
  if (texts.empty()) return out;
  if (texts.size() == 1 && !texts.front()->cache_mark) {
    writer.string(texts.front()->text);
    return out;
  }
  writer.begin_array();
  for (const TextPart* text : texts) write_text(writer, text->text, text->cache_mark);
  writer.end_array();
  return out;
}

}  // namespace

Result<AnthropicTurns> anthropic_turns(const std::vector<Message>& messages) {
  AnthropicTurns out;
  // A conversation of nothing but instructions has no turn to answer: then they are what the user says.
  const bool spoken = std::ranges::any_of(messages, [](const Message& message) { return !is_system(message); });
  if (spoken) out.system = write_system(messages);
  TurnWriter writer(out);
  for (const Message& message : messages) {
    if (!spoken || !is_system(message)) TRY_VOID(writer.add(message, &message == &messages.back()));
  }
  writer.finish();
  return out;
}

bool calls_without_thinking(const std::vector<Message>& messages) {
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    if (message->role == Role::kUser) return false;  // a new question: older turns need no thinking
    if (message->role != Role::kAssistant) continue;
    const bool calls = std::ranges::any_of(message->content,
                                           [](const Part& part) { return std::holds_alternative<ToolCallPart>(part); });
    const bool thinks = std::ranges::any_of(message->content, [](const Part& part) {
      const auto* thinking = std::get_if<ThinkingPart>(&part);
      return thinking != nullptr && !thinking->signature.empty();
    });
    return calls && !thinks;
  }
  return false;
}

}  // namespace orchestra
