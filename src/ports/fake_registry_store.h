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
