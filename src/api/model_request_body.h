// README 002's request bodies in the OpenAI dialect, and its answers. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/json_body.h"
#include "domain/model.h"

namespace orchestra {

struct ModelRequest {
  TaskKind task = TaskKind::kChat;
  std::string body;      // as a client of /v1 would send it
  std::string provider;  // choose among its models alone; empty: no such wish
  Skills skills = 0;     // of `task_type`
};

// kUnprocessable names the member that is missing or wrong.
Result<ModelRequest> read_model_request(TaskKind task, std::string_view text, const Catalogue& catalogue);

// The inner `response` (CONTRACTS 3.1): the OpenAI answer with roles in upper case, `model` by the name that its
// provider gives it, no members but README 002's, and embeddings in its form. `model` is the id of who answered.
// kUpstream: it is no answer.
Result<std::string> inner_response(TaskKind task, std::string_view body, std::string_view model);

}  // namespace orchestra
