#include "app/openapi.h"

#include "app/embedded.h"

ORCHESTRA_EMBED(openapi_file, ORCHESTRA_OPENAPI)
ORCHESTRA_EMBED(docs_file, ORCHESTRA_DOCS)

namespace orchestra::app {

std::string_view openapi_json() {
  return openapi_file();
}

std::string_view docs_html() {
  return docs_file();
}

}  // namespace orchestra::app
