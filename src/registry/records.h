// The registered models and their changes: pure functions on an immutable set.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/model_record.h"

namespace orchestra {

using RecordPtr = std::shared_ptr<const ModelRecord>;  // shared: every set that holds the record

// Immutable; a change makes another set, which shares all records but one.
class Records {
 public:
  Records() = default;
  // Of a store; sorts them.
  explicit Records(std::vector<RecordPtr> records);
  const ModelRecord* find(std::string_view id) const noexcept;
  std::span<const RecordPtr> all() const noexcept { return records_; }  // sorted by id

  // The same set with `record` in the place of the one of its id, or added; without the one of that id.
  Records with(RecordPtr record) const;
  Records without(std::string_view id) const;

 private:
  std::vector<RecordPtr> records_;
};
using RecordsPtr = std::shared_ptr<const Records>;  // shared: the registry and the catalogue's parts

// What a change leads to.
struct Changed {
  RecordsPtr records;
  RecordPtr record;  // null: removed
};

// Refuses what check_record (registry/record_check.h) refuses, and leaves nothing changed then. Further errors:
// kInvalid when a record that is created exists, an update says nothing, or a version exists; kNotFound for the removal
// of what is not registered and for a version that does not exist. The first version of a model is active.
Result<Changed> apply(const RecordsPtr& records, const RecordChange& change, WallTime now);

}  // namespace orchestra
