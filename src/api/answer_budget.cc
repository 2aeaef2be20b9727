#include "api/answer_budget.h"

namespace orchestra {

std::optional<Micros> answer_budget(const Gateway& gateway, const Call& call) {
  if (call.deadline) return call.deadline;
  const auto query = gateway.classify(call);
  return query ? std::optional<Micros>(query_budget(query->type)) : std::nullopt;
}

}  // namespace orchestra
