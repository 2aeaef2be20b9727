#include "api/hybrid_services.h"

#include <algorithm>

#include "api/answer_budget.h"
#include "api/scalar_body.h"
#include "api/translation.h"

namespace orchestra {
namespace {

constexpr std::string_view kLocal = "local";
constexpr double kReasonTemperature = 0.7;

json::object chat_message(std::string_view role, std::string_view content) {
  return {{"role", role}, {"content", content}};
}

RetryBudget extra_budget(const HybridService& service) {
  RetryBudgetOptions options = kHedgeBudget;
  options.percent = service.hedging.extra_percent;
  if (options.percent == 0) options.start = 0;
  return RetryBudget(options);
}

void write_call(JsonWriter& writer, const HybridCall& call, std::string_view provider) {
  const Reply& reply = call.reply;
  writer.begin_object().member("provider", provider).member("model", reply.model).member("request_id", reply.id.text());
  writer.member("cause", cause_name(call.cause));
  writer.member("began_ms", in_milliseconds(call.began));
  writer.member("took_ms", in_milliseconds(reply.took));
  if (reply.error) {
    const bool lost = reply.error->code == "not_needed";
    writer.member("outcome", lost ? "cancelled" : "failed").member("error", reply.error->what);
  } else {
    writer.member("outcome", "answered");
  }
  if (reply.confidence) writer.member("confidence", *reply.confidence);
  if (reply.cost) writer.member("cost_usd", in_usd(*reply.cost));
  writer.end_object();
}

std::string answer_body(const std::vector<std::string>& providers, const HybridAnswer& answer) {
  const HybridCall& chosen = answer.calls[answer.chosen];
  const auto beside = [](const HybridCall& call) {
    return call.cause == AskCause::kLatency || call.cause == AskCause::kLowConfidence;
  };
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().member("provider", providers[chosen.party]).member("text", chosen.reply.text);
  if (chosen.reply.confidence) writer.member("confidence", *chosen.reply.confidence);
  writer.member("model", chosen.reply.model).member("request_id", chosen.reply.id.text());
  if (!chosen.reply.finish_reason.empty()) writer.member("finish_reason", chosen.reply.finish_reason);
  writer.member("hedged", std::ranges::any_of(answer.calls, beside)).key("calls").begin_array();
  for (const HybridCall& call : answer.calls) write_call(writer, call, providers[call.party]);
  writer.end_array().end_object();
  return body;
}

}  // namespace

// One request to a service. Loop-bound; lives in the frame of its handler.
class HybridServices::Serving {
 public:
  Serving(ApiRequest& request, HybridServices& services, const HybridService& service, Inference inference)
      : request_(request),
        services_(services),
        service_(service),
        inference_(std::move(inference)),
        asker_(request, services.asking_, inference_, request.id) {}

  // The providers of the policy; the limit of the whole is that of the header.
  Result<void> prepare(const Translation* translation) {
    for (const HybridProvider& provider : service_.providers) {
      if (provider.engine == HybridEngine::kApertium) {
        TRY_VOID(add_apertium(provider, *translation));
      } else {
        TRY_VOID(add_model(provider.name, provider));
      }
    }
    settle_readiness();
    return {};
  }
  // One model that the caller names, or one provider of the policy.
  Result<void> prepare_named(const std::string& name) {
    const auto known = std::ranges::find(service_.providers, name, &HybridProvider::name);
    if (known != service_.providers.end()) return add_model(known->name, *known);
    return add_model("", {.name = name, .local = false, .ask = name});
  }

  // For the answer's budget by the class of its query.
  Result<std::optional<Micros>> limit(bool by_class) const {
    TRY(const auto call, asker_.call_for({.model = "auto"}, request_.id));
    return by_class ? answer_budget(services_.gateway_, call) : call.deadline;
  }

  Task<std::string> run(RetryBudget& extra, std::optional<Micros> limit) {
    std::vector<std::string> names;
    for (const HybridParty& party : parties_) names.push_back(party.name);
    CO_TRY(const auto answer,
           co_await run_hybrid(services_.asking_.clock, service_, extra, std::move(parties_), limit));
    co_return answer_body(names, answer);
  }

 private:
  HybridParty party_of(const HybridProvider& provider) const {
    return {.name = provider.name,
            .member = {.local = provider.local, .timeout = provider.timeout.value_or(service_.per_call_timeout)}};
  }

  // `name` empty: the provider of the model that would answer. Errors are the request's own.
  Result<void> add_model(std::string_view name, const HybridProvider& provider) {
    HybridParty party = party_of(provider);
    party.asker = &asker_;
    party.question = {.model = provider.ask,
                      .probabilities = service_.hedging.enabled && service_.hedging.on_low_confidence,
                      .only = provider.only,
                      .remote = provider.ask == "auto" && !provider.local && provider.only.empty()};
    TRY(const auto call, asker_.call_for(party.question, request_.id));
    std::optional<ModelId> first;
    if (!provider.unavailable.empty()) {
      party.unavailable =
          Error{.fault = Fault::kUnavailable, .what = provider.unavailable, .code = "provider_not_available"};
    } else {
      Decided decided = services_.gateway_.decide(call);
      party.unavailable = std::move(decided.refused);
      if (!party.unavailable) first = decided.decision->plan.order.front().model;
    }
    if (name.empty()) {
      party.name = first ? std::string(first->provider()) : provider.ask;
      party.member.local = party.name == kLocal;
      if (party.unavailable) return fail(std::move(*party.unavailable));
    }
    if (first && first->provider() == kLocal) look_whether_ready(*first, party.member);
    parties_.push_back(std::move(party));
    return {};
  }

  Result<void> add_apertium(const HybridProvider& provider, const Translation& translation) {
    HybridParty party = party_of(provider);
    auto pair = find_pair(translation, services_.translator_.pairs());
    if (pair) {
      translators_.push_back(std::make_unique<TranslatorAsker>(services_.translator_, services_.asking_.clock,
                                                               std::move(*pair), translation.text));
      party.asker = translators_.back().get();
    } else {
      party.unavailable = std::move(pair).error();
    }
    parties_.push_back(std::move(party));
    return {};
  }

  // A model that is on its way is not begun again.
  void look_whether_ready(const ModelId& model, HybridMember& member) {
    const FleetViewPtr& fleet = services_.asking_.snapshots.fleet;
    const WorkerView* worker = fleet ? fleet->find(model) : nullptr;
    if (worker == nullptr || worker->state == WorkerState::kReady) return;
    member.ready = false;
    if (worker->state == WorkerState::kCold) cold_.push_back(model);
  }

  // A model that is cold is loaded while others answer; the requests after that find it ready.
  void settle_readiness() {
    const bool others =
        std::ranges::any_of(parties_, [](const auto& one) { return !one.unavailable && one.member.ready; });
    if (!others || service_.strategy != HybridStrategy::kLocalFirst) {
      for (HybridParty& party : parties_) party.member.ready = true;
      return;
    }
    for (const ModelId& model : cold_) services_.begin_load_(model);
  }

  ApiRequest& request_;
  HybridServices& services_;
  const HybridService& service_;
  const Inference inference_;
  MemberAsker asker_;
  std::vector<HybridParty> parties_;
  std::vector<ModelId> cold_;
  std::vector<std::unique_ptr<Asker>> translators_;
};

HybridServices::HybridServices(Gateway& gateway, const AskingParts& asking, Translator& translator,
                               BeginLoad begin_load)
    : gateway_(gateway),
      asking_(asking),
      translator_(translator),
      begin_load_(std::move(begin_load)),
      policy_(std::make_shared<const HybridPolicy>()) {}

void HybridServices::set_policy(std::shared_ptr<const HybridPolicy> policy) {
  policy_ = std::move(policy);
  reason_extra_ = extra_budget(policy_->reason);
  translate_extra_ = extra_budget(policy_->translate);
}

Task<void> HybridServices::reason(ApiRequest& request) {
  const auto policy = policy_;
  const auto serve = [&]() -> Task<std::string> {
    CO_TRY(auto body, read_scalars(request.http(), {"temperature"}));
    Inference inference{.question = body.text("prompt")};
    const auto model = body.optional_text("model").value_or("auto");
    inference.chat["temperature"] = body.optional_number("temperature", 0, 2).value_or(kReasonTemperature);
    CO_TRY_VOID(body.check());
    inference.chat["messages"] = json::array{chat_message("user", inference.question)};
    Serving serving(request, *this, policy->reason, std::move(inference));
    CO_TRY_VOID(model.empty() || model == "auto" ? serving.prepare(nullptr) : serving.prepare_named(model));
    CO_TRY(const auto limit, serving.limit(true));
    co_return co_await serving.run(reason_extra_, limit);
  };
  auto answer = co_await serve();
  if (!answer) co_return co_await respond_error(request, answer.error(), asking_.clock);
  co_return co_await respond_json(request, 200, std::move(*answer));
}

Task<void> HybridServices::translate(ApiRequest& request) {
  const auto policy = policy_;
  const auto serve = [&]() -> Task<std::string> {
    CO_TRY(auto body, read_scalars(request.http(), {}));
    Translation translation{.text = body.text("text"), .target = body.text("target")};
    translation.source = body.optional_text("source").value_or("auto");
    CO_TRY_VOID(body.check());
    if (translation.source.empty()) translation.source = "auto";
    CO_TRY_VOID(check_languages(translation));
    Inference inference{.question = translation.text};
    inference.chat["temperature"] = 0;
    inference.chat["messages"] = json::array{chat_message("system", translation_instruction(translation)),
                                             chat_message("user", translation.text)};
    Serving serving(request, *this, policy->translate, std::move(inference));
    CO_TRY_VOID(serving.prepare(&translation));
    CO_TRY(const auto limit, serving.limit(false));
    co_return co_await serving.run(translate_extra_, limit);
  };
  auto answer = co_await serve();
  if (!answer) co_return co_await respond_error(request, answer.error(), asking_.clock);
  co_return co_await respond_json(request, 200, std::move(*answer));
}

void add_hybrid_routes(Router& router, HybridServices& services) {
  router.add("POST", "/v1/reason", [&services](ApiRequest& request) { return services.reason(request); });
  router.add("POST", "/v1/translate", [&services](ApiRequest& request) { return services.translate(request); });
}

}  // namespace orchestra
