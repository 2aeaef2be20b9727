#include "api/model_request_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/model_words.h"
#include "base/ascii.h"
#include "domain/task_words.h"

namespace orchestra {
namespace {

constexpr std::array<std::string_view, 6> kRoles{"SYSTEM", "USER", "ASSISTANT", "FUNCTION", "TOOL", "DEVELOPER"};
// Members that mean the same in both.
constexpr std::array<std::string_view, 6> kShared{"max_tokens",        "temperature",      "top_p",
                                                  "frequency_penalty", "presence_penalty", "stop"};

std::unexpected<Error> wrong(std::string_view param, std::string what) {
  return fail(Error{
      .fault = Fault::kUnprocessable, .what = std::move(what), .code = "invalid_request", .param = std::string(param)});
}

Result<json::array> read_messages(const json::object& body) {
  const json::value* found = body.if_contains("messages");
  const json::array* messages = found != nullptr ? found->if_array() : nullptr;
  if (messages == nullptr || messages->empty()) {
    return wrong("messages", "The member \"messages\" is missing: it must be an array of messages that is not empty.");
  }
  json::array out;
  for (const json::value& message : *messages) {
    const auto role = message.is_object() ? find_string(message, "role") : std::nullopt;
    if (!role || std::ranges::find(kRoles, ascii_uppered(*role)) == kRoles.end()) {
      return wrong("messages", "Every message needs a \"role\": SYSTEM, USER, ASSISTANT, FUNCTION, TOOL or DEVELOPER.");
    }
    json::object copy = message.get_object();
    copy["role"] = ascii_lowered(*role);
    copy.erase("metadata");
    out.push_back(std::move(copy));
  }
  return out;
}

// The name that the line is asked for; empty: the configured default.
std::string asked_model(const std::optional<std::string>& model, const std::string& provider,
                        const Catalogue& catalogue) {
  if (provider.empty()) return model.value_or("");
  if (!model) return "auto";
  const std::string full = provider + "/" + *model;
  // A model that is known keeps its provider (CONTRACTS 3.3); of others the error names the one that was given.
  const bool known = catalogue.by_id.contains(*model) || catalogue.by_bare_name.contains(*model) ||
                     std::ranges::find(catalogue.aliases, *model, &Alias::name) != catalogue.aliases.end();
  return catalogue.by_id.contains(full) || (!known && !model->starts_with(provider + "/")) ? full : *model;
}

std::string_view provider_of(const Model& model) noexcept {
  return model.id.provider();
}

Result<void> check_shared(JsonBody& body) {
  body.optional_integer("max_tokens", 1, 10'000'000);
  body.optional_number("temperature", 0, 2);
  body.optional_number("top_p", 0, 1);
  for (const char* name : {"frequency_penalty", "presence_penalty"}) body.optional_number(name, -2, 2);
  return body.check();
}

Result<void> add_content(TaskKind task, JsonBody& body, json::object& out) {
  switch (task) {
    case TaskKind::kChat: {
      TRY(out["messages"], read_messages(body.members()));
      return {};
    }
    case TaskKind::kCompletion: out["prompt"] = body.text("prompt"); break;
    case TaskKind::kImage: {
      out["prompt"] = body.text("prompt");
      // What is not said is left to the model's service: the words differ from one to the next.
      for (const char* name : {"size", "quality"}) {
        if (const auto word = body.optional_text(name)) out[name] = *word;
      }
      if (const auto n = body.optional_integer("n", 1, 10)) out["n"] = *n;
      break;
    }
    case TaskKind::kEmbedding: {
      const json::value* input = body.members().if_contains("input");
      if (input == nullptr || (!input->is_string() && !input->is_array())) {
        return wrong("input", "The member \"input\" is missing: it must be a text or an array of texts.");
      }
      out["input"] = *input;
      break;
    }
  }
  return body.check();
}

// CONTRACTS 3.1: {object: "embedding", model, data [{index, embedding}], usage}.
std::string embedding_response(const json::object& body, const json::array& data, std::string_view model) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("object", "embedding").member("model", model).key("data").begin_array();
  for (const json::value& one : data) {
    writer.begin_object().member("index", find_int(one, "index").value_or(0)).key("embedding").begin_array();
    const json::value* vector = find(one, "embedding");
    const json::array* numbers = vector != nullptr ? vector->if_array() : nullptr;
    for (const json::value& number : numbers != nullptr ? *numbers : json::array()) {
      boost::system::error_code error;
      writer.number(number.to_number<double>(error));
    }
    writer.end_array().end_object();
  }
  writer.end_array();
  if (const json::value* usage = body.if_contains("usage")) writer.key("usage").raw(json::serialize(*usage));
  writer.end_object();
  return out;
}

// Services add members of their own, such as llama.cpp's timings.
void keep_only(json::object& object, std::initializer_list<std::string_view> names) {
  for (auto at = object.begin(); at != object.end();) {
    const bool known = std::ranges::find(names, std::string_view(at->key())) != names.end();
    at = known ? at + 1 : object.stable_erase(at);
  }
}

json::object* object_in(json::object& object, std::string_view name) {
  json::value* member = object.if_contains(name);
  return member != nullptr ? member->if_object() : nullptr;
}

void tidy_choice(json::object& choice) {
  keep_only(choice, {"index", "message", "text", "finish_reason"});
  json::object* message = object_in(choice, "message");
  if (message == nullptr) return;
  keep_only(*message, {"role", "content", "name", "function_call", "tool_calls", "tool_call_id", "metadata"});
  if (json::value* role = message->if_contains("role"); role != nullptr && role->is_string()) {
    *role = ascii_uppered(std::string_view(role->get_string()));
  }
  message->emplace("metadata", json::object());
}

}  // namespace

Result<ModelRequest> read_model_request(TaskKind task, std::string_view text, const Catalogue& catalogue) {
  TRY(auto body, JsonBody::parse(text));
  const auto model = body.optional_text("model_id");
  const auto named = body.optional_text("provider");
  const auto type = body.optional_text("task_type");
  TRY_VOID(body.check());
  ModelRequest request{.task = task};
  // CUSTOM is no provider in particular.
  const std::string provider = named && ascii_uppered(*named) != "CUSTOM" ? ascii_lowered(*named) : "";
  json::object out;
  if (const auto asked = asked_model(model, provider, catalogue); !asked.empty()) out["model"] = asked;
  if (!model) request.provider = provider;
  if (const auto word = type ? find_task_word(ascii_lowered(*type)) : std::nullopt) request.skills = word->skills;
  if (!provider.empty() && !model &&
      std::ranges::find(catalogue.models, provider, provider_of) == catalogue.models.end()) {
    return fail(Error{.fault = Fault::kInvalid,
                      .what = fmt::format("There is no provider \"{:.60}\" with models here. GET /v1/models lists what "
                                          "there is.",
                                          provider),
                      .code = "invalid_request",
                      .param = "provider"});
  }
  TRY_VOID(check_shared(body));
  for (const std::string_view name : kShared) {
    const json::value* value = body.members().if_contains(name);
    if (value != nullptr && !value->is_null() && answers_text(task)) out[name] = *value;
  }
  TRY_VOID(add_content(task, body, out));
  request.body = json::serialize(out);
  return request;
}

Result<std::string> inner_response(TaskKind task, std::string_view text, std::string_view model) {
  auto value = parse_json(text);
  if (!value || !value->is_object()) {
    return fail(Error{.fault = Fault::kUpstream,
                      .what = "The model's answer is no JSON object.",
                      .code = "upstream_invalid_response"});
  }
  json::object& body = value->get_object();
  const std::string_view name = model.substr(model.find('/') + 1);
  if (task == TaskKind::kImage) return json::serialize(*value);
  if (const json::value* data = body.if_contains("data"); data != nullptr && data->is_array()) {
    return embedding_response(body, data->get_array(), name);
  }
  body["model"] = name;
  keep_only(body, {"id", "object", "created", "model", "choices", "usage"});
  if (json::object* usage = object_in(body, "usage")) {
    keep_only(*usage, {"prompt_tokens", "completion_tokens", "total_tokens"});
  }
  json::value* choices = body.if_contains("choices");
  if (choices == nullptr || !choices->is_array()) return json::serialize(*value);
  for (json::value& choice : choices->get_array()) {
    if (choice.is_object()) tidy_choice(choice.get_object());
  }
  return json::serialize(*value);
}

}  // namespace orchestra
