// Result<T>: a value or an Error. Errors are values; nothing in this tree throws across a function boundary.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/units.h"

namespace orchestra {

// What went wrong, as one closed set. `http_status` is the only mapping to HTTP; each dialect has its own error shape.
enum class Fault : std::uint8_t {
  kInvalid,           // 400: the request cannot be understood or asks for something impossible
  kUnauthenticated,   // 401
  kForbidden,         // 403
  kNotFound,          // 404: no such model, path or record
  kMethodNotAllowed,  // 405
  kConflict,          // 409
  kTooLarge,          // 413
  kUnsupported,       // 415
  kUnprocessable,     // 422: understood, but a field is missing or out of range
  kRateLimited,       // 429
  kHeadersTooLarge,   // 431
  kCancelled,         // 499: the caller left; never sent
  kInternal,          // 500: a defect of ours
  kUpstream,          // 502: the provider or worker answered wrongly or broke off
  kUpstreamAuth,      // 502: the provider refuses our key
  kUnavailable,       // 503: no healthy candidate, breaker open, draining, no room for another body
  kTimeout,           // 504
  kNoMemory,          // 507: the model does not fit
};

// The HTTP status of a fault, e.g. 404.
int http_status(Fault fault) noexcept;
// A stable snake_case code for the wire, e.g. "model_not_found" is an Error::code; this is the default per fault.
std::string_view fault_code(Fault fault) noexcept;

// `what` says what happened and what to do about it, in a sentence a caller may see: no secret, no server path.
struct Error {
  Fault fault = Fault::kInternal;
  std::string what;
  std::string code;      // overrides fault_code() on the wire when not empty
  std::string param;     // the offending field, in the caller's spelling, when there is one
  std::string provider;  // the provider that failed, when one did
  std::optional<Seconds> retry_after;
  std::vector<std::pair<std::string, std::string>> headers;  // e.g. an upstream's x-ratelimit-*; lower-case names
  bool unsent = false;  // true when no byte of the request can have reached the upstream: retrying is safe
};

// An Error on the heap, so that a Result is hardly larger than its value: dozens of them lie in the coroutine frames of
// every request, and nearly none holds an error (docs/adr/0006).
class BoxedError {
 public:
  BoxedError(Error error) : error_(std::make_unique<Error>(std::move(error))) {}
  BoxedError(const BoxedError& other) : error_(std::make_unique<Error>(*other.error_)) {}
  BoxedError(BoxedError&&) noexcept = default;
  BoxedError& operator=(BoxedError other) noexcept {
    error_.swap(other.error_);
    return *this;
  }
  ~BoxedError() = default;
  Error& get() const noexcept { return *error_; }

 private:
  std::unique_ptr<Error> error_;  // null only when moved from
};

// std::expected<T, Error>, but for where the error lies.
template <class T>
class Result : public std::expected<T, BoxedError> {
  using Base = std::expected<T, BoxedError>;

 public:
  using Base::Base;
  using Base::operator=;
  Error& error() & noexcept { return Base::error().get(); }
  const Error& error() const& noexcept { return Base::error().get(); }
  Error&& error() && noexcept { return std::move(Base::error().get()); }
};

inline std::unexpected<Error> fail(Fault fault, std::string what) {
  return std::unexpected<Error>(Error{.fault = fault, .what = std::move(what)});
}
inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

}  // namespace orchestra

// TRY(auto x, f()): binds the value or returns the error. CO_TRY is its twin in coroutines; the expression may
// co_await.
#define ORCHESTRA_JOIN2(a, b) a##b
#define ORCHESTRA_JOIN(a, b) ORCHESTRA_JOIN2(a, b)
#define ORCHESTRA_TRY(declaration, expression, keyword, name)      \
  auto&& name = (expression);                                      \
  if (!name) keyword ::std::unexpected(::std::move(name).error()); \
  declaration = *::std::move(name)
#define TRY(declaration, ...) ORCHESTRA_TRY(declaration, (__VA_ARGS__), return, ORCHESTRA_JOIN(try_, __LINE__))
#define CO_TRY(declaration, ...) ORCHESTRA_TRY(declaration, (__VA_ARGS__), co_return, ORCHESTRA_JOIN(try_, __LINE__))
// CHECK_OK(f()): for Result<void>.
#define TRY_VOID(...)                                                                         \
  if (auto&& ORCHESTRA_JOIN(try_, __LINE__) = (__VA_ARGS__); !ORCHESTRA_JOIN(try_, __LINE__)) \
  return ::std::unexpected(::std::move(ORCHESTRA_JOIN(try_, __LINE__)).error())
#define CO_TRY_VOID(...)                                                                      \
  if (auto&& ORCHESTRA_JOIN(try_, __LINE__) = (__VA_ARGS__); !ORCHESTRA_JOIN(try_, __LINE__)) \
  co_return ::std::unexpected(::std::move(ORCHESTRA_JOIN(try_, __LINE__)).error())
