#include "dialects/ollama_reply.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ids.h"
#include "dialects/broken_answer.h"
#include "dialects/json_text.h"
#include "dialects/ndjson.h"
#include "dialects/ollama_error.h"

namespace orchestra {
namespace {

class Reading {
 public:
  bool done() const noexcept { return done_; }

  Result<void> read(std::string_view text, std::string_view what, std::vector<Event>& out) {
    const auto root = parse_json(text);
    if (!root || !root->is_object()) return fail(answer_unreadable(what));
    if (find(*root, "error") != nullptr) return fail(decode_ollama_error(0, text));
    if (const json::value* embeddings = find(*root, "embeddings")) return read_embeddings(*root, *embeddings, out);
    if (const json::value* message = find(*root, "message")) read_message(*message, out);
    say(find_string(*root, "thinking"), find_string(*root, "response"), out);
    if (find_bool(*root, "done").value_or(false)) end(*root, out);
    return {};
  }

 private:
  static void say(std::optional<std::string_view> thinking, std::optional<std::string_view> text,
                  std::vector<Event>& out) {
    if (thinking && !thinking->empty()) out.emplace_back(ThinkingEvent{.text = std::string(*thinking)});
    if (text && !text->empty()) out.emplace_back(TextEvent{.text = std::string(*text)});
  }

  void read_message(const json::value& message, std::vector<Event>& out) {
    say(find_string(message, "thinking"), find_string(message, "content"), out);
    const json::value* calls = find(message, "tool_calls");
    if (calls == nullptr || !calls->is_array()) return;
    for (const json::value& call : calls->get_array()) {
      const json::value* function = find(call, "function");
      if (function == nullptr) continue;
      ToolCallEvent event{.index = calls_++,
                          .id = std::string(find_string(call, "id").value_or("")),
                          .name = std::string(find_string(*function, "name").value_or(""))};
      if (event.id.empty()) event.id = fmt::format("call_{:016x}", random_bits());
      const json::value* arguments = find(*function, "arguments");
      const bool spelled = arguments != nullptr && arguments->is_string();
      if (arguments != nullptr && !spelled) event.arguments = json_text(*arguments);
      if (spelled) event.arguments = std::string_view(arguments->get_string());
      if (event.arguments.empty()) event.arguments = "{}";
      out.emplace_back(std::move(event));
    }
  }

  Result<void> read_embeddings(const json::value& root, const json::value& embeddings, std::vector<Event>& out) {
    if (!embeddings.is_array()) return fail(answer_unreadable("an answer"));
    int index = 0;
    for (const json::value& embedding : embeddings.get_array()) {
      if (!embedding.is_array()) return fail(answer_unreadable("an embedding"));
      EmbeddingEvent event{.index = index++};
      event.vector.reserve(embedding.get_array().size());
      for (const json::value& number : embedding.get_array()) {
        if (!number.is_number()) return fail(answer_unreadable("an embedding"));
        event.vector.push_back(number.to_number<float>());
      }
      out.emplace_back(std::move(event));
    }
    done_ = true;
    if (const auto input = count(root, "prompt_eval_count")) {
      out.emplace_back(UsageEvent{Usage{.input = Tokens(*input), .known = true}});
    }
    return {};
  }

  void end(const json::value& root, std::vector<Event>& out) {
    done_ = true;
    const std::string_view reason = find_string(root, "done_reason").value_or("stop");
    FinishEvent finish{.reason = FinishReason::kOther};
    if (reason == "stop" || reason == "load") finish.reason = FinishReason::kStop;
    if (reason == "length") finish.reason = FinishReason::kLength;
    // It has no reason of its own for tools.
    if (calls_ > 0 && finish.reason == FinishReason::kStop) finish.reason = FinishReason::kToolCalls;
    out.emplace_back(std::move(finish));
    // A prompt that was cached whole has no count: then the input is our estimate.
    const auto input = count(root, "prompt_eval_count");
    const auto output = count(root, "eval_count");
    if (!input && !output) return;
    out.emplace_back(UsageEvent{Usage{.input = Tokens(input.value_or(0)),
                                      .output = Tokens(output.value_or(0)),
                                      .known = input.has_value() && output.has_value()}});
  }

  static std::optional<std::int64_t> count(const json::value& root, std::string_view name) {
    constexpr std::int64_t kMostTokens = 10'000'000'000;
    const auto value = find_int(root, name);
    return value && *value >= 0 && *value <= kMostTokens ? value : std::nullopt;
  }

  int calls_ = 0;
  bool done_ = false;
};

class StreamDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, std::vector<Event>& out) override {
    lines_.feed(bytes);
    while (!reading_.done()) {
      TRY(const auto line, lines_.next());
      if (!line) break;
      TRY_VOID(reading_.read(*line, "a line", out));
    }
    return {};
  }

  Result<void> finish(std::vector<Event>& out) override {
    if (reading_.done()) return {};
    if (const auto line = lines_.rest()) {
      // Half a line does not parse: the true reason is that the stream was cut.
      const auto taken = reading_.read(*line, "a line", out);
      if (!taken && taken.error().code != "upstream_invalid_response") return taken;
    }
    if (reading_.done()) return {};
    return fail(answer_broke_off());
  }

 private:
  LineSplitter lines_;
  Reading reading_;
};

class BodyDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, std::vector<Event>&) override {
    if (body_.size() + bytes.size() > kMaxAnswer) return fail(answer_too_large());
    body_ += bytes;
    return {};
  }

  Result<void> finish(std::vector<Event>& out) override {
    Reading reading;
    TRY_VOID(reading.read(body_, "an answer", out));
    if (!reading.done()) return fail(answer_unreadable("an answer"));
    return {};
  }

 private:
  std::string body_;
};

}  // namespace

std::unique_ptr<ReplyDecoder> ollama_reply_decoder(bool stream) {
  if (stream) return std::make_unique<StreamDecoder>();
  return std::make_unique<BodyDecoder>();
}

}  // namespace orchestra
