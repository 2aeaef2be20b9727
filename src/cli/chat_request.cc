#include "cli/chat_request.h"

namespace orchestra::cli {
namespace {

constexpr std::string_view kTarget = "/v1/chat/completions";

std::string body_of(const ChatRequest& request, bool stream) {
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().member("model", request.model).key("messages").begin_array();
  for (const ChatMessage& message : request.messages) {
    writer.begin_object().member("role", message.role).member("content", message.text).end_object();
  }
  writer.end_array();
  if (request.max_tokens) writer.member("max_tokens", *request.max_tokens);
  if (request.temperature) writer.member("temperature", *request.temperature);
  if (stream) {
    writer.member("stream", true).key("stream_options").begin_object().member("include_usage", true).end_object();
  }
  writer.end_object();
  return body;
}

void take_common(const json::value& value, ChatAnswer& answer) {
  if (const auto model = find_string(value, "model")) answer.model = *model;
  if (const auto* usage = find(value, "usage"); usage != nullptr && usage->is_object()) answer.usage = *usage;
}

const json::value* first_choice(const json::value& value) {
  const json::value* choices = find(value, "choices");
  const auto* array = choices == nullptr ? nullptr : choices->if_array();
  return array == nullptr || array->empty() ? nullptr : &array->front();
}

Result<void> take_event(std::string_view data, ChatAnswer& answer, const ShowText& show) {
  if (data == "[DONE]") return {};
  TRY(const json::value event, parse_json(data));
  if (find(event, "error") != nullptr) return fail(error_in(502, data));
  take_common(event, answer);
  const json::value* choice = first_choice(event);
  if (choice == nullptr) return {};
  if (const auto reason = find_string(*choice, "finish_reason")) answer.finish_reason = *reason;
  const json::value* delta = find(*choice, "delta");
  const auto text = delta == nullptr ? std::nullopt : find_string(*delta, "content");
  if (!text || text->empty()) return {};
  answer.text += *text;
  show(*text);
  return {};
}

}  // namespace

Result<void> stream_chat(ServerApi& api, const ChatRequest& request, const ShowText& show, ChatAnswer& so_far,
                         bool interruptible) {
  SseData sse;
  bool done = false;
  const auto event = [&](std::string_view data) {
    done |= data == "[DONE]";
    return take_event(data, so_far, show);
  };
  const auto take = [&](std::string_view bytes) { return sse.feed(bytes, event); };
  auto streamed = api.stream(kTarget, body_of(request, true), take, interruptible);
  so_far.request_id = api.request_id();
  if (!streamed) return streamed;
  if (!done) return fail(Fault::kUpstream, "The answer broke off before its end.");
  return {};
}

Result<ChatAnswer> ask_chat(ServerApi& api, const ChatRequest& request) {
  TRY(const json::value reply, api.post(kTarget, body_of(request, false), std::chrono::minutes(15)));
  ChatAnswer answer{.request_id = api.request_id()};
  take_common(reply, answer);
  const json::value* choice = first_choice(reply);
  const json::value* message = choice == nullptr ? nullptr : find(*choice, "message");
  if (message == nullptr) return fail(Fault::kUpstream, "The server's answer holds no message.");
  if (const auto text = find_string(*message, "content")) answer.text = *text;
  if (const auto reason = find_string(*choice, "finish_reason")) answer.finish_reason = *reason;
  return answer;
}

Result<void> SseData::feed(std::string_view bytes, const std::function<Result<void>(std::string_view)>& event) {
  for (const char c : bytes) {
    const bool second_half = c == '\n' && after_cr_;
    after_cr_ = c == '\r';
    if (second_half) continue;
    if (c != '\n' && c != '\r') {
      line_ += c;
      continue;
    }
    if (!line_.empty()) {
      if (line_.starts_with("data:")) {
        if (has_data_) data_ += '\n';
        data_ += std::string_view(line_).substr(line_.starts_with("data: ") ? 6 : 5);
        has_data_ = true;
      }
      line_.clear();
      continue;
    }
    if (!has_data_) continue;
    const std::string data = std::exchange(data_, {});
    has_data_ = false;
    TRY_VOID(event(data));
  }
  return {};
}

}  // namespace orchestra::cli
