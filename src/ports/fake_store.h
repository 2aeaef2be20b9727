// A store in memory. Loop-bound, unlike the real one.
#pragma once

#include <vector>

#include "ports/store.h"

namespace orchestra {

class FakeStore final : public Store {
 public:
  // What a ledger does when it books.
  void book(StoredRequest request) { requests.push_back(std::move(request)); }

  Task<std::optional<StoredRequest>> request(RequestId id) override {
    if (failing) co_return fail(Fault::kUnavailable, "The database failed.");
    for (const auto& stored : requests) {
      if (stored.opened.id == id) co_return std::optional<StoredRequest>(stored);
    }
    co_return std::optional<StoredRequest>();
  }
  Task<UsageReport> usage(UsageQuery query) override {
    if (failing) co_return fail(Fault::kUnavailable, "The database failed.");
    UsageGrouping grouping(query);
    for (const auto& [opened, settled, decision] : requests) {
      if (opened.at < query.from || opened.at >= query.to) continue;
      if (auto* sums = grouping.find(opened.at, opened.tenant, settled.model, settled.outcome)) {
        sums->add_request(settled.outcome, settled.usage, settled.cost, settled.cost_known, settled.latency);
      }
    }
    co_return grouping.report();
  }
  Task<RequestPage> read(RequestSpan span, TakeRequest take) override {
    if (failing) co_return fail(Fault::kUnavailable, "The database failed.");
    RequestPage page;
    std::size_t i = span.after.empty() ? 0 : std::stoul(span.after);
    for (; i < requests.size() && page.requests < span.most; ++i) {
      const SpendOpened& opened = requests[i].opened;
      if (opened.at < span.from || opened.at >= span.to || (span.tenant && opened.tenant != *span.tenant)) continue;
      take(requests[i]);
      ++page.requests;
    }
    if (i < requests.size()) page.next = std::to_string(i);
    co_return page;
  }

  std::vector<StoredRequest> requests;
  bool failing = false;
};

}  // namespace orchestra
