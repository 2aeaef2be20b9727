#include "registry/records.h"

#include <fmt/format.h>

#include <algorithm>

#include "registry/overlay.h"
#include "registry/record_check.h"

namespace orchestra {
namespace {

std::string_view id_of(const RecordPtr& record) {
  return record->id.text;
}

// Everything that `said` says, over what `record` says.
void lay_record(ModelRecord& record, const ModelRecord& said) {
  lay(record.tasks, said.tasks);
  lay(record.features, said.features);
  lay(record.context, said.context);
  lay(record.price, said.price);
  lay(record.display_name, said.display_name);
  lay_shared(record, said);
}

ModelVersion* find_version(ModelRecord& record, std::string_view version) {
  const auto found = std::ranges::find(record.versions, version, &ModelVersion::version);
  return found == record.versions.end() ? nullptr : &*found;
}

void activate(ModelRecord& record, std::string_view version) {
  for (ModelVersion& one : record.versions) one.active = one.version == version;
  record.version = version;
}

class Applying {
 public:
  Applying(const RecordsPtr& records, WallTime now) : records_(records), now_(now) {}

  Result<Changed> operator()(const CreateRecord& change) const {
    if (records_->find(change.fields.id.text)) {
      return fail(
          Error{.fault = Fault::kInvalid,
                .what = fmt::format("The model {} is registered already. Change it with PUT.", change.fields.id.text),
                .param = "model_id"});
    }
    return store(start(change.fields.id), change.fields);
  }

  Result<Changed> operator()(const UpdateRecord& change) const {
    if (change.fields == ModelRecord{.id = change.fields.id}) {
      return fail(Fault::kInvalid, "The update says nothing: name at least one field that is to change.");
    }
    return store(start(change.fields.id), change.fields);
  }

  Result<Changed> operator()(const UpsertRecord& change) const {
    ModelRecord record = start(change.fields.id);
    if (!change.fields.version.empty()) {
      if (!find_version(record, change.fields.version)) {
        record.versions.push_back({.version = change.fields.version, .created = now_});
      }
      activate(record, change.fields.version);
    }
    return store(std::move(record), change.fields);
  }

  Result<Changed> operator()(const RemoveRecord& change) const {
    if (!records_->find(change.id.text)) {
      return fail(Error{.fault = Fault::kNotFound,
                        .what = fmt::format("The model {:.200} is not registered.", change.id.text),
                        .code = "model_not_found"});
    }
    return Changed{.records = std::make_shared<const Records>(records_->without(change.id.text)), .record = nullptr};
  }

  Result<Changed> operator()(const AddVersion& change) const {
    ModelRecord record = start(change.id);
    if (find_version(record, change.version)) {
      return fail(Error{.fault = Fault::kInvalid,
                        .what = fmt::format("The version {:.100} exists already.", change.version),
                        .param = "version"});
    }
    record.versions.push_back({.version = change.version, .path = change.path, .created = now_});
    if (record.versions.size() == 1) activate(record, change.version);
    return store(std::move(record), {});
  }

  Result<Changed> operator()(const ActivateVersion& change) const {
    ModelRecord record = start(change.id);
    if (!find_version(record, change.version)) {
      return fail(Error{.fault = Fault::kNotFound,
                        .what = fmt::format("{} has no version {:.100}.", change.id.text, change.version),
                        .code = "version_not_found",
                        .param = "version"});
    }
    activate(record, change.version);
    return store(std::move(record), {});
  }

 private:
  // The record as it is, or a new one.
  ModelRecord start(const ModelId& id) const {
    const ModelRecord* found = records_->find(id.text);
    return found ? *found : ModelRecord{.id = id, .created = now_};
  }

  Result<Changed> store(ModelRecord record, const ModelRecord& fields) const {
    lay_record(record, fields);
    record.updated = now_;
    TRY_VOID(check_record(record));
    auto kept = std::make_shared<const ModelRecord>(std::move(record));
    return Changed{.records = std::make_shared<const Records>(records_->with(kept)), .record = kept};
  }

  const RecordsPtr& records_;
  WallTime now_;
};

}  // namespace

Records::Records(std::vector<RecordPtr> records) : records_(std::move(records)) {
  std::ranges::sort(records_, {}, id_of);
}

const ModelRecord* Records::find(std::string_view id) const noexcept {
  const auto at = std::ranges::lower_bound(records_, id, {}, id_of);
  return at != records_.end() && id_of(*at) == id ? at->get() : nullptr;
}

Records Records::with(RecordPtr record) const {
  Records out = *this;
  const auto at = std::ranges::lower_bound(out.records_, id_of(record), {}, id_of);
  if (at != out.records_.end() && id_of(*at) == id_of(record)) {
    *at = std::move(record);
  } else {
    out.records_.insert(at, std::move(record));
  }
  return out;
}

Records Records::without(std::string_view id) const {
  Records out = *this;
  std::erase_if(out.records_, [id](const RecordPtr& record) { return id_of(record) == id; });
  return out;
}

Result<Changed> apply(const RecordsPtr& records, const RecordChange& change, WallTime now) {
  return std::visit(Applying(records, now), change);
}

}  // namespace orchestra
