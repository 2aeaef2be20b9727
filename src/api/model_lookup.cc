#include "api/model_lookup.h"

#include <fmt/format.h>

namespace orchestra {

Result<std::size_t> find_model(const Catalogue& catalogue, std::string_view name) {
  const std::string key(name);
  if (const auto found = catalogue.by_id.find(key); found != catalogue.by_id.end()) return found->second;
  const auto bare = catalogue.by_bare_name.find(key);
  if (bare == catalogue.by_bare_name.end()) {
    return fail(
        Error{.fault = Fault::kNotFound,
              .what = fmt::format("There is no model '{:.200}' here. GET /v1/models lists what there is.", name),
              .code = "model_not_found",
              .param = "model_id"});
  }
  if (bare->second.size() == 1) return bare->second.front();
  return fail(
      Error{.fault = Fault::kInvalid,
            .what = fmt::format("Several providers have a model '{:.200}'. Write one with its provider, such as "
                                "{}.",
                                name, catalogue.models[bare->second.front()].id.text),
            .code = "ambiguous_model",
            .param = "model_id"});
}

std::string_view shortest_name(const Catalogue& catalogue, std::size_t model) {
  const ModelId& id = catalogue.models[model].id;
  const std::string_view name = id.name();
  const auto bare = catalogue.by_bare_name.find(std::string(name));
  return bare != catalogue.by_bare_name.end() && bare->second.size() == 1 ? name : std::string_view(id.text);
}

}  // namespace orchestra
