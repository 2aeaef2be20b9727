// Whether every decision in a ledger ranks again to what it was.
//
//   replay_check DATA/ledger.db
//
// Prints one line per strategy and "N of N equal"; ends with 1 where one is not, and names it.
#include <fmt/format.h>

#include <map>

#include "ledger/decision_json.h"
#include "policy/replay.h"
#include "store/ledger_queries.h"

namespace orchestra {
namespace {

constexpr int kMostNamed = 10;

struct Counts {
  int equal = 0, all = 0;
};

class Check {
 public:
  void take(const StoredRequest& stored) {
    if (stored.decision.empty()) return;
    const auto decision = decision_from_json(stored.decision);
    if (!decision) return differs(stored, "unreadable: " + decision.error().what);
    if (decision_to_json(*decision) != stored.decision) return differs(stored, "other text when it is written again");
    if (decision->plan.order.empty()) {
      ++refused_;
      return;
    }
    Counts& counts = by_strategy_[decision->features.strategy];
    ++counts.all;
    const auto again = replay(*decision);
    if (!again) return differs(stored, again.error().what);
    std::vector<ModelId> planned;
    for (const Candidate& candidate : decision->plan.order) planned.push_back(candidate.model);
    if (again->order != planned) return differs(stored, "another order by " + decision->features.strategy);
    if (decision->considered[again->first].verdict != "chosen") return differs(stored, "another first choice");
    ++counts.equal;
  }

  int report() const {
    Counts sum;
    for (const auto& [strategy, counts] : by_strategy_) {
      fmt::print("{}: {} of {}\n", strategy, counts.equal, counts.all);
      sum.equal += counts.equal;
      sum.all += counts.all;
    }
    fmt::print("refused, so that nothing was ranked: {}\n{} of {} equal\n", refused_, sum.equal, sum.all);
    return sum.equal == sum.all && differing_ == 0 ? 0 : 1;
  }

 private:
  void differs(const StoredRequest& stored, const std::string& how) {
    if (++differing_ <= kMostNamed) fmt::print(stderr, "{}: {}\n", stored.opened.id.text(), how);
  }

  std::map<std::string, Counts> by_strategy_;
  int refused_ = 0, differing_ = 0;
};

Result<int> check(const char* path) {
  TRY(const auto ledger, LedgerQueries::open(path));
  Check all;
  RequestSpan span{.from = WallTime{}, .to = WallTime(std::chrono::years(200)), .tenant = {}, .after = {}};
  do {
    TRY(const RequestPage page, ledger->read(span, [&](const StoredRequest& stored) { all.take(stored); }));
    span.after = page.next;
  } while (!span.after.empty());
  return all.report();
}

}  // namespace
}  // namespace orchestra

int main(int count, char** arguments) {
  if (count != 2) {
    fmt::print(stderr, "usage: replay_check LEDGER.db\n");
    return 2;
  }
  const auto code = orchestra::check(arguments[1]);
  if (code) return *code;
  fmt::print(stderr, "{}\n", code.error().what);
  return 1;
}
