#include "dialects/openai_reply_encoder.h"

#include <fmt/format.h>

#include <map>

#include "base/json.h"
#include "dialects/base64.h"

namespace orchestra {
namespace {

std::string_view finish_word(FinishReason reason) {
  switch (reason) {
    case FinishReason::kStop:
    case FinishReason::kOther: return "stop";
    case FinishReason::kLength: return "length";
    case FinishReason::kToolCalls: return "tool_calls";
    case FinishReason::kContentFilter: return "content_filter";
  }
  return "stop";
}

void write_usage(JsonWriter& writer, const Usage& usage, TaskKind task) {
  writer.key("usage").begin_object().member("prompt_tokens", usage.input.count);
  if (task != TaskKind::kEmbedding) writer.member("completion_tokens", usage.output.count);
  writer.member("total_tokens", usage.input.count + usage.output.count);
  if (task != TaskKind::kEmbedding) {
    writer.key("prompt_tokens_details").begin_object().member("cached_tokens", usage.cached_input.count);
    writer.member("audio_tokens", usage.audio_input.count);
    if (usage.cache_write.count > 0) writer.member("cache_write_tokens", usage.cache_write.count);
    writer.end_object();
    writer.key("completion_tokens_details").begin_object().member("reasoning_tokens", usage.reasoning.count);
    writer.member("audio_tokens", usage.audio_output.count).end_object();
  }
  writer.end_object();
}

void write_block(JsonWriter& writer, const ThinkingPart& block) {
  writer.begin_object();
  if (block.redacted) {
    writer.member("type", "redacted_thinking").member("data", block.signature);
  } else {
    writer.member("type", "thinking").member("thinking", block.text).member("signature", block.signature);
  }
  writer.end_object();
}

class StreamEncoder final : public ReplyEncoder {
 public:
  explicit StreamEncoder(const ReplyContext& context) : context_(context) {}

  void events(std::span<const Event> events, std::string& out) override {
    for (const Event& event : events) {
      std::visit([&](const auto& value) { write(value, out); }, event);
    }
  }

  void end(std::string& out) override {
    if (context_.include_usage && usage_) {
      out += "data: ";
      JsonWriter writer(out);
      begin(writer);
      writer.end_array();
      write_usage(writer, *usage_, context_.task);
      writer.end_object();
      out += "\n\n";
    }
    out += "data: [DONE]\n\n";
  }

 private:
  struct Choice {
    bool opened = false;
    std::string thinking;  // of the block that is open
  };

  bool chat() const noexcept { return context_.task == TaskKind::kChat; }

  // Up to the open array of choices.
  void begin(JsonWriter& writer) const {
    writer.begin_object().member("id", context_.id);
    writer.member("object", chat() ? "chat.completion.chunk" : "text_completion");
    writer.member("created", context_.created).member("model", context_.model).key("choices").begin_array();
  }

  // One chunk; `fill` writes the members of the delta.
  template <class Fill>
  void chunk(std::string& out, int choice, std::string_view finish, Fill fill) {
    out += "data: ";
    JsonWriter writer(out);
    begin(writer);
    writer.begin_object().member("index", choice);
    if (chat()) writer.key("delta").begin_object();
    fill(writer);
    if (chat()) writer.end_object();
    writer.key("logprobs").null().key("finish_reason");
    finish.empty() ? writer.null() : writer.string(finish);
    writer.end_object().end_array();
    if (context_.include_usage) writer.key("usage").null();
    writer.end_object();
    out += "\n\n";
  }

  Choice& open(int index, std::string& out) {
    Choice& choice = choices_[index];
    if (!choice.opened && chat()) {
      chunk(out, index, {}, [](JsonWriter& writer) { writer.member("role", "assistant").member("content", ""); });
    }
    choice.opened = true;
    return choice;
  }

  void write(const TextEvent& event, std::string& out) {
    open(event.choice, out);
    chunk(out, event.choice, {}, [&](JsonWriter& writer) { writer.member(chat() ? "content" : "text", event.text); });
  }
  void write(const ThinkingEvent& event, std::string& out) {
    if (!chat()) return;
    Choice& choice = open(event.choice, out);
    if (!event.text.empty()) {
      choice.thinking += event.text;
      chunk(out, event.choice, {}, [&](JsonWriter& writer) { writer.member("reasoning_content", event.text); });
    }
    if (event.signature.empty()) return;
    const ThinkingPart block{.text = event.redacted ? std::string() : std::exchange(choice.thinking, {}),
                             .signature = event.signature,
                             .redacted = event.redacted};
    chunk(out, event.choice, {}, [&](JsonWriter& writer) {
      writer.key("thinking_blocks").begin_array();
      write_block(writer, block);
      writer.end_array();
    });
  }
  void write(const ToolCallEvent& event, std::string& out) {
    if (!chat()) return;
    open(event.choice, out);
    chunk(out, event.choice, {}, [&](JsonWriter& writer) {
      writer.key("tool_calls").begin_array().begin_object().member("index", event.index);
      if (!event.id.empty()) writer.member("id", event.id).member("type", "function");
      writer.key("function").begin_object();
      if (!event.name.empty()) writer.member("name", event.name);
      writer.member("arguments", event.arguments).end_object().end_object().end_array();
    });
  }
  void write(const RefusalEvent& event, std::string& out) {
    open(event.choice, out);
    chunk(out, event.choice, {}, [&](JsonWriter& writer) { writer.member(chat() ? "refusal" : "text", event.text); });
  }
  void write(const EmbeddingEvent&, std::string&) {}  // embeddings are never streamed
  void write(const UsageEvent& event, std::string&) { usage_ = event.usage; }
  void write(const FinishEvent& event, std::string& out) {
    open(event.choice, out);
    chunk(out, event.choice, finish_word(event.reason), [&](JsonWriter& writer) {
      if (!chat()) writer.member("text", "");
    });
  }

  ReplyContext context_;
  std::map<int, Choice> choices_;
  std::optional<Usage> usage_;
};

class BodyEncoder final : public ReplyEncoder {
 public:
  explicit BodyEncoder(const ReplyContext& context) : context_(context) {}

  void events(std::span<const Event> events, std::string&) override {
    for (const Event& event : events) {
      std::visit([&](const auto& value) { take(value); }, event);
    }
  }

  void end(std::string& out) override {
    JsonWriter writer(out);
    writer.begin_object();
    if (context_.task == TaskKind::kEmbedding) {
      write_embeddings(writer);
    } else {
      writer.member("id", context_.id);
      writer.member("object", context_.task == TaskKind::kChat ? "chat.completion" : "text_completion");
      writer.member("created", context_.created).member("model", context_.model).key("choices").begin_array();
      for (const auto& [index, choice] : choices_) write_choice(writer, index, choice);
      writer.end_array();
    }
    if (usage_) write_usage(writer, *usage_, context_.task);
    writer.end_object();
  }

 private:
  struct Choice {
    std::string text, thinking, refusal;
    std::size_t open_block = 0;  // where in `thinking` the block that is open begins
    std::vector<ThinkingPart> blocks;
    std::map<int, ToolCallPart> calls;
    FinishReason finish = FinishReason::kStop;
  };

  void take(const TextEvent& event) { choices_[event.choice].text += event.text; }
  void take(const RefusalEvent& event) { choices_[event.choice].refusal += event.text; }
  void take(const ThinkingEvent& event) {
    Choice& choice = choices_[event.choice];
    choice.thinking += event.text;
    if (event.signature.empty()) return;
    choice.blocks.push_back(
        ThinkingPart{.text = event.redacted ? std::string() : choice.thinking.substr(choice.open_block),
                     .signature = event.signature,
                     .redacted = event.redacted});
    choice.open_block = choice.thinking.size();
  }
  void take(const ToolCallEvent& event) {
    ToolCallPart& call = choices_[event.choice].calls[event.index];
    if (!event.id.empty()) call.id = event.id;
    if (!event.name.empty()) call.name = event.name;
    call.arguments += event.arguments;
  }
  void take(const EmbeddingEvent& event) { embeddings_[event.index] = event.vector; }
  void take(const UsageEvent& event) { usage_ = event.usage; }
  void take(const FinishEvent& event) { choices_[event.choice].finish = event.reason; }

  void write_choice(JsonWriter& writer, int index, const Choice& choice) const {
    writer.begin_object().member("index", index);
    if (context_.task == TaskKind::kCompletion) {
      writer.member("text", choice.text);
    } else {
      writer.key("message").begin_object().member("role", "assistant").key("content");
      const bool silent = choice.text.empty() && (!choice.calls.empty() || !choice.refusal.empty());
      silent ? writer.null() : writer.string(choice.text);
      writer.key("refusal");
      choice.refusal.empty() ? writer.null() : writer.string(choice.refusal);
      if (!choice.thinking.empty()) writer.member("reasoning_content", choice.thinking);
      write_blocks(writer, choice);
      write_calls(writer, choice);
      writer.end_object();
    }
    writer.key("logprobs").null().member("finish_reason", finish_word(choice.finish)).end_object();
  }

  static void write_blocks(JsonWriter& writer, const Choice& choice) {
    if (choice.blocks.empty()) return;
    writer.key("thinking_blocks").begin_array();
    for (const ThinkingPart& block : choice.blocks) write_block(writer, block);
    writer.end_array();
  }

  static void write_calls(JsonWriter& writer, const Choice& choice) {
    if (choice.calls.empty()) return;
    writer.key("tool_calls").begin_array();
    for (const auto& [index, call] : choice.calls) {
      writer.begin_object().member("id", call.id).member("type", "function").key("function").begin_object();
      writer.member("name", call.name).member("arguments", call.arguments).end_object().end_object();
    }
    writer.end_array();
  }

  void write_embeddings(JsonWriter& writer) const {
    writer.member("object", "list").key("data").begin_array();
    for (const auto& [index, vector] : embeddings_) {
      writer.begin_object().member("object", "embedding").member("index", index).key("embedding");
      if (context_.base64) {
        writer.string(encode_floats(vector));
      } else {
        writer.begin_array();
        for (const float value : vector) writer.raw(fmt::format("{}", value));
        writer.end_array();
      }
      writer.end_object();
    }
    writer.end_array().member("model", context_.model);
  }

  ReplyContext context_;
  std::map<int, Choice> choices_;
  std::map<int, std::vector<float>> embeddings_;
  std::optional<Usage> usage_;
};

}  // namespace

std::unique_ptr<ReplyEncoder> openai_reply_encoder(const ReplyContext& context) {
  if (context.stream) return std::make_unique<StreamEncoder>(context);
  return std::make_unique<BodyEncoder>(context);
}

}  // namespace orchestra
