#include "dialects/openai_error.h"

#include <fmt/format.h>

#include "base/json.h"
#include "dialects/upstream_error.h"

namespace orchestra {
namespace {

// A string member, or a number as text: some services send "code": 400.
std::string text_member(const json::value& object, std::string_view key) {
  if (const auto text = find_string(object, key)) return std::string(*text);
  if (const auto number = find_int(object, key)) return fmt::format("{}", *number);
  return {};
}

UpstreamComplaint read_complaint(const json::value& root) {
  UpstreamComplaint complaint;
  const json::value* error = find(root, "error");
  if (error != nullptr && error->is_string()) {
    complaint.message = std::string_view(error->get_string());
    return complaint;
  }
  const json::value& object = error != nullptr && error->is_object() ? *error : root;
  complaint.message = text_member(object, "message");
  if (complaint.message.empty()) complaint.message = text_member(object, "detail");
  complaint.type = text_member(object, "type");
  complaint.code = text_member(object, "code");
  complaint.param = text_member(object, "param");
  return complaint;
}

std::string_view error_type(Fault fault) {
  switch (fault) {
    case Fault::kUnauthenticated: return "authentication_error";
    case Fault::kForbidden: return "permission_error";
    case Fault::kNotFound: return "not_found_error";
    case Fault::kRateLimited: return "rate_limit_error";
    case Fault::kTimeout: return "timeout_error";
    case Fault::kUpstream:
    case Fault::kUpstreamAuth: return "upstream_error";
    default: break;
  }
  return http_status(fault) < 500 ? "invalid_request_error" : "server_error";
}

}  // namespace

Error decode_openai_error(int status, std::string_view body) {
  const auto root = parse_json(body);
  return upstream_error(status, root ? read_complaint(*root) : UpstreamComplaint());
}

std::string openai_error_body(const Error& error, std::string_view request_id) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().key("error").begin_object();
  writer.member("message", error.what);
  writer.member("type", error.code == "insufficient_quota" ? "insufficient_quota" : error_type(error.fault));
  writer.key("param");
  error.param.empty() ? writer.null() : writer.string(error.param);
  writer.member("code", error.code.empty() ? fault_code(error.fault) : std::string_view(error.code));
  writer.end_object();
  if (!request_id.empty()) writer.member("request_id", request_id);
  writer.end_object();
  return out;
}

}  // namespace orchestra
