#include "api/stand_in.h"

#include <algorithm>

#include "api/chat_body.h"
#include "dialects/codec.h"

namespace orchestra {

std::optional<ModelId> stand_in(Gateway& gateway, const Catalogue& catalogue, std::string_view name) {
  if (std::ranges::find(catalogue.aliases, name, &Alias::name) == catalogue.aliases.end()) return std::nullopt;
  Call call;
  call.dialect = Dialect::kOpenAi;
  call.body = chat_body({.model = name});
  call.decode = [](const Call& one) { return codec(one.dialect).decode(one.shape.task, one.body); };
  auto shape = codec(call.dialect).scan(TaskKind::kChat, call.body);
  if (!shape) return std::nullopt;
  call.shape = std::move(*shape);
  call.demand = Demand{.local_only = true};
  const auto decided = gateway.decide(call);
  if (decided.refused || decided.decision->plan.order.empty()) return std::nullopt;
  return decided.decision->plan.order.front().model;
}

}  // namespace orchestra
