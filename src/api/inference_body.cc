#include "api/inference_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace orchestra {
namespace {

constexpr std::array<std::string_view, 13> kSentOn{"max_tokens",
                                                   "temperature",
                                                   "top_p",
                                                   "top_k",
                                                   "min_p",
                                                   "stop",
                                                   "seed",
                                                   "logprobs",
                                                   "frequency_penalty",
                                                   "presence_penalty",
                                                   "repeat_penalty",
                                                   "response_format",
                                                   "top_logprobs"};
constexpr std::array<std::string_view, 4> kReadHere{"system", "weights", "ensemble", "cascade"};
// Of the models in README 001's examples, those that look and listen.
constexpr std::array<std::string_view, 2> kOtherSenses{"yolo-v8", "whisper-small"};

std::unexpected<Error> wrong(std::string_view param, std::string what) {
  return fail(Error{
      .fault = Fault::kUnprocessable, .what = std::move(what), .code = "invalid_request", .param = std::string(param)});
}

std::unexpected<Error> later(std::string_view param, std::string_view what) {
  return fail(Error{.fault = Fault::kUnprocessable,
                    .what = fmt::format("{} come with a later version of this server; it answers text now.", what),
                    .code = "task_not_available",
                    .param = std::string(param)});
}

json::value message(std::string_view role, std::string_view content) {
  return json::object{{"role", role}, {"content", content}};
}

Result<json::array> read_messages(const json::array& given) {
  for (const json::value& one : given) {
    if (!find_string(one, "role") || find(one, "content") == nullptr) {
      return wrong("inputs", "An array in \"inputs\" holds messages: objects with \"role\" and \"content\".");
    }
  }
  if (given.empty()) return wrong("inputs", "The array in \"inputs\" is empty: at least one message is needed.");
  return given;
}

Result<json::array> read_inputs(const JsonBody& body) {
  const json::value* inputs = body.members().if_contains("inputs");
  if (inputs != nullptr) {
    if (const auto* text = inputs->if_string(); text != nullptr && !text->empty()) {
      return json::array{message("user", *text)};
    }
    if (const auto* messages = inputs->if_array()) return read_messages(*messages);
    if (inputs->is_object()) {
      if (find(*inputs, "image_path") != nullptr) return later("inputs", "Inputs with \"image_path\"");
      if (find(*inputs, "audio_path") != nullptr) return later("inputs", "Inputs with \"audio_path\"");
      const json::value* messages = find(*inputs, "messages");
      if (messages != nullptr && messages->is_array()) return read_messages(messages->get_array());
      const auto prompt = find_string(*inputs, "prompt");
      const auto text = prompt ? prompt : find_string(*inputs, "text");
      if (text && !text->empty()) return json::array{message("user", *text)};
    }
  }
  return wrong("inputs",
               "The member \"inputs\" is missing or empty: it must be a text, an array of messages, or an object with "
               "\"messages\", \"prompt\" or \"text\".");
}

std::string last_text(const json::array& messages) {
  const json::value& content = *find(messages.back(), "content");
  if (const auto* text = content.if_string()) return std::string(*text);
  std::string text;
  if (const auto* parts = content.if_array()) {
    for (const json::value& part : *parts) text += find_string(part, "text").value_or("");
  }
  return text;
}

// Of multi_objective; what is negative or sums to nothing is refused where it is chosen by.
void read_weights(JsonBody& parameters, Inference& inference) {
  auto given = parameters.optional_object("weights");
  if (!given) return;
  constexpr double kAny = 1e9;
  const auto weight = [&](std::string_view name, std::string_view other) {
    return given->optional_number(given->has(name) ? name : other, -kAny, kAny).value_or(0);
  };
  inference.weights = Weights{.quality = weight("quality", "accuracy"),
                              .latency = weight("latency", "speed"),
                              .cost = weight("cost", "cost"),
                              .resources = weight("resources", "resources")};
  parameters.note(*given);
}

Result<void> read_parameters(JsonBody& body, Inference& inference, json::array& messages) {
  auto given = body.optional_object("parameters");
  if (!given) return body.check();
  given->optional_integer("max_tokens", 1, 10'000'000);
  given->optional_number("temperature", 0, 2);
  given->optional_number("top_p", 0, 1);
  if (const auto system = given->optional_text("system")) messages.insert(messages.begin(), message("system", *system));
  read_weights(*given, inference);
  inference.ensemble = given->optional_object("ensemble");
  inference.cascade = given->optional_object("cascade");
  body.note(*given);
  for (const auto& [name, value] : given->members()) {
    if (std::ranges::find(kReadHere, std::string_view(name)) != kReadHere.end()) continue;
    if (std::ranges::find(kSentOn, std::string_view(name)) == kSentOn.end()) {
      inference.ignored.emplace_back(name);
    } else if (!value.is_null()) {
      inference.chat[name] = value;
    }
  }
  return body.check();
}

}  // namespace

Result<Inference> read_inference(JsonBody& body, std::string_view otherwise, const Catalogue& catalogue) {
  Inference inference;
  inference.model = otherwise.empty() || body.has("model_id") ? body.text("model_id") : std::string(otherwise);
  TRY_VOID(body.check());
  if (std::ranges::find(kOtherSenses, inference.model) != kOtherSenses.end() &&
      !catalogue.by_bare_name.contains(inference.model)) {
    return later("model_id", fmt::format("Models such as {}", inference.model));
  }
  TRY(auto messages, read_inputs(body));
  inference.question = last_text(messages);
  TRY_VOID(read_parameters(body, inference, messages));
  inference.chat["messages"] = std::move(messages);
  return inference;
}

std::string chat_body(const Inference& inference, const Question& question) {
  json::object body;
  if (!question.verdict) body = inference.chat;
  if (question.verdict) {
    body["messages"] = json::array{message("user", question.prompt.value_or(""))};
    body["temperature"] = 0;
  } else if (question.prompt) {
    body["messages"].get_array().back() = message("user", *question.prompt);
  }
  body["model"] = question.model;
  if (question.probabilities) body["logprobs"] = true;
  return json::serialize(body);
}

}  // namespace orchestra
