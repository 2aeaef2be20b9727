// What the header fields of a request say about how it is to be served.
//
//   x-orchestra-deadline-ms   whole milliseconds: the limit of the whole answer
//   x-orchestra-strict        true: a field that the target cannot say is an error
//   x-orchestra-strategy      how a model is chosen for `auto`: a name of policy/strategies/
//   x-orchestra-weights       "quality=0.5, latency=0.2, cost=0.3, resources=0": for multi_objective
//   x-orchestra-task          the kind of work, a word of domain/task_words.h: models that are made for it come first
//   x-orchestra-privacy       "local_only": the request does not leave this machine
//   x-orchestra-providers     "openai, anthropic" allows these alone; "-openai" all but that one
//   x-orchestra-max-cost-usd  what the answer may be expected to cost; a price that is not known is too much
//   x-session-id              any text: requests of one session stay with one model under the strategy "sticky";
//   without
//                             it a conversation is known by its caller and how it began
#pragma once

#include "domain/call.h"
#include "ports/http.h"

namespace orchestra {

// kInvalid names the field and what it may hold.
Result<void> read_call_fields(const HttpRequest& http, Call& call);

// A session of that name and caller. Never 0.
std::uint64_t session_id(const Caller& caller, std::string_view name) noexcept;

}  // namespace orchestra
