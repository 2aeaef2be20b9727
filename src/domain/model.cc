#include "domain/model.h"

#include <algorithm>

namespace orchestra {

Catalogue make_catalogue(std::int64_t version, std::vector<Model> models, std::vector<Alias> aliases) {
  Catalogue catalogue{.version = version, .models = std::move(models), .aliases = std::move(aliases)};
  std::ranges::sort(catalogue.models, {}, &Model::id);
  catalogue.by_id.reserve(catalogue.models.size());
  catalogue.by_bare_name.reserve(catalogue.models.size());
  for (std::size_t i = 0; i < catalogue.models.size(); ++i) {
    const ModelId& id = catalogue.models[i].id;
    catalogue.by_id.emplace(id.text, i);
    catalogue.by_bare_name[std::string(id.name())].push_back(i);
  }
  return catalogue;
}

}  // namespace orchestra
