// README 001's inference (CONTRACTS 2.2).
//
//   POST /api/inference/          {model_id, inputs, parameters} to {model_id, outputs, metadata}
//   POST /api/inference/batch     an array of these to an array of those, in the same order; what fails stands in its
//                                 place as an answer with metadata.error
//   POST /api/inference/parallel  {request, model_ids}, or the request's members beside model_ids: one answer per model
//
// The answer names the model that ran, as `provider/model`. Of a list so many are asked at once as kAtOnce.
#pragma once

#include "api/member_asker.h"
#include "api/router.h"

namespace orchestra {

inline constexpr std::size_t kMostInferences = 256;  // of one list
inline constexpr std::size_t kAtOnce = 8;

// Loop-bound; the references outlive the router.
void add_model_inference_routes(Router& router, const AskingParts& parts);

// README 001 says model_id where the line says model.
Error in_inference_words(Error error);

}  // namespace orchestra
