// Files of the repository that are compiled in; made by CMake from embedded.cc.in.
#pragma once

#include <string_view>

namespace orchestra::app {

extern const std::string_view kOpenApiYaml;  // api/openapi.yaml
extern const std::string_view kDocsHtml;     // api/docs.html

}  // namespace orchestra::app
