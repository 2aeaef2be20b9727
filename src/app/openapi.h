// The API's description, compiled in from api/.
#pragma once

#include <string_view>

namespace orchestra::app {

// api/openapi.yaml as JSON.
std::string_view openapi_json();
// api/docs.html.
std::string_view docs_html();

}  // namespace orchestra::app
