// What a model name means. Pure.
//
// In this order: an alias of the configuration (it may shadow a model), `provider/model`, "auto", a bare name that one
// provider offers, and a bare name whose tag ":latest" was left out, as Ollama's users do. A bare name that several
// providers offer is an error that lists them: the caller decides who is paid.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/model.h"

namespace orchestra {

inline constexpr std::string_view kAuto = "auto";
// Of an empty catalogue: how it came to be, and what fills it.
inline constexpr std::string_view kNoModelAtAll =
    "no provider has listed its models yet and no local model was found. Set a provider's key or put a GGUF file into "
    "the model folder.";

struct ResolvedName {
  std::string rule;                  // for Decision::rule
  bool named = false;                // the caller named one model: there is nothing to choose
  std::vector<std::size_t> models;   // indices into the catalogue's models, in order, each once
  bool then_auto = false;            // every other model, by score, behind them
  std::vector<std::string> unknown;  // names in an alias's chain that nothing is known of
};

// kNotFound with code "model_not_found" and the nearest spellings, or kInvalid with code "ambiguous_model".
Result<ResolvedName> resolve_name(const Catalogue& catalogue, std::string_view asked);

struct ResolvedChain {
  std::vector<std::size_t> models;   // indices into the catalogue's models, in order, each once
  std::vector<std::string> unknown;  // names that stand for no model
};
// A class's chain: of each name the models that there are, newest name first where it ends in '*', and of an alias what
// it stands for, without `auto`, which stands behind the chain anyhow. Names that nothing is known of are no error: the
// chain is written for every user, who has some of its providers.
ResolvedChain resolve_chain(const Catalogue& catalogue, std::span<const std::string> names);

}  // namespace orchestra
