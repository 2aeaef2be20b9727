// What an operator said of a model, and the changes to it: the registry's own records.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/model.h"

namespace orchestra {

// A registered model. What was not said is empty: then what is publicly known counts, else what its provider lists.
struct ModelRecord {
  ModelId id;
  std::optional<Capabilities> tasks;     // within kTaskCapabilities
  std::optional<Capabilities> features;  // outside of it
  std::optional<Tokens> context;
  Price price;
  std::optional<double> cost_per_token;  // README 002's, in USD; the prices above are set from it as well
  std::string display_name, family, version, type, description, currency;
  std::optional<Maturity> maturity;
  std::optional<bool> active, fast, on_gpu, on_cpu;
  std::optional<Skills> skills;
  std::optional<double> megabytes, million_parameters;
  std::string quantization;
  ClaimedPerformance claimed;
  ModelLimits limits;
  std::optional<std::vector<std::string>> tags, recommended_for, not_recommended_for;
  std::string release_date, deprecation_date;
  std::string metadata, configuration;  // JSON objects as text
  std::vector<ModelVersion> versions;   // at most one is active
  WallTime created{}, updated{};
  friend bool operator==(const ModelRecord&, const ModelRecord&) = default;
};

// One change of the records. `fields` holds what is said; what it leaves empty stays as it is.
struct CreateRecord {
  ModelRecord fields;
};
struct UpdateRecord {  // of a record, or the first words on a model that its provider lists
  ModelRecord fields;
};
struct UpsertRecord {  // README 001: creates or updates
  ModelRecord fields;
};
struct RemoveRecord {
  ModelId id;
};
struct AddVersion {
  ModelId id;
  std::string version, path;
};
struct ActivateVersion {
  ModelId id;
  std::string version;
};
using RecordChange = std::variant<CreateRecord, UpdateRecord, UpsertRecord, RemoveRecord, AddVersion, ActivateVersion>;

}  // namespace orchestra
