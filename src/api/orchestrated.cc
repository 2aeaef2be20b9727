#include "api/orchestrated.h"

#include <algorithm>

#include "api/answer_budget.h"
#include "api/inference_answer.h"
#include "api/model_inference.h"
#include "api/orchestrated_body.h"

namespace orchestra {
namespace {

constexpr std::string_view kAnyModel = "auto";

std::vector<std::string> planned(const Decision& decision) {
  std::vector<std::string> names;
  for (const Candidate& candidate : decision.plan.order) names.push_back(candidate.model.text);
  return names;
}

// One orchestrated inference. Loop-bound; lives in the frame of `run`.
class Orchestrating {
 public:
  Orchestrating(ApiRequest& request, Gateway& gateway, const AskingParts& parts, const Inference& inference)
      : request_(request), gateway_(gateway), parts_(parts), inference_(inference) {}

  Task<std::string> run(std::string strategy) {
    if (strategy == "ensemble") return ensemble();
    if (strategy == "cascade") return cascade();
    if (strategy == "fallback") return fallback();
    return single(std::move(strategy));
  }

 private:
  const Catalogue& catalogue() const { return *parts_.snapshots.catalogue; }

  // The decision for a model's name, as this request would get it.
  Result<DecisionPtr> decide(std::string_view model, const MemberAsker& asker) const {
    TRY(const auto call, asker.call_for({.model = std::string(model)}, request_.id));
    auto decided = gateway_.decide(call);
    if (decided.refused) return fail(std::move(*decided.refused));
    return decided.decision;
  }

  // What the request names, and behind it the best of all; each in the order of the selection, or by expected cost.
  enum class Order : std::uint8_t { kRank, kCost };
  Result<std::vector<std::string>> choose_members(std::size_t size, Order order) const {
    const MemberAsker asker(request_, parts_, inference_);
    std::vector<std::string> members;
    for (const std::string_view name : {std::string_view(inference_.model), kAnyModel}) {
      auto decision = decide(name, asker);
      // When nobody else can be chosen, whoever was named is alone.
      if (!decision && !members.empty()) break;
      if (!decision) return std::unexpected(std::move(decision).error());
      const auto names = order == Order::kCost ? cheapest_first(**decision, size) : planned(**decision);
      for (const std::string& one : names) {
        if (members.size() < size && std::ranges::find(members, one) == members.end()) members.push_back(one);
      }
      if (members.size() == size) break;
    }
    return members;
  }

  // The limit of the whole.
  Result<std::optional<Micros>> limit() const {
    const MemberAsker asker(request_, parts_, inference_);
    TRY(const auto call, asker.call_for({.model = inference_.model}, request_.id));
    return answer_budget(gateway_, call);
  }

  Task<std::string> ensemble() {
    CO_TRY(auto body, read_ensemble(inference_));
    if (body.wishes.members.empty()) {
      CO_TRY(body.wishes.members, choose_members(body.size, Order::kRank));
    }
    CO_TRY(auto plan, plan_ensemble(std::move(body.wishes)));
    const std::string method(plan.merge->name);
    CO_TRY(const auto limit_of_all, limit());
    MemberAsker asker(request_, parts_, inference_);
    CO_TRY(const auto answer,
           co_await run_ensemble(asker, parts_.clock, std::move(plan), inference_.question, limit_of_all));
    co_return ensemble_json(catalogue(), inference_, answer, method, request_.id);
  }

  Task<std::string> cascade() {
    CO_TRY(auto body, read_cascade(inference_));
    if (body.plan.members.empty()) {
      CO_TRY(body.plan.members, choose_members(body.size, Order::kCost));
    }
    co_return co_await run_plan(std::move(body.plan), "cascade");
  }

  Task<std::string> fallback() {
    CascadePlan plan;
    CO_TRY(plan.members, choose_members(2, Order::kRank));
    co_return co_await run_plan(std::move(plan), "fallback");
  }

  Task<std::string> run_plan(CascadePlan plan, std::string_view strategy) {
    CO_TRY(const auto limit_of_all, limit());
    MemberAsker asker(request_, parts_, inference_);
    CO_TRY(const auto answer,
           co_await run_cascade(asker, parts_.clock, std::move(plan), inference_.question, limit_of_all));
    co_return cascade_json(catalogue(), inference_, answer, strategy, request_.id);
  }

  Task<std::string> single(std::string strategy) {
    MemberAsker asker(request_, parts_, inference_, request_.id);
    asker.choose_by(strategy);
    std::string model(kAnyModel);
    const auto decision = decide(model, asker);
    if (!decision && decision.error().code == "unknown_strategy") {
      asker.choose_by("");
      strategy = "model_id";
      model = inference_.model;
    }
    CO_TRY(const auto limit_of_all, limit());
    CO_TRY(auto reply, co_await asker.ask({.model = std::move(model), .limit = limit_of_all}));
    if (reply.error) co_return fail(std::move(*reply.error));
    co_return answer_json(catalogue(), inference_, reply, strategy);
  }

  ApiRequest& request_;
  Gateway& gateway_;
  const AskingParts& parts_;
  const Inference& inference_;
};

struct Orchestrated {
  Inference inference;
  std::string strategy;
};

Result<Orchestrated> read(std::string_view text, const Catalogue& catalogue) {
  TRY(auto body, JsonBody::parse(text));
  const auto strategy = body.optional_text("strategy");
  auto nested = body.optional_object("request");
  TRY_VOID(body.check());
  TRY(auto inference, read_inference(nested ? *nested : body, kAnyModel, catalogue));
  return Orchestrated{std::move(inference), strategy && !strategy->empty() ? *strategy : "auto"};
}

Task<void> run(ApiRequest& request, Gateway& gateway, AskingParts parts) {
  const auto read_body = read(request.http().body, *parts.snapshots.catalogue);
  if (!read_body) co_return co_await respond_error(request, read_body.error(), parts.clock);
  Orchestrating orchestrating(request, gateway, parts, read_body->inference);
  auto answer = co_await orchestrating.run(read_body->strategy);
  if (!answer) {
    co_return co_await respond_error(request, in_inference_words(std::move(answer.error())), parts.clock);
  }
  co_return co_await respond_json(request, 200, std::move(*answer));
}

}  // namespace

void add_orchestrated_routes(Router& router, Gateway& gateway, const AskingParts& parts) {
  router.add("POST", "/api/inference/orchestrated",
             [&gateway, parts](ApiRequest& request) { return run(request, gateway, parts); });
}

}  // namespace orchestra
