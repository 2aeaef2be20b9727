#include "dialects/ollama_error.h"

#include "base/json.h"
#include "dialects/upstream_error.h"

namespace orchestra {

Error decode_ollama_error(int status, std::string_view body) {
  UpstreamComplaint complaint;
  if (const auto root = parse_json(body)) complaint.message = find_string(*root, "error").value_or("");
  return upstream_error(status, complaint);
}

std::string ollama_error_body(const Error& error) {
  std::string out;
  JsonWriter(out).begin_object().member("error", error.what).end_object();
  return out;
}

}  // namespace orchestra
