#include "api/chat_body.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"

namespace orchestra {
namespace {

void write_message(JsonWriter& writer, std::string_view role, std::string_view content) {
  writer.begin_object().member("role", role).member("content", content).end_object();
}

// The mean of the probabilities in choices[].logprobs.content[].
// https://platform.openai.com/docs/api-reference/chat/object
std::optional<double> mean_probability(const json::value& choice) {
  const json::value* logprobs = find(choice, "logprobs");
  const json::value* content = logprobs != nullptr ? find(*logprobs, "content") : nullptr;
  const json::array* tokens = content != nullptr ? content->if_array() : nullptr;
  if (tokens == nullptr || tokens->empty()) return std::nullopt;
  double sum = 0;
  for (const json::value& token : *tokens) {
    const auto logprob = find_number(token, "logprob");
    if (!logprob) return std::nullopt;
    sum += std::exp(std::min(*logprob, 0.0));
  }
  return sum / static_cast<double>(tokens->size());
}

}  // namespace

std::string chat_body(const PlainChat& chat) {
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().member("model", chat.model).key("messages").begin_array();
  if (!chat.system.empty()) write_message(writer, "system", chat.system);
  write_message(writer, "user", chat.prompt);
  writer.end_array();
  if (chat.max_tokens) writer.member("max_tokens", *chat.max_tokens);
  if (chat.temperature) writer.member("temperature", *chat.temperature);
  writer.end_object();
  return body;
}

Result<PlainAnswer> read_answer(std::string_view body) {
  const auto value = parse_json(body);
  const json::value* choices = value ? find(*value, "choices") : nullptr;
  const json::array* list = choices != nullptr ? choices->if_array() : nullptr;
  if (list == nullptr || list->empty()) {
    return fail(Error{
        .fault = Fault::kUpstream, .what = "The model's answer has no choices.", .code = "upstream_invalid_response"});
  }
  const json::value& first = list->front();
  PlainAnswer answer;
  if (const json::value* message = find(first, "message")) {
    answer.text = find_string(*message, "content").value_or("");
  }
  answer.finish_reason = find_string(first, "finish_reason").value_or("");
  answer.confidence = mean_probability(first);
  if (const json::value* usage = find(*value, "usage")) {
    answer.prompt_tokens = find_int(*usage, "prompt_tokens").value_or(0);
    answer.completion_tokens = find_int(*usage, "completion_tokens").value_or(0);
  }
  return answer;
}

}  // namespace orchestra
