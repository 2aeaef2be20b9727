// Takes every change without looking at it, and keeps it.
#pragma once

#include <vector>

#include "ports/registry.h"

namespace orchestra {

class FakeRegistry final : public Registry {
 public:
  Task<std::shared_ptr<const ModelRecord>> change(RecordChange change) override {
    changes.push_back(std::move(change));
    if (refuse_with) co_return fail(*refuse_with);
    co_return answer;
  }
  std::vector<RecordChange> changes;
  std::shared_ptr<const ModelRecord> answer = std::make_shared<const ModelRecord>();
  std::optional<Error> refuse_with;
};

}  // namespace orchestra
