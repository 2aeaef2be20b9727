// What a caller says of a model, read from a JSON body: the fields of README 001, 002 and 004 in one union. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "domain/model_record.h"

namespace orchestra {

// The fields, without the id. Absent and null fields say nothing. Errors are kUnprocessable and name the field: a wrong
// type, a number that is not finite or below 0, a word that is not among the allowed ones, a field that does not exist.
// Fields that only the server sets (id, created_at, health, a status object, ...) are passed over, so that what GET
// answers can be sent back.
Result<ModelRecord> read_model_fields(const json::object& body);

}  // namespace orchestra
