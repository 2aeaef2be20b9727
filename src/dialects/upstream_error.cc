#include "dialects/upstream_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/utf8.h"

namespace orchestra {
namespace {

bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [text](std::string_view word) { return text.contains(word); });
}

// An error event has no status: its type or code tells what it would have been.
int status_of(std::string_view type, std::string_view code) {
  const auto is = [&](std::string_view word) { return type == word || code == word; };
  if (is("invalid_request_error") || is("BadRequestError") || is("400")) return 400;
  if (is("authentication_error") || is("invalid_api_key") || is("401")) return 401;
  if (is("permission_error") || is("403")) return 403;
  if (is("not_found_error") || is("model_not_found") || is("404")) return 404;
  if (is("request_too_large") || is("413")) return 413;
  if (is("rate_limit_error") || is("rate_limit_exceeded") || is("429")) return 429;
  if (is("insufficient_quota") || is("billing_error") || is("402")) return 402;
  if (is("timeout_error") || is("504")) return 504;
  if (is("overloaded_error") || is("529") || is("503")) return 529;
  return 502;
}

Fault fault_of(int status) {
  switch (status) {
    case 400: return Fault::kInvalid;
    case 401:
    case 403: return Fault::kUpstreamAuth;
    case 402: return Fault::kRateLimited;  // the account is empty: another candidate may answer
    case 404: return Fault::kNotFound;
    case 408: return Fault::kTimeout;
    case 409: return Fault::kConflict;
    case 413: return Fault::kTooLarge;
    case 415: return Fault::kUnsupported;
    case 422: return Fault::kUnprocessable;
    case 429: return Fault::kRateLimited;
    case 503:
    case 529: return Fault::kUnavailable;
    case 504: return Fault::kTimeout;
    default: break;
  }
  return status >= 400 && status < 500 ? Fault::kInvalid : Fault::kUpstream;
}

// Providers say these in their own words; callers and the fallback rules need one.
std::string_view known_code(int status, const UpstreamComplaint& complaint) {
  const std::string text = ascii_lowered(complaint.message);
  if (complaint.code == "insufficient_quota" || complaint.type == "insufficient_quota" || status == 402 ||
      (status == 429 && contains_any(text, {"exceeded your current quota", "insufficient balance"}))) {
    return "insufficient_quota";
  }
  if (complaint.code == "context_length_exceeded" || complaint.type == "exceed_context_size_error" ||
      (status == 400 && contains_any(text, {"maximum context length", "context length exceeded", "prompt is too long",
                                            "exceeds the available context size", "context window"}))) {
    return "context_length_exceeded";
  }
  if (complaint.code == "content_filter" || complaint.code == "content_policy_violation") return complaint.code;
  return {};
}

bool is_status(std::string_view code) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return code.size() == 3 && code[0] >= '3' && code[0] <= '5' && digit(code[1]) && digit(code[2]);
}

bool looks_like_key(std::string_view word) {
  constexpr std::array<std::string_view, 10> kPrefixes = {"sk-", "sk_",  "gsk_", "xai-", "AIza",
                                                          "fw_", "tgp_", "pk-",  "rk-",  "eyJ"};
  return word.size() >= 8 && std::ranges::any_of(kPrefixes, [word](auto prefix) { return word.starts_with(prefix); });
}

bool in_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '-' ||
         byte == '_' || byte == '*';
}

}  // namespace

std::string clean_message(std::string_view text, std::size_t most) {
  // A long text is cut before it is walked, with room for words that shrink.
  text = text.substr(0, most * 2);
  if (const auto bad = find_invalid_utf8(text)) text = text.substr(0, *bad);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (!in_word(text[at])) {
      const auto byte = static_cast<unsigned char>(text[at++]);
      const bool space = byte <= 0x20 || byte == 0x7F;
      if (!space) out += static_cast<char>(byte);
      if (space && !out.empty() && out.back() != ' ') out += ' ';
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && in_word(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    out += looks_like_key(word) ? std::string_view("[key]") : word;
    at = end;
  }
  if (out.size() > most) {
    out.resize(most);
    if (const auto cut = find_invalid_utf8(out)) out.resize(*cut);
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

Error upstream_error(int status, const UpstreamComplaint& complaint) {
  const bool in_stream = status == 0;
  if (in_stream) status = status_of(complaint.type, complaint.code);
  Error error{.fault = fault_of(status)};
  if (error.fault == Fault::kUpstreamAuth) {
    error.what = fmt::format(
        "The provider refused its configured key (HTTP {}): check that provider's API key and what "
        "it is allowed to use.",
        status);
    return error;
  }
  error.code = clean_message(known_code(status, complaint), 64);
  // A code that only repeats the status says less than the fault's own.
  if (error.code.empty() && !is_status(complaint.code)) error.code = clean_message(complaint.code, 64);
  error.param = clean_message(complaint.param, 128);
  error.what = clean_message(complaint.message);
  if (status / 100 == 3) {
    error.what = fmt::format(
        "The provider redirects (HTTP {}), which is not followed, for the key's sake: correct its base URL.", status);
  }
  if (error.what.empty()) {
    error.what = in_stream ? "The provider reported an error in its answer and did not say which."
                           : fmt::format("The provider answered HTTP {} and did not say why.", status);
  }
  return error;
}

}  // namespace orchestra
