// Answers in the shape of README 001 (CONTRACTS 2.2): {model_id, outputs, metadata}. Pure.
//
// metadata of every answer: request_id (of the ledger), tokens_generated, generation_time_ms, model_version where it is
// known, finish_reason, cost in US dollars or null where it is not known, confidence where there is one,
// ignored_parameters and dropped_parameters where there are any. Orchestrated ones add orchestration_strategy and
// selected_models, the models that were asked; ensembles ensemble_method, ensemble_size, original_model_ids (the models
// whose answers were merged) and members; cascades checks_passed and steps. The figures of these are the sums over all
// that were asked.
#pragma once

#include <string>
#include <string_view>

#include "api/inference_body.h"
#include "gateway/cascade.h"
#include "gateway/ensemble.h"

namespace orchestra {

// One model's answer; `strategy` is that of an orchestrated one, else empty.
std::string answer_json(const Catalogue& catalogue, const Inference& inference, const Reply& reply,
                        std::string_view strategy = {});
// In a list, one that failed: {model_id, "outputs": "Error during inference", metadata {error, code, status, ...}}.
std::string failed_json(const Reply& reply);
// `request` is the id of the whole; the ledger knows those of its members.
std::string ensemble_json(const Catalogue& catalogue, const Inference& inference, const EnsembleAnswer& answer,
                          std::string_view method, const RequestId& request);
std::string cascade_json(const Catalogue& catalogue, const Inference& inference, const CascadeAnswer& answer,
                         std::string_view strategy, const RequestId& request);

}  // namespace orchestra
