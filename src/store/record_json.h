// Registered models as the registry's database keeps them: JSON text. Numbers, dates and texts come back as they were.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/model_record.h"

namespace orchestra {

std::string record_to_json(const ModelRecord& record);
// kInvalid when the text is none of ours. Members that are not known, of a newer version, are passed over.
Result<ModelRecord> record_from_json(std::string_view text);

}  // namespace orchestra
