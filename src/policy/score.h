// How `auto` ranks models. Pure.
//
//   score = 2 * fit + 2 * success + 4 * size + price - latency
//   fit      1 when the model is known to do all that the request needs, 0.5 when nothing is known of it
//   success  0 to 1: the measured share of good answers, weighted to the recent past; 1 for a model nobody has asked
//   size     0 to 1, a weak prior of quality: (log10(parameters) - 7) / 5 for a local model, so 10 million are 0, 8
//            billion 0.58, 70 billion 0.77; a remote model, whose size nobody tells, counts as 10 billion (0.6).
//            Embedding models are small by nature: there it is always 0.6
//   price    0.2 / (1 + dollars per million output tokens); 0.2 for local models, 0 where it is unknown
//   latency  0.3 * log2(1 + expected seconds to first content), load time included
//
// So, other things equal: a loaded local model of 8 billion parameters stands before remote ones; one that has to be
// loaded first, or has 3 billion, stands behind them; and a toy of a few million parameters answers only when nothing
// else fits. Open breakers never rank; cooling models rank behind all others. Whoever wants another order names an
// alias "auto".
#pragma once

#include "domain/call.h"
#include "domain/fleet_view.h"
#include "domain/model.h"
#include "policy/select.h"

namespace orchestra {

// What a request needs of a model.
Capabilities needed_capabilities(const Shape& shape) noexcept;
// The part of it that is the task itself.
Capabilities task_capability(TaskKind task) noexcept;
// "tools and images", for a sentence.
std::string capability_words(Capabilities capabilities);

// Expected load of a local model that is not ready, as the fleet says or from its size; 0 for all others.
Micros expected_load(const Model& model, const WorkerView* worker) noexcept;
// Expected time to first content of a loaded model, as measured.
Micros expected_answer(const Model& model, const ModelHealth& health) noexcept;
double auto_score(const Model& model, const ModelHealth& health, Micros expected, Capabilities needed,
                  TaskKind task) noexcept;

}  // namespace orchestra
