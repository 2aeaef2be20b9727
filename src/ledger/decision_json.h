// Decisions as JSON and back, losslessly: a stored decision can be shown, and replayed under another policy.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "domain/plan.h"

namespace orchestra {

// Equal decisions give equal text. Times are integer microseconds, money integer micro-dollars; a price that is unknown
// is null.
//
//   {"asked":"auto","rule":"auto","catalogue_version":7,"fallback_used":false,
//    "features":{"strategy":"adaptive","weights":{...},"query":{"type":"technical","confidence":0.97,
//                "probabilities":[0.01,0.97,0.01,0.01],"complexity":"moderate","complexity_confidence":0.8,
//                "cheap_suffices":0.9},
//                "input_tokens":120,"output_tokens":400,"seed":"17","turn":"0","exploration_usd":0.001},
//    "considered":[{"model":"openai/gpt-4o","verdict":"chosen","reason":"...","score":0.71,
//                   "contender":{"index":3,"draw":1234,"quality":0.92,"success":1,"latency":0.2,"cost":0.4,
//                                "resources":1,"samples":0,"expected_usd":0.003,"busy":0,"context":128000,
//                                "cooling":false,"in_session":false}}],
//    "verdicts":{"chosen":1,"capability":12},
//    "plan":{"order":[{"model":"openai/gpt-4o","form":"relay","reserve_micro_usd":900,"expected_us":0,"load_us":0,
//                      "context_tokens":128000}],
//            "hedge_after_us":0,"max_attempts":3,"attempts_per_candidate":2,"backoff_base_us":100000,
//            "backoff_cap_us":2000000,"budget_us":0,"stream":true,
//            "timeouts":{"connect_us":5000000,"first_content_us":60000000,"idle_us":60000000,"total_us":600000000}}}
// "weights", "query" and "cheap_suffices" stand only where the request had them, "score" and "contender" where a model
// was ranked. "loading" (of the decision a model's id, of a contender true) stands where a local model is loaded while
// others answer. Seed and turn are texts: JSON numbers lose their last digits in many readers. A candidate whose
// provider has time limits of its own has a member "timeouts" too.
std::string decision_to_json(const Decision& decision);

// The inverse. kInvalid names the member that is missing or of the wrong type; unknown members are ignored.
Result<Decision> decision_from_json(std::string_view text);

}  // namespace orchestra
