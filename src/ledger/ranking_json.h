// The parts of a decision that rank again to the same order: features and contenders. The format is in decision_json.h.
#pragma once

#include "domain/plan.h"
#include "ledger/object_reader.h"

namespace orchestra {

// Members "features", and "score" and "contender" of a considered model.
void write_features(JsonWriter& writer, const Features& features);
void write_contender(JsonWriter& writer, const Contender& contender);

Features read_features(ObjectReader reader);
// Of the considered model's row.
Contender read_contender(ObjectReader row);

}  // namespace orchestra
