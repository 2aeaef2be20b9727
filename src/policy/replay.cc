#include "policy/replay.h"

#include <algorithm>

#include "policy/ranking.h"
#include "policy/strategies/list.h"

namespace orchestra {

Result<Replayed> replay(const Decision& decision, std::string_view strategy) {
  TRY(const Strategy* by, find_strategy(strategy.empty() ? std::string_view(decision.features.strategy) : strategy));
  std::vector<std::size_t> rows;  // of the considered models that were ranked, in the order of the catalogue
  std::ptrdiff_t by_score = 0;    // so many of them did the plan take
  for (std::size_t i = 0; i < decision.considered.size(); ++i) {
    const auto& contender = decision.considered[i].contender;
    if (!contender) continue;
    rows.push_back(i);
    if (contender->position < 0 && decision.considered[i].verdict != "rank") ++by_score;
  }
  if (rows.empty()) return fail(Fault::kInvalid, "The decision kept no models that could be ranked again.");
  std::ranges::sort(rows, {}, [&](std::size_t row) { return decision.considered[row].contender->model; });
  std::vector<Contender> contenders;
  contenders.reserve(rows.size());
  for (const auto row : rows) contenders.push_back(*decision.considered[row].contender);
  const auto order = rank(*by, decision.features, contenders, contenders.size());
  Replayed replayed{.first = rows[order.front()]};
  for (const auto index : order) {
    if (contenders[index].position >= 0 || by_score-- > 0) {
      replayed.order.push_back(decision.considered[rows[index]].model);
    }
  }
  return replayed;
}

}  // namespace orchestra
