#include "dialects/openai_reply_decoder.h"

#include <algorithm>
#include <map>

#include "base/json.h"
#include "dialects/base64.h"
#include "dialects/broken_answer.h"
#include "dialects/json_cursor.h"
#include "dialects/openai_error.h"
#include "dialects/openai_usage.h"
#include "dialects/sse.h"

namespace orchestra {
namespace {

FinishReason finish_reason(std::string_view word) {
  if (word == "stop" || word == "eos") return FinishReason::kStop;
  if (word == "length") return FinishReason::kLength;
  if (word == "tool_calls" || word == "function_call") return FinishReason::kToolCalls;
  if (word == "content_filter") return FinishReason::kContentFilter;
  return FinishReason::kOther;
}

// Turns chunks and bodies into events; keeps what it must know between chunks.
class Reading {
 public:
  Result<void> read(std::string_view text, std::string_view what, std::vector<Event>& out) {
    const auto root = parse_json(text);
    if (!root || !root->is_object()) return fail(answer_unreadable(what));
    const json::value* error = find(*root, "error");
    if ((error != nullptr && !error->is_null()) || find_string(*root, "object") == "error") {
      return fail(decode_openai_error(0, text));
    }
    if (const json::value* choices = find(*root, "choices"); choices != nullptr && choices->is_array()) {
      for (const json::value& choice : choices->get_array()) read_choice(choice, out);
    }
    if (const json::value* data = find(*root, "data"); data != nullptr && data->is_array()) {
      for (const json::value& item : data->get_array()) TRY_VOID(read_embedding(item, out));
    }
    read_usage(text, *root, out);
    return {};
  }

  bool all_finished() const {
    return !choices_.empty() &&
           std::ranges::all_of(choices_, [](const auto& choice) { return choice.second.finished; });
  }

 private:
  struct Choice {
    std::vector<std::string> call_ids;  // by the index of our events
    bool finished = false;
  };

  void read_choice(const json::value& choice, std::vector<Event>& out) {
    const int index = static_cast<int>(std::clamp<std::int64_t>(find_int(choice, "index").value_or(0), 0, 1023));
    Choice& state = choices_[index];
    if (const auto text = find_string(choice, "text"); text && !text->empty()) {
      out.emplace_back(TextEvent{.text = std::string(*text), .choice = index});
    }
    const json::value* said = find(choice, "delta");
    if (said == nullptr || !said->is_object()) said = find(choice, "message");
    if (said != nullptr && said->is_object()) read_delta(*said, index, state, out);
    if (const auto reason = find_string(choice, "finish_reason"); reason && !state.finished) {
      state.finished = true;
      out.emplace_back(FinishEvent{.reason = finish_reason(*reason), .choice = index});
    }
  }

  static void read_delta(const json::value& delta, int index, Choice& state, std::vector<Event>& out) {
    for (const std::string_view key : {"reasoning_content", "reasoning"}) {
      const auto text = find_string(delta, key);
      if (!text || text->empty()) continue;
      out.emplace_back(ThinkingEvent{.text = std::string(*text), .choice = index});
      break;
    }
    read_signatures(delta, index, out);
    if (const auto text = find_string(delta, "content"); text && !text->empty()) {
      out.emplace_back(TextEvent{.text = std::string(*text), .choice = index});
    }
    if (const auto text = find_string(delta, "refusal"); text && !text->empty()) {
      out.emplace_back(RefusalEvent{.text = std::string(*text), .choice = index});
    }
    const json::value* calls = find(delta, "tool_calls");
    if (calls == nullptr || !calls->is_array()) return;
    for (const json::value& call : calls->get_array()) read_call(call, index, state, out);
  }

  // The text of the blocks came before as reasoning_content; only what closes them is new.
  static void read_signatures(const json::value& delta, int index, std::vector<Event>& out) {
    const json::value* blocks = find(delta, "thinking_blocks");
    if (blocks == nullptr || !blocks->is_array()) return;
    for (const json::value& block : blocks->get_array()) {
      const bool redacted = find_string(block, "type") == "redacted_thinking";
      const auto signature = find_string(block, redacted ? "data" : "signature");
      if (!signature || signature->empty()) continue;
      out.emplace_back(ThinkingEvent{.signature = std::string(*signature), .choice = index, .redacted = redacted});
    }
  }

  static void read_call(const json::value& call, int choice, Choice& state, std::vector<Event>& out) {
    const std::string id(find_string(call, "id").value_or(""));
    const json::value* function = find(call, "function");
    const std::string name(function != nullptr ? find_string(*function, "name").value_or("") : "");
    std::string arguments(function != nullptr ? find_string(*function, "arguments").value_or("") : "");
    // Some services send whole calls without an index, or all with index 0: a new id is a new call.
    auto& ids = state.call_ids;
    const auto said = find_int(call, "index");
    const bool continues = said && *said >= 0 && static_cast<std::size_t>(*said) < ids.size() &&
                           (id.empty() || ids[static_cast<std::size_t>(*said)] == id);
    std::size_t index = continues ? static_cast<std::size_t>(*said) : ids.size();
    if (!said && id.empty() && name.empty() && !ids.empty()) index = ids.size() - 1;
    const bool begins = index == ids.size();
    if (begins) ids.push_back(id);
    out.emplace_back(ToolCallEvent{.index = static_cast<int>(index),
                                   .id = begins ? id : std::string(),
                                   .name = begins ? name : std::string(),
                                   .arguments = std::move(arguments),
                                   .choice = choice});
  }

  static Result<void> read_embedding(const json::value& item, std::vector<Event>& out) {
    const json::value* embedding = find(item, "embedding");
    EmbeddingEvent event{
        .index = static_cast<int>(std::clamp<std::int64_t>(find_int(item, "index").value_or(0), 0, 1 << 30))};
    if (embedding != nullptr && embedding->is_string()) {
      auto floats = decode_floats(std::string_view(embedding->get_string()));
      if (!floats) return fail(answer_unreadable("an embedding"));
      event.vector = std::move(*floats);
    } else if (embedding != nullptr && embedding->is_array()) {
      event.vector.reserve(embedding->get_array().size());
      for (const json::value& number : embedding->get_array()) {
        if (!number.is_number()) return fail(answer_unreadable("an embedding"));
        event.vector.push_back(number.to_number<float>());
      }
    } else {
      return {};
    }
    out.emplace_back(std::move(event));
    return {};
  }

  // By the same reader as the relay, so that both book the same counts.
  static void read_usage(std::string_view text, const json::value& root, std::vector<Event>& out) {
    if (find(root, "usage") == nullptr) return;
    JsonCursor cursor(text);
    JsonCursor::Text key;
    Usage usage;
    cursor.enter_object();
    while (cursor.next_member(key)) {
      if (key.raw == "usage") {
        if (read_openai_usage(cursor, usage)) out.emplace_back(UsageEvent{usage});
      } else {
        cursor.skip();
      }
    }
  }

  std::map<int, Choice> choices_;
};

class StreamDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, std::vector<Event>& out) override {
    splitter_.feed(bytes);
    while (!done_) {
      TRY(const auto event, splitter_.next());
      if (!event) break;
      TRY_VOID(take(*event, out));
    }
    return {};
  }

  Result<void> finish(std::vector<Event>& out) override {
    if (done_) return {};
    if (const auto rest = splitter_.rest()) {
      // Half an event does not parse: the stream was cut, which only matters if the answer was not complete.
      const auto taken = take(*rest, out);
      if (!taken && taken.error().code != "upstream_invalid_response") return taken;
    }
    if (done_ || reading_.all_finished()) return {};
    return fail(answer_broke_off());
  }

 private:
  Result<void> take(const SseEvent& event, std::vector<Event>& out) {
    if (!event.has_data || event.data.empty()) return {};
    if (event.data.starts_with("[DONE]")) {
      done_ = true;
      return {};
    }
    if (event.name == "error") return fail(decode_openai_error(0, event.data));
    return reading_.read(event.data, "an event", out);
  }

  SseSplitter splitter_;
  Reading reading_;
  bool done_ = false;
};

class BodyDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, std::vector<Event>&) override {
    if (body_.size() + bytes.size() > kMaxAnswer) return fail(answer_too_large());
    body_ += bytes;
    return {};
  }
  Result<void> finish(std::vector<Event>& out) override { return Reading().read(body_, "an answer", out); }

 private:
  std::string body_;
};

}  // namespace

std::unique_ptr<ReplyDecoder> openai_reply_decoder(bool stream) {
  if (stream) return std::make_unique<StreamDecoder>();
  return std::make_unique<BodyDecoder>();
}

}  // namespace orchestra
