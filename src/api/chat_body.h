// The bodies of plain chats in the OpenAI dialect, as the READMEs' simpler resources need them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace orchestra {

struct PlainChat {
  std::string_view model = "auto";
  std::string_view system;  // empty: none
  std::string_view prompt;
  std::optional<std::int64_t> max_tokens;
  std::optional<double> temperature;
};
std::string chat_body(const PlainChat& chat);

struct PlainAnswer {
  std::string text;
  std::int64_t prompt_tokens = 0, completion_tokens = 0;
  std::string finish_reason;
  std::optional<double> confidence;  // the mean probability of its tokens, where they are in the answer
};
// Of a whole chat completion. kUpstream: it is none.
Result<PlainAnswer> read_answer(std::string_view body);

}  // namespace orchestra
