#include "dialects/anthropic_encode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "dialects/anthropic_blocks.h"
#include "dialects/claude_model.h"

namespace orchestra {
namespace {

constexpr std::int64_t kLeastBudget = 1024;  // the API's own limit

// The budget that stands for an effort; nothing for "none" and unknown words.
std::optional<std::int64_t> budget_of(std::string_view effort) {
  if (effort == "minimal" || effort == "low") return kLeastBudget;
  if (effort == "medium") return 4096;
  if (effort == "high") return 16384;
  if (effort == "xhigh" || effort == "max") return 32000;
  return std::nullopt;
}

std::string_view effort_word(std::string_view effort, const ClaudeTraits& traits) {
  if (effort == "minimal") return "low";
  if (effort == "xhigh" && !traits.extra_high_effort) return "high";
  return effort;
}

class Encoder {
 public:
  Encoder(const ChatRequest& request, std::string_view model)
      : request_(request), model_(model), traits_(claude_traits(model)), writer_(out_.body) {}

  Result<Upstream> run() {
    TRY(const AnthropicTurns turns, anthropic_turns(request_.messages));
    if (turns.unsigned_thinking) drop("reasoning_content");
    if (turns.names) drop("name");
    if (turns.details) drop("image_url.detail");
    out_.path = "/v1/messages";
    writer_.begin_object().member("model", model_);
    if (!turns.system.empty()) writer_.key("system").raw(turns.system);
    writer_.key("messages").raw(turns.messages);
    limits_and_thinking();
    sampling();
    tools();
    output_config();
    if (!request_.user.empty()) {
      writer_.key("metadata").begin_object().member("user_id", request_.user).end_object();
    }
    if (request_.stream) writer_.member("stream", true);
    writer_.end_object();
    drop_the_rest();
    return std::move(out_);
  }

 private:
  using Thinking = ClaudeTraits::Thinking;

  void drop(std::string_view field) { out_.dropped.emplace_back(field); }
  void drop_if(bool said, std::string_view field) {
    if (said) drop(field);
  }

  bool forced_tool() const {
    using enum ToolChoice::Kind;
    return !request_.tools.empty() && request_.tool_choice &&
           (request_.tool_choice->kind == kRequired || request_.tool_choice->kind == kNamed);
  }

  void limits_and_thinking() {
    std::optional<std::int64_t> limit = request_.sampling.max_tokens;
    if (limit && *limit <= 0) limit.reset();  // -1: no limit, as some servers read it
    std::optional<std::int64_t> budget = request_.thinking_budget;
    if (!budget) budget = budget_of(request_.reasoning_effort);
    const std::string& effort = request_.reasoning_effort;
    drop_if(!budget && !effort.empty() && effort != "none", "reasoning_effort");
    // The API refuses thinking beside a forced tool, and in the middle of a tool call that began without it.
    const bool refused =
        forced_tool() || (traits_.thinking == Thinking::kBudget && calls_without_thinking(request_.messages));
    const bool no_room = traits_.thinking == Thinking::kBudget && limit && *limit <= kLeastBudget;
    thinking_ = budget && traits_.thinking != Thinking::kNone && !refused && !no_room;
    if (budget && !thinking_) drop(request_.thinking_budget ? "thinking_budget" : "reasoning_effort");

    if (!thinking_ || traits_.thinking == Thinking::kAdaptive) {
      writer_.member("max_tokens", limit.value_or(kAnthropicDefaultMaxTokens));
    }
    if (!thinking_) return;
    if (traits_.thinking == Thinking::kAdaptive) {
      drop_if(request_.thinking_budget.has_value(), "thinking_budget");
      writer_.key("thinking").begin_object().member("type", "adaptive");
      if (traits_.thinking_display) writer_.member("display", "summarized");
      writer_.end_object();
      return;
    }
    // The limit counts thinking too, and the budget must stay below it.
    const std::int64_t granted = std::max(kLeastBudget, limit ? std::min(*budget, *limit - 1) : *budget);
    writer_.member("max_tokens", limit.value_or(kAnthropicDefaultMaxTokens + granted));
    writer_.key("thinking").begin_object().member("type", "enabled").member("budget_tokens", granted).end_object();
  }

  void sampling() {
    const Sampling& sampling = request_.sampling;
    const bool free = traits_.sampling && !thinking_;  // thinking fixes temperature and top_k
    if (sampling.temperature && free) {
      writer_.member("temperature", std::clamp(*sampling.temperature, 0.0, 1.0));
      drop_if(*sampling.temperature > 1.0, "temperature");  // OpenAI's scale ends at 2
    } else {
      drop_if(sampling.temperature && *sampling.temperature != 1.0, "temperature");
    }
    const bool alone = traits_.temperature_and_top_p || !sampling.temperature;
    if (sampling.top_p && free && alone) {
      writer_.member("top_p", *sampling.top_p);
    } else {
      drop_if(sampling.top_p && *sampling.top_p != 1.0, "top_p");
    }
    if (sampling.top_k && free) {
      writer_.member("top_k", *sampling.top_k);
    } else {
      drop_if(sampling.top_k.has_value(), "top_k");
    }
    stop_sequences();
  }

  void stop_sequences() {
    bool open = false;
    bool dropped = false;
    for (const std::string& stop : request_.sampling.stop) {
      // The API refuses sequences of white space only.
      if (stop.find_first_not_of(" \t\r\n") == std::string::npos) {
        dropped = true;
        continue;
      }
      if (!open) writer_.key("stop_sequences").begin_array();
      open = true;
      writer_.string(stop);
    }
    if (open) writer_.end_array();
    drop_if(dropped, "stop");
  }

  void tools() {
    if (request_.tools.empty()) return;
    writer_.key("tools").begin_array();
    bool strict_dropped = false;
    for (const Tool& tool : request_.tools) {
      writer_.begin_object().member("name", tool.name);
      if (!tool.description.empty()) writer_.member("description", tool.description);
      writer_.key("input_schema")
          .raw(tool.parameters.empty() ? R"({"type":"object","properties":{}})" : tool.parameters);
      if (tool.strict.value_or(false)) {
        if (traits_.structured) writer_.member("strict", true);
        strict_dropped = strict_dropped || !traits_.structured;
      }
      writer_.end_object();
    }
    writer_.end_array();
    drop_if(strict_dropped, "tools.strict");
    tool_choice();
  }

  void tool_choice() {
    using enum ToolChoice::Kind;
    const bool one_at_a_time = request_.parallel_tool_calls == false;
    if (!request_.tool_choice && !one_at_a_time) return;
    const ToolChoice choice = request_.tool_choice.value_or(ToolChoice{});
    writer_.key("tool_choice").begin_object();
    switch (choice.kind) {
      case kAuto: writer_.member("type", "auto"); break;
      case kNone: writer_.member("type", "none"); break;
      case kRequired: writer_.member("type", "any"); break;
      case kNamed: writer_.member("type", "tool").member("name", choice.name); break;
    }
    if (one_at_a_time && choice.kind != kNone) writer_.member("disable_parallel_tool_use", true);
    writer_.end_object();
  }

  void output_config() {
    using enum ResponseFormat::Kind;
    const auto& format = request_.response_format;
    const bool schema = format && format->kind == kJsonSchema && !format->schema.empty() && traits_.structured;
    drop_if(format && format->kind != kText && !schema, "response_format");
    const bool effort = thinking_ && traits_.thinking == Thinking::kAdaptive && !request_.reasoning_effort.empty();
    if (!schema && !effort) return;
    writer_.key("output_config").begin_object();
    if (effort) writer_.member("effort", effort_word(request_.reasoning_effort, traits_));
    if (schema) {
      writer_.key("format").begin_object().member("type", "json_schema").key("schema").raw(format->schema).end_object();
    }
    writer_.end_object();
  }

  void drop_the_rest() {
    const Sampling& sampling = request_.sampling;
    drop_if(sampling.n && *sampling.n != 1, "n");
    drop_if(sampling.seed.has_value(), "seed");
    drop_if(sampling.logprobs.value_or(false), "logprobs");
    drop_if(sampling.top_logprobs.has_value(), "top_logprobs");
    drop_if(sampling.frequency_penalty.value_or(0) != 0, "frequency_penalty");
    drop_if(sampling.presence_penalty.value_or(0) != 0, "presence_penalty");
    drop_if(sampling.min_p.has_value(), "min_p");
    drop_if(sampling.repeat_penalty.has_value(), "repeat_penalty");
    for (const auto& [name, text] : request_.extra) drop(name);
  }

  const ChatRequest& request_;
  std::string_view model_;
  ClaudeTraits traits_;
  Upstream out_;
  JsonWriter writer_;
  bool thinking_ = false;
};

}  // namespace

Result<Upstream> encode_anthropic(const Request& request, std::string_view model) {
  if (const auto* chat = std::get_if<ChatRequest>(&request)) return Encoder(*chat, model).run();
  static constexpr std::array<std::string_view, std::variant_size_v<Request>> kOthers{"", "plain completions",
                                                                                      "embeddings", "pictures"};
  return fail(Error{.fault = Fault::kInvalid,
                    .what = fmt::format("This model's provider answers chat only, no {}: choose another model.",
                                        kOthers[request.index()]),
                    .code = "unsupported_task",
                    .param = "model"});
}

}  // namespace orchestra
