// The API's description, compiled in from api/.
#pragma once

#include <string>

namespace orchestra::app {

// api/openapi.yaml as JSON.
std::string openapi_json();
// api/docs.html.
std::string docs_html();

}  // namespace orchestra::app
