// Chat requests to the server and their streamed answers, as the command line needs them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cli/server_api.h"

namespace orchestra::cli {

struct ChatMessage {
  std::string role, text;
};

struct ChatRequest {
  std::string model;
  std::vector<ChatMessage> messages;
  std::optional<int> max_tokens;
  std::optional<double> temperature;
};

struct ChatAnswer {
  std::string text, model, finish_reason;
  std::string request_id;  // what `explain` takes
  json::value usage;       // null when the server gave none
};

// Gets each piece of the answer's text as it comes.
using ShowText = std::function<void(std::string_view text)>;

// Sends the request as a stream and collects the answer. On an error or Ctrl-C `so_far` still holds what came.
Result<void> stream_chat(ServerApi& api, const ChatRequest& request, const ShowText& show, ChatAnswer& so_far,
                         bool interruptible);
// The same without streaming.
Result<ChatAnswer> ask_chat(ServerApi& api, const ChatRequest& request);

// Takes a server-sent event stream apart: https://html.spec.whatwg.org/multipage/server-sent-events.html
// Only `data` is of interest here; lines may end in LF, CR LF or CR, and pieces may end anywhere.
class SseData {
 public:
  // Calls `event` with the data of every event that `bytes` completes; stops at its first error.
  Result<void> feed(std::string_view bytes, const std::function<Result<void>(std::string_view data)>& event);

 private:
  std::string line_, data_;
  bool has_data_ = false;
  bool after_cr_ = false;
};

}  // namespace orchestra::cli
