// Asks the line from inside api/: for resources whose bodies are no dialect's, and for those that ask several models.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/context.h"
#include "domain/call.h"
#include "domain/usage.h"
#include "ports/line.h"

namespace orchestra {

// What came back: the answer in the OpenAI dialect, whole.
struct Asked {
  HttpResponse response;  // status, body, and the fields that go with it (x-request-id, x-orchestra-model, Retry-After)
  std::optional<Error> error;    // what the line ended in, where it was no answer; for respond_error
  std::optional<MicroUsd> cost;  // empty where it is not known
  // The field of that name; empty when it is not there.
  std::string_view field(std::string_view name) const noexcept;
  bool good() const noexcept { return !error; }
};

// A call in the OpenAI dialect, whole answers only: `body` as a client of /v1 would send it. Takes the caller and the
// x-orchestra fields of `request`; a second call of one request gets an id of its own. Errors: kInvalid.
Result<Call> make_call(const ApiRequest& request, RequestId id, TaskKind task, std::string body);

// Walks the line to its end. The error is only that of a caller who left; every other one is in the response.
Task<Asked> ask(Line& line, const Call& call, const Clock& clock);

}  // namespace orchestra
