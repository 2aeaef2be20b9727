// POST /v1/reason and /v1/translate: README 000's services under the policy of config/hybrid_policy.yaml.
//
//   /v1/reason     {prompt, model?, temperature = 0.7} -> {provider, text, ...}
//   /v1/translate  {text, target, source = "auto"}     -> {provider, text, ...}
//
// Parameters come as a JSON body, as a form or in the query. Answers also tell `model`, `request_id` of the call that
// answered, `confidence` where its provider gives the probabilities of its tokens, `hedged`, and every call that was
// made. With a `model`, that one alone is asked: a name of the catalogue, or of a provider in the policy. A whole
// answer of /v1/reason keeps the budget of its query's class, or x-orchestra-deadline-ms.
#pragma once

#include <memory>

#include "api/member_asker.h"
#include "api/router.h"
#include "domain/hybrid_policy.h"
#include "gateway/gateway.h"
#include "gateway/hybrid.h"
#include "ports/translator.h"

namespace orchestra {

// The services of one loop. Loop-bound; the references outlive it.
class HybridServices {
 public:
  HybridServices(Gateway& gateway, const AskingParts& asking, Translator& translator, BeginLoad begin_load);

  // Requests under way keep what they began with. The budgets of hedges begin anew.
  void set_policy(std::shared_ptr<const HybridPolicy> policy);

  Task<void> reason(ApiRequest& request);
  Task<void> translate(ApiRequest& request);

 private:
  class Serving;

  Gateway& gateway_;
  const AskingParts asking_;
  Translator& translator_;
  const BeginLoad begin_load_;
  std::shared_ptr<const HybridPolicy> policy_;  // shared: the services of all loops and requests under way
  RetryBudget reason_extra_, translate_extra_;
};

// `services` outlives the router.
void add_hybrid_routes(Router& router, HybridServices& services);

}  // namespace orchestra
