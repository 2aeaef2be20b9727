#include "dialects/anthropic_reply.h"

#include <algorithm>
#include <map>

#include "dialects/anthropic_error.h"
#include "dialects/broken_answer.h"
#include "dialects/json_text.h"
#include "dialects/sse.h"

namespace orchestra {
namespace {

FinishEvent finish_event(const json::value& object) {
  FinishEvent event{.reason = FinishReason::kOther};
  const std::string_view reason = find_string(object, "stop_reason").value_or("");
  if (reason == "end_turn" || reason == "stop_sequence") event.reason = FinishReason::kStop;
  if (reason == "max_tokens" || reason == "model_context_window_exceeded") event.reason = FinishReason::kLength;
  if (reason == "tool_use") event.reason = FinishReason::kToolCalls;
  if (reason == "refusal") event.reason = FinishReason::kContentFilter;
  event.stop_sequence = find_string(object, "stop_sequence").value_or("");
  return event;
}

// Counts as the API spreads them: the input at the start, the output so far in every message_delta.
class Counts {
 public:
  // Each member replaces what was said before; counts that cannot be true are not believed.
  void read(const json::value* usage) {
    if (usage == nullptr) return;
    take(*usage, "input_tokens", plain_);
    take(*usage, "cache_read_input_tokens", read_);
    take(*usage, "cache_creation_input_tokens", written_);
    take(*usage, "output_tokens", output_);
  }
  bool any() const noexcept { return seen_; }
  Usage usage(bool complete) const {
    return Usage{.input = Tokens(plain_ + read_ + written_),
                 .output = Tokens(output_),
                 .cached_input = Tokens(read_),
                 .cache_write = Tokens(written_),
                 .known = complete};
  }

 private:
  void take(const json::value& usage, std::string_view name, std::int64_t& count) {
    constexpr std::int64_t kMostTokens = 10'000'000'000;
    const auto value = find_int(usage, name);
    if (!value || *value < 0 || *value > kMostTokens) return;
    count = *value;
    seen_ = true;
  }

  std::int64_t plain_ = 0, read_ = 0, written_ = 0, output_ = 0;
  bool seen_ = false;
};

struct Block {
  enum class Kind : std::uint8_t { kOther, kText, kThinking, kCall } kind = Kind::kOther;
  int call = 0;            // the index of the call in the answer
  std::string input;       // given whole at the start of a call, if it was
  bool arguments = false;  // a piece of the arguments was passed on
  std::string signature;
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
    if (done_) return {};
    if (!stopped_) return fail(answer_broke_off());
    end(out);
    return {};
  }

 private:
  // The event's name is repeated as the type of its data, which services that copy the API keep more reliably.
  Result<void> take(const SseEvent& event, std::vector<Event>& out) {
    if (!event.has_data || event.data.empty()) return {};
    const auto root = parse_json(event.data);
    const auto type = root ? find_string(*root, "type") : std::nullopt;
    if (!type) return fail(answer_unreadable("an event"));
    if (*type == "error") return fail(decode_anthropic_error(0, event.data));
    if (*type == "message_start") {
      start(*root, out);
    } else if (*type == "content_block_start") {
      return block_start(*root, out);
    } else if (*type == "content_block_delta") {
      return block_delta(*root, out);
    } else if (*type == "content_block_stop") {
      block_stop(block_index(*root), out);
    } else if (*type == "message_delta") {
      message_delta(*root, out);
    } else if (*type == "message_stop") {
      end(out);
    }
    return {};  // ping, and types that are yet to come
  }

  static std::int64_t block_index(const json::value& root) { return find_int(root, "index").value_or(0); }

  void start(const json::value& root, std::vector<Event>& out) {
    const json::value* message = find(root, "message");
    if (message == nullptr) return;
    counts_.read(find(*message, "usage"));
    if (counts_.any()) out.emplace_back(UsageEvent{counts_.usage(false)});
  }

  Result<void> block_start(const json::value& root, std::vector<Event>& out) {
    constexpr std::size_t kMostBlocks = 4096;
    const json::value* content = find(root, "content_block");
    const auto type = content != nullptr ? find_string(*content, "type") : std::nullopt;
    if (!type || blocks_.size() >= kMostBlocks) return fail(answer_unreadable("an event"));
    Block block;
    if (*type == "text") {
      block.kind = Block::Kind::kText;
      if (const auto text = find_string(*content, "text"); text && !text->empty()) {
        out.emplace_back(TextEvent{.text = std::string(*text)});
      }
    } else if (*type == "thinking") {
      block.kind = Block::Kind::kThinking;
      if (const auto text = find_string(*content, "thinking"); text && !text->empty()) {
        out.emplace_back(ThinkingEvent{.text = std::string(*text)});
      }
    } else if (*type == "redacted_thinking") {
      out.emplace_back(
          ThinkingEvent{.signature = std::string(find_string(*content, "data").value_or("")), .redacted = true});
    } else if (*type == "tool_use") {
      block.kind = Block::Kind::kCall;
      block.call = calls_++;
      if (const json::value* input = find(*content, "input"); input != nullptr && input->is_object()) {
        block.input = json_text(*input);
      }
      out.emplace_back(ToolCallEvent{.index = block.call,
                                     .id = std::string(find_string(*content, "id").value_or("")),
                                     .name = std::string(find_string(*content, "name").value_or(""))});
    }
    blocks_[block_index(root)] = std::move(block);
    return {};
  }

  Result<void> block_delta(const json::value& root, std::vector<Event>& out) {
    const json::value* delta = find(root, "delta");
    const auto found = blocks_.find(block_index(root));
    if (delta == nullptr || found == blocks_.end()) return fail(answer_unreadable("an event"));
    Block& block = found->second;
    if (const auto text = find_string(*delta, "text"); text && block.kind == Block::Kind::kText) {
      if (!text->empty()) out.emplace_back(TextEvent{.text = std::string(*text)});
    } else if (const auto thought = find_string(*delta, "thinking"); thought && block.kind == Block::Kind::kThinking) {
      if (!thought->empty()) out.emplace_back(ThinkingEvent{.text = std::string(*thought)});
    } else if (const auto signature = find_string(*delta, "signature")) {
      block.signature += *signature;
    } else if (const auto piece = find_string(*delta, "partial_json"); piece && block.kind == Block::Kind::kCall) {
      if (piece->empty()) return {};
      block.arguments = true;
      out.emplace_back(ToolCallEvent{.index = block.call, .arguments = std::string(*piece)});
    }
    return {};
  }

  void block_stop(std::int64_t index, std::vector<Event>& out) {
    const auto found = blocks_.find(index);
    if (found == blocks_.end()) return;
    Block& block = found->second;
    if (block.kind == Block::Kind::kThinking && !block.signature.empty()) {
      out.emplace_back(ThinkingEvent{.signature = std::move(block.signature)});
    }
    // A call without arguments sends no piece of them; callers expect JSON all the same.
    if (block.kind == Block::Kind::kCall && !block.arguments) {
      out.emplace_back(ToolCallEvent{.index = block.call, .arguments = block.input.empty() ? "{}" : block.input});
    }
    blocks_.erase(found);
  }

  void message_delta(const json::value& root, std::vector<Event>& out) {
    counts_.read(find(root, "usage"));
    const json::value* delta = find(root, "delta");
    if (delta == nullptr || !find_string(*delta, "stop_reason") || stopped_) return;
    close_blocks(out);
    stopped_ = true;
    out.emplace_back(finish_event(*delta));
  }

  // Services that copy the API may leave the stop of a block out.
  void close_blocks(std::vector<Event>& out) {
    while (!blocks_.empty()) block_stop(blocks_.begin()->first, out);
  }

  void end(std::vector<Event>& out) {
    close_blocks(out);
    done_ = true;
    if (!stopped_) out.emplace_back(FinishEvent{});
    if (counts_.any()) out.emplace_back(UsageEvent{counts_.usage(true)});
  }

  SseSplitter splitter_;
  std::map<std::int64_t, Block> blocks_;  // that are open
  Counts counts_;
  int calls_ = 0;
  bool stopped_ = false, done_ = false;
};

class BodyDecoder final : public ReplyDecoder {
 public:
  Result<void> feed(std::string_view bytes, std::vector<Event>&) override {
    if (body_.size() + bytes.size() > kMaxAnswer) return fail(answer_too_large());
    body_ += bytes;
    return {};
  }

  Result<void> finish(std::vector<Event>& out) override {
    const auto root = parse_json(body_);
    if (!root || !root->is_object()) return fail(answer_unreadable("an answer"));
    if (find_string(*root, "type") == "error") return fail(decode_anthropic_error(0, body_));
    const json::value* content = find(*root, "content");
    if (content == nullptr || !content->is_array()) return fail(answer_unreadable("an answer"));
    for (const json::value& block : content->get_array()) read_block(block, out);
    out.emplace_back(finish_event(*root));
    Counts counts;
    counts.read(find(*root, "usage"));
    if (counts.any()) out.emplace_back(UsageEvent{counts.usage(true)});
    return {};
  }

 private:
  void read_block(const json::value& block, std::vector<Event>& out) {
    const std::string_view type = find_string(block, "type").value_or("");
    const auto text = [&block](std::string_view key) { return std::string(find_string(block, key).value_or("")); };
    if (type == "text") {
      out.emplace_back(TextEvent{.text = text("text")});
    } else if (type == "thinking") {
      out.emplace_back(ThinkingEvent{.text = text("thinking"), .signature = text("signature")});
    } else if (type == "redacted_thinking") {
      out.emplace_back(ThinkingEvent{.signature = text("data"), .redacted = true});
    } else if (type == "tool_use") {
      const json::value* input = find(block, "input");
      out.emplace_back(ToolCallEvent{.index = calls_++,
                                     .id = text("id"),
                                     .name = text("name"),
                                     .arguments = input != nullptr ? json_text(*input) : "{}"});
    }
  }

  std::string body_;
  int calls_ = 0;
};

}  // namespace

std::unique_ptr<ReplyDecoder> anthropic_reply_decoder(bool stream) {
  if (stream) return std::make_unique<StreamDecoder>();
  return std::make_unique<BodyDecoder>();
}

}  // namespace orchestra
