#include "policy/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "policy/nearest.h"

namespace orchestra {
namespace {

const Alias* find_alias(const Catalogue& catalogue, std::string_view name) noexcept {
  const auto found = std::ranges::find(catalogue.aliases, name, &Alias::name);
  return found == catalogue.aliases.end() ? nullptr : &*found;
}

// The models of a name that is no alias: one by its id, or all that share the bare name.
std::vector<std::size_t> find_models(const Catalogue& catalogue, std::string_view name) {
  for (const auto& spelled : {std::string(name), fmt::format("{}:latest", name)}) {
    if (const auto by_id = catalogue.by_id.find(spelled); by_id != catalogue.by_id.end()) return {by_id->second};
    const auto by_name = catalogue.by_bare_name.find(spelled);
    if (by_name != catalogue.by_bare_name.end() && !by_name->second.empty()) return by_name->second;
  }
  return {};
}

void append_once(std::vector<std::size_t>& models, const std::vector<std::size_t>& more) {
  for (const auto model : more) {
    if (std::ranges::find(models, model) == models.end()) models.push_back(model);
  }
}

// Appends what `name` stands for. A name that is already being expanded means the model of that name, not the alias:
// so an alias may shadow a model and still lead to it, and no cycle runs for ever.
void expand(const Catalogue& catalogue, std::string_view name, std::vector<std::string_view>& path,
            ResolvedName& resolved) {
  const Alias* alias = std::ranges::find(path, name) == path.end() ? find_alias(catalogue, name) : nullptr;
  if (alias != nullptr) {
    path.push_back(name);
    for (const auto& link : alias->chain) expand(catalogue, link, path, resolved);
    path.pop_back();
    return;
  }
  if (name == kAuto) {
    resolved.then_auto = true;
    return;
  }
  const auto models = find_models(catalogue, name);
  append_once(resolved.models, models);
  if (models.empty() && std::ranges::find(resolved.unknown, name) == resolved.unknown.end()) {
    resolved.unknown.emplace_back(name);
  }
}

// Of an alias what it stands for, without `auto`.
std::vector<std::size_t> models_behind(const Catalogue& catalogue, std::string_view name) {
  ResolvedName resolved;
  std::vector<std::string_view> path;
  expand(catalogue, name, path, resolved);
  return resolved.models;
}

// The newest name first.
std::vector<std::size_t> models_that_begin(const Catalogue& catalogue, std::string_view prefix) {
  std::vector<std::size_t> matching;
  for (std::size_t i = catalogue.models.size(); i-- > 0;) {
    const ModelId& id = catalogue.models[i].id;
    if (id.name().starts_with(prefix) || id.text.starts_with(prefix)) matching.push_back(i);
  }
  return matching;
}

std::string quoted_list(const std::vector<std::string>& names) {
  return fmt::format("\"{}\"", fmt::join(names, "\", \""));
}

Error not_found(const Catalogue& catalogue, std::string_view asked) {
  std::vector<std::string_view> known;
  known.reserve(catalogue.aliases.size() + 2 * catalogue.models.size());
  for (const auto& alias : catalogue.aliases) known.push_back(alias.name);
  for (const auto& model : catalogue.models) {
    known.push_back(model.id.text);
    known.push_back(model.id.name());
  }
  const auto nearest = nearest_names(asked, known, 3);
  // A name may be megabytes long; its beginning is enough to recognise it.
  const auto shown = asked.substr(0, 100);
  const auto what =
      !nearest.empty() ? fmt::format("There is no model \"{}\". Did you mean {}?", shown, quoted_list(nearest))
      : catalogue.models.empty() ? fmt::format("There is no model \"{}\": {}", shown, kNoModelAtAll)
                                 : fmt::format("There is no model \"{}\". GET /v1/models lists the {} that are known.",
                                               shown, catalogue.models.size());
  return Error{.fault = Fault::kNotFound, .what = what, .code = "model_not_found", .param = "model"};
}

Error ambiguous(const Catalogue& catalogue, std::string_view asked, const std::vector<std::size_t>& models) {
  std::vector<std::string> ids;
  ids.reserve(models.size());
  for (const auto model : models) ids.push_back(catalogue.models[model].id.text);
  return Error{
      .fault = Fault::kInvalid,
      .what = fmt::format("The name \"{}\" is offered by several providers. Write one of {}.", asked, quoted_list(ids)),
      .code = "ambiguous_model",
      .param = "model"};
}

}  // namespace

ResolvedChain resolve_chain(const Catalogue& catalogue, std::span<const std::string> names) {
  ResolvedChain chain;
  for (const std::string& name : names) {
    const auto models = name.ends_with('*') ? models_that_begin(catalogue, name.substr(0, name.size() - 1))
                                            : models_behind(catalogue, name);
    append_once(chain.models, models);
    if (models.empty()) chain.unknown.push_back(name);
  }
  return chain;
}

Result<ResolvedName> resolve_name(const Catalogue& catalogue, std::string_view asked) {
  ResolvedName resolved;
  if (find_alias(catalogue, asked) != nullptr) {
    resolved.rule = fmt::format("alias {}", asked);
    std::vector<std::string_view> path;
    expand(catalogue, asked, path, resolved);
    return resolved;
  }
  if (asked == kAuto) {
    resolved.rule = kAuto;
    resolved.then_auto = true;
    return resolved;
  }
  resolved.models = find_models(catalogue, asked);
  if (resolved.models.size() > 1) return fail(ambiguous(catalogue, asked, resolved.models));
  if (resolved.models.size() == 1) {
    resolved.named = true;
    resolved.rule = catalogue.models[resolved.models.front()].id.text == asked ? "explicit" : "bare name";
    return resolved;
  }
  return fail(not_found(catalogue, asked));
}

}  // namespace orchestra
