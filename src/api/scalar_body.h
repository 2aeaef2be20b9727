// The parameters of README 000's services, which come as a JSON body, as a form, or in the query (CONTRACTS 1.1). Pure.
#pragma once

#include <initializer_list>
#include <string_view>

#include "api/json_body.h"
#include "ports/http.h"

namespace orchestra {

// Form and query parameters as members of one JSON object; those in the body win. Parameters named in `numbers` become
// numbers where they are written as such. Errors are those of JsonBody::parse.
Result<JsonBody> read_scalars(const HttpRequest& http, std::initializer_list<std::string_view> numbers);

}  // namespace orchestra
