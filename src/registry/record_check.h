// What a registered model may say. Pure.
#pragma once

#include "base/result.h"
#include "domain/model_record.h"

namespace orchestra {

// kUnprocessable with the field of the first thing that is wrong:
//   the id is "provider/name" in at most 200 bytes without blanks; the provider is of a-z 0-9 . _ -; the name is none
//   of the words that are paths of their own ("chat", "stable", ...), nor do its first or last segments read like one
//   numbers are finite, not negative and below their limits; quality and rates are 0 to 1
//   dates are YYYY-MM-DD; texts and lists have bounded lengths
//   the path of a version stays below the model folder: relative, without ".."
Result<void> check_record(const ModelRecord& record);

}  // namespace orchestra
