// README 001's inference requests (CONTRACTS 2.2) in the OpenAI dialect. Pure.
//
//   model_id    a name, or "auto"
//   inputs      a text, which is a chat of one message; an array of messages {role, content}; or an object with
//               "messages", "prompt" or "text". Pictures and sounds (image_path, audio_path) are a later version's.
//   parameters  what /v1/chat/completions knows goes there (max_tokens, temperature, top_p, top_k, stop, seed,
//               response_format, ...); "system" is a message before the others; "weights" {quality or accuracy, latency
//               or speed, cost, resources} are for the strategy multi_objective; "ensemble" and "cascade" are read by
//               /api/inference/orchestrated; every other name is told to the caller as ignored
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_body.h"
#include "domain/demand.h"
#include "domain/model.h"
#include "gateway/asker.h"

namespace orchestra {

struct Inference {
  std::string model;
  json::object chat;     // a body of /v1/chat/completions, but for the model
  std::string question;  // the last message's text: what judges are shown
  std::optional<Weights> weights;
  std::optional<JsonBody> ensemble, cascade;
  std::vector<std::string> ignored;  // names of parameters
};

// Without a model_id it is `otherwise`; where that is empty, it must be there. kUnprocessable names the member that is
// missing or wrong, or says that the task comes with a later version.
Result<Inference> read_inference(JsonBody& body, std::string_view otherwise, const Catalogue& catalogue);

// The body that asks `question.model`: the request as it is, with the question's prompt in place of its last message,
// or the prompt alone.
std::string chat_body(const Inference& inference, const Question& question);

}  // namespace orchestra
