#include "dialects/anthropic_error.h"

#include "base/json.h"
#include "dialects/upstream_error.h"

namespace orchestra {
namespace {

std::string_view error_type(Fault fault) {
  switch (fault) {
    case Fault::kUnauthenticated: return "authentication_error";
    case Fault::kForbidden: return "permission_error";
    case Fault::kNotFound: return "not_found_error";
    case Fault::kTooLarge: return "request_too_large";
    case Fault::kRateLimited: return "rate_limit_error";
    case Fault::kTimeout: return "timeout_error";
    case Fault::kUnavailable: return "overloaded_error";
    default: break;
  }
  return http_status(fault) < 500 ? "invalid_request_error" : "api_error";
}

}  // namespace

Error decode_anthropic_error(int status, std::string_view body) {
  UpstreamComplaint complaint;
  if (const auto root = parse_json(body)) {
    if (const json::value* error = find(*root, "error")) {
      complaint.message = find_string(*error, "message").value_or("");
      complaint.type = find_string(*error, "type").value_or("");
    }
  }
  Error error = upstream_error(status, complaint);
  // The dialect has no codes: its types are the only word for what happened.
  if (error.code.empty() && error.fault != Fault::kUpstreamAuth) error.code = clean_message(complaint.type, 64);
  return error;
}

std::string anthropic_error_body(const Error& error, std::string_view request_id) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("type", "error").key("error").begin_object();
  writer.member("type", error_type(error.fault)).member("message", error.what).end_object();
  if (!request_id.empty()) writer.member("request_id", request_id);
  writer.end_object();
  return out;
}

}  // namespace orchestra
