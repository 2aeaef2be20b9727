// What is publicly known of models before anybody has asked one: a row of config/models.yaml.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "domain/model_card.h"
#include "domain/task_kind.h"

namespace orchestra {

// `pattern` is a model name, or ends in '*' and matches by prefix; letters of either case are equal. An exact name goes
// before a prefix, a longer prefix before a shorter one.
struct KnownModel {
  std::vector<std::string> providers;
  std::string pattern;
  std::optional<Capabilities> capabilities;
  std::optional<Tokens> context;
  // Shared: every catalogue's models that match the row.
  std::shared_ptr<const ModelCard> card;
};

}  // namespace orchestra
