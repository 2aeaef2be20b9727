#include "base/result.h"

namespace orchestra {

int http_status(Fault fault) noexcept {
  switch (fault) {
    case Fault::kInvalid: return 400;
    case Fault::kUnauthenticated: return 401;
    case Fault::kForbidden: return 403;
    case Fault::kNotFound: return 404;
    case Fault::kMethodNotAllowed: return 405;
    case Fault::kConflict: return 409;
    case Fault::kTooLarge: return 413;
    case Fault::kUnsupported: return 415;
    case Fault::kUnprocessable: return 422;
    case Fault::kRateLimited: return 429;
    case Fault::kHeadersTooLarge: return 431;
    case Fault::kCancelled: return 499;
    case Fault::kInternal: return 500;
    case Fault::kUpstream: return 502;
    case Fault::kUpstreamAuth: return 502;
    case Fault::kUnavailable: return 503;
    case Fault::kTimeout: return 504;
    case Fault::kNoMemory: return 507;
  }
  return 500;
}

std::string_view fault_code(Fault fault) noexcept {
  switch (fault) {
    case Fault::kInvalid: return "invalid_request";
    case Fault::kUnauthenticated: return "authentication_error";
    case Fault::kForbidden: return "permission_denied";
    case Fault::kNotFound: return "not_found";
    case Fault::kMethodNotAllowed: return "method_not_allowed";
    case Fault::kConflict: return "conflict";
    case Fault::kTooLarge: return "request_too_large";
    case Fault::kUnsupported: return "unsupported_media_type";
    case Fault::kUnprocessable: return "validation_error";
    case Fault::kRateLimited: return "rate_limit_exceeded";
    case Fault::kHeadersTooLarge: return "headers_too_large";
    case Fault::kCancelled: return "cancelled";
    case Fault::kInternal: return "internal_error";
    case Fault::kUpstream: return "provider_error";
    case Fault::kUpstreamAuth: return "provider_authentication_error";
    case Fault::kUnavailable: return "service_unavailable";
    case Fault::kTimeout: return "request_timeout";
    case Fault::kNoMemory: return "insufficient_memory";
  }
  return "internal_error";
}

}  // namespace orchestra
