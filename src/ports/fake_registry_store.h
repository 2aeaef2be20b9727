// A registry store in memory. It survives the registry that uses it, as a file would.
#pragma once

#include <algorithm>

#include "ports/registry_store.h"

namespace orchestra {

class FakeRegistryStore final : public RegistryStore {
 public:
  Result<RegistryContents> load() override {
    if (failing) return broken();
    return contents;
  }
  Task<void> save(std::vector<ModelRecord> records, std::vector<ModelId> removed) override {
    CO_TRY_VOID(co_await sleep_until(TimePoint()));  // like a disk, it answers later
    if (failing) co_return broken();
    for (const ModelRecord& record : records) {
      std::erase_if(contents.records, [&](const ModelRecord& one) { return one.id == record.id; });
      contents.records.push_back(record);
    }
    std::erase_if(contents.records, [&](const ModelRecord& one) { return holds(removed, one.id); });
    ++saves;
    co_return Result<void>();
  }
  Task<void> save_performance(std::vector<PerformanceRow> rows, std::vector<std::string> forgotten) override {
    CO_TRY_VOID(co_await sleep_until(TimePoint()));  // like a disk, it answers later
    if (failing) co_return broken();
    std::erase_if(contents.performance, [&](const PerformanceRow& one) {
      return holds(forgotten, one.subject) || std::ranges::any_of(rows, [&](const PerformanceRow& row) {
               return row.subject == one.subject && row.key == one.key;
             });
    });
    contents.performance.insert(contents.performance.end(), rows.begin(), rows.end());
    ++saves;
    co_return Result<void>();
  }

  Task<void> save_outcomes(OutcomeChanges changes) override {
    CO_TRY_VOID(co_await sleep_until(TimePoint()));  // like a disk, it answers later
    if (failing) co_return broken();
    for (QueryOutcome& outcome : changes.kept) {
      std::erase_if(kept, [&](const QueryOutcome& one) { return one.id == outcome.id; });
      kept.push_back(std::move(outcome));
    }
    for (const OutcomeSignal& signal : changes.signals) {
      const auto found = std::ranges::find(kept, signal.id, &QueryOutcome::id);
      if (found != kept.end()) apply(signal, *found);
    }
    if (kept.size() > changes.most) kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(changes.most));
    co_return Result<void>();
  }
  Task<std::vector<QueryOutcome>> outcomes() override {
    CO_TRY_VOID(co_await sleep_until(TimePoint()));
    if (failing) co_return broken();
    co_return kept;
  }

  std::vector<QueryOutcome> kept;
  RegistryContents contents;
  bool failing = false;
  int saves = 0;

 private:
  template <class T>
  static bool holds(const std::vector<T>& all, const T& one) {
    return std::ranges::find(all, one) != all.end();
  }
  static std::unexpected<Error> broken() { return fail(Fault::kUnavailable, "The registry's database failed."); }
};

}  // namespace orchestra
