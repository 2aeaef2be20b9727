#include "dialects/ollama_encode.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "dialects/json_text.h"

namespace orchestra {
namespace {

std::unexpected<Error> cannot(std::string_view what, std::string_view param) {
  return fail(
      Error{.fault = Fault::kInvalid,
            .what = fmt::format("This model's provider cannot take {}: choose another model or leave it out.", what),
            .code = "unsupported_content",
            .param = std::string(param)});
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::kSystem:
    case Role::kDeveloper: return "system";
    case Role::kUser: return "user";
    case Role::kAssistant: return "assistant";
    case Role::kTool: return "tool";
  }
  return "user";
}

// What all three encoders share: the body, the list of what was left out, and the options.
class Encoder {
 public:
  explicit Encoder(std::string_view path) : writer_(out_.body) { out_.path = path; }

 protected:
  void drop(std::string_view field) {
    if (std::ranges::find(out_.dropped, field) == out_.dropped.end()) out_.dropped.emplace_back(field);
  }
  void drop_if(bool said, std::string_view field) {
    if (said) drop(field);
  }

  void begin(std::string_view model) { writer_.begin_object().member("model", model); }

  void options(const Sampling& sampling) {
    writer_.key("options").begin_object();
    const auto number = [&](std::string_view name, const auto& value) {
      if (value) writer_.member(name, *value);
    };
    number("num_predict", sampling.max_tokens);
    number("temperature", sampling.temperature);
    number("top_p", sampling.top_p);
    number("top_k", sampling.top_k);
    number("min_p", sampling.min_p);
    number("seed", sampling.seed);
    number("frequency_penalty", sampling.frequency_penalty);
    number("presence_penalty", sampling.presence_penalty);
    number("repeat_penalty", sampling.repeat_penalty);
    if (!sampling.stop.empty()) {
      writer_.key("stop").begin_array();
      for (const std::string& stop : sampling.stop) writer_.string(stop);
      writer_.end_array();
    }
    writer_.end_object();
    drop_if(sampling.n && *sampling.n != 1, "n");
    drop_if(sampling.logprobs.value_or(false), "logprobs");
    drop_if(sampling.top_logprobs.has_value(), "top_logprobs");
  }

  Upstream end(const std::string& user, const std::map<std::string, std::string>& extra) {
    writer_.end_object();
    drop_if(!user.empty(), "user");
    for (const auto& [name, text] : extra) drop(name);
    return std::move(out_);
  }

  Upstream out_;
  JsonWriter writer_;
};

class ChatEncoder final : Encoder {
 public:
  explicit ChatEncoder(const ChatRequest& request) : Encoder("/api/chat"), request_(request) {}

  Result<Upstream> run(std::string_view model) {
    begin(model);
    writer_.key("messages").begin_array();
    for (const Message& message : request_.messages) TRY_VOID(add(message));
    writer_.end_array();
    tools();
    format();
    think();
    writer_.member("stream", request_.stream);
    options(request_.sampling);
    return end(request_.user, request_.extra);
  }

 private:
  Result<void> add(const Message& message) {
    drop_if(!message.name.empty() && message.role != Role::kTool, "name");
    bool other = message.content.empty();
    for (const Part& part : message.content) {
      if (const auto* result = std::get_if<ToolResultPart>(&part)) {
        TRY_VOID(tool_result(*result));  // a message of its own here
      } else {
        other = true;
      }
      if (const auto* call = std::get_if<ToolCallPart>(&part)) tool_names_[call->id] = call->name;
    }
    if (!other) return {};
    std::string text;
    std::string thinking;
    std::vector<const ImagePart*> images;
    TRY_VOID(gather(message.content, text, thinking, images));
    writer_.begin_object().member("role", role_name(message.role)).member("content", text);
    if (!thinking.empty()) writer_.member("thinking", thinking);
    write_images(images);
    write_calls(message);
    writer_.end_object();
    return {};
  }

  // Content is one text and a list of images: where an image stood between texts is not said.
  Result<void> gather(const std::vector<Part>& parts, std::string& text, std::string& thinking,
                      std::vector<const ImagePart*>& images) {
    for (const Part& part : parts) {
      if (const auto* words = std::get_if<TextPart>(&part)) {
        if (!text.empty() && !words->text.empty()) text += '\n';
        text += words->text;
        drop_if(words->cache_mark, "cache_control");
      } else if (const auto* image = std::get_if<ImagePart>(&part)) {
        TRY_VOID(add_image(*image, images));
      } else if (const auto* thought = std::get_if<ThinkingPart>(&part)) {
        thinking += thought->text;
        drop_if(!thought->signature.empty(), "thinking_blocks");
      } else if (const auto* refusal = std::get_if<RefusalPart>(&part)) {
        text += refusal->text;
      } else if (std::holds_alternative<AudioPart>(part)) {
        return cannot("audio", "messages");
      } else if (std::holds_alternative<FilePart>(part)) {
        return cannot("files", "messages");
      }
    }
    return {};
  }

  Result<void> add_image(const ImagePart& image, std::vector<const ImagePart*>& images) {
    if (image.base64.empty()) return cannot("images by URL (send them as data: URLs)", "messages");
    drop_if(!image.detail.empty() && image.detail != "auto", "image_url.detail");
    images.push_back(&image);
    return {};
  }

  void write_images(const std::vector<const ImagePart*>& images) {
    if (images.empty()) return;
    writer_.key("images").begin_array();
    for (const ImagePart* image : images) writer_.string(image->base64);
    writer_.end_array();
  }

  void write_calls(const Message& message) {
    bool open = false;
    for (const Part& part : message.content) {
      const auto* call = std::get_if<ToolCallPart>(&part);
      if (call == nullptr) continue;
      if (!open) writer_.key("tool_calls").begin_array();
      open = true;
      writer_.begin_object();
      if (!call->id.empty()) writer_.member("id", call->id);
      writer_.key("function").begin_object().member("name", call->name).key("arguments");
      const auto arguments = parse_json(call->arguments);
      if (arguments && arguments->is_object()) {
        writer_.raw(json_text(*arguments));
      } else {
        // What a model wrote wrongly stays visible to it.
        writer_.begin_object();
        if (!call->arguments.empty()) writer_.member("arguments", call->arguments);
        writer_.end_object();
      }
      writer_.end_object().end_object();
    }
    if (open) writer_.end_array();
  }

  Result<void> tool_result(const ToolResultPart& result) {
    std::string text;
    std::vector<const ImagePart*> images;
    for (const auto& part : result.content) {
      if (const auto* words = std::get_if<TextPart>(&part)) {
        if (!text.empty()) text += '\n';
        text += words->text;
      }
      if (const auto* image = std::get_if<ImagePart>(&part)) TRY_VOID(add_image(*image, images));
    }
    writer_.begin_object().member("role", "tool").member("content", text);
    const auto name = tool_names_.find(result.call_id);
    writer_.member("tool_name", name == tool_names_.end() ? result.call_id : name->second);
    if (!result.call_id.empty()) writer_.member("tool_call_id", result.call_id);
    write_images(images);
    writer_.end_object();
    return {};
  }

  void tools() {
    using enum ToolChoice::Kind;
    const auto& choice = request_.tool_choice;
    // There is no word for "none"; a model that sees no tools calls none.
    const bool hidden = choice && choice->kind == kNone;
    drop_if(choice && (choice->kind == kRequired || choice->kind == kNamed), "tool_choice");
    drop_if(request_.parallel_tool_calls == false, "parallel_tool_calls");
    if (request_.tools.empty() || hidden) return;
    writer_.key("tools").begin_array();
    for (const Tool& tool : request_.tools) {
      drop_if(tool.strict.value_or(false), "tools.strict");
      writer_.begin_object().member("type", "function").key("function").begin_object().member("name", tool.name);
      if (!tool.description.empty()) writer_.member("description", tool.description);
      writer_.key("parameters").raw(tool.parameters.empty() ? R"({"type":"object","properties":{}})" : tool.parameters);
      writer_.end_object().end_object();
    }
    writer_.end_array();
  }

  void format() {
    using enum ResponseFormat::Kind;
    const auto& wanted = request_.response_format;
    if (!wanted || wanted->kind == kText) return;
    writer_.key("format");
    wanted->kind == kJsonSchema && !wanted->schema.empty() ? writer_.raw(wanted->schema) : writer_.string("json");
  }

  void think() {
    drop_if(request_.thinking_budget.has_value(), "thinking_budget");
    const std::string_view effort = request_.reasoning_effort;
    if (effort == "none") {
      writer_.member("think", false);
    } else if (effort == "minimal" || effort == "low") {
      writer_.member("think", "low");
    } else if (effort == "medium") {
      writer_.member("think", "medium");
    } else if (effort == "high" || effort == "xhigh" || effort == "max") {
      writer_.member("think", "high");
    } else {
      if (request_.thinking_budget) writer_.member("think", true);
      drop_if(!effort.empty(), "reasoning_effort");
    }
  }

  const ChatRequest& request_;
  std::map<std::string, std::string> tool_names_;  // by the id of the call
};

class CompletionEncoder final : Encoder {
 public:
  CompletionEncoder() : Encoder("/api/generate") {}

  Result<Upstream> run(const CompletionRequest& request, std::string_view model) {
    if (request.prompts.size() != 1) return cannot("several prompts in one request", "prompt");
    begin(model);
    writer_.member("prompt", request.prompts.front());
    if (!request.suffix.empty()) writer_.member("suffix", request.suffix);
    writer_.member("stream", request.stream);
    options(request.sampling);
    drop_if(request.echo, "echo");
    return end(request.user, request.extra);
  }
};

class EmbeddingEncoder final : Encoder {
 public:
  EmbeddingEncoder() : Encoder("/api/embed") {}

  Result<Upstream> run(const EmbeddingRequest& request, std::string_view model) {
    begin(model);
    writer_.key("input").begin_array();
    for (const std::string& input : request.inputs) writer_.string(input);
    writer_.end_array();
    if (request.dimensions) writer_.member("dimensions", *request.dimensions);
    // A text that is too long is an error, as with OpenAI, and not cut off in silence.
    writer_.member("truncate", false);
    return end(request.user, request.extra);
  }
};

}  // namespace

Result<Upstream> encode_ollama(const Request& request, std::string_view model) {
  if (const auto* chat = std::get_if<ChatRequest>(&request)) return ChatEncoder(*chat).run(model);
  if (const auto* completion = std::get_if<CompletionRequest>(&request))
    return CompletionEncoder().run(*completion, model);
  if (const auto* embedding = std::get_if<EmbeddingRequest>(&request)) return EmbeddingEncoder().run(*embedding, model);
  return fail(Error{.fault = Fault::kInvalid,
                    .what = "This model's provider makes no pictures: choose another model.",
                    .code = "unsupported_task",
                    .param = "model"});
}

}  // namespace orchestra
