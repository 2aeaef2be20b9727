#include "cli/server_api.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>

#include "settings/values.h"

namespace orchestra::cli {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMaxAnswer = 64U << 20;

Fault fault_of(int status) {
  switch (status) {
    case 401: return Fault::kUnauthenticated;
    case 403: return Fault::kForbidden;
    case 404: return Fault::kNotFound;
    case 409: return Fault::kConflict;
    case 413: return Fault::kTooLarge;
    case 422: return Fault::kUnprocessable;
    case 429: return Fault::kRateLimited;
    case 502: return Fault::kUpstream;
    case 503: return Fault::kUnavailable;
    case 504: return Fault::kTimeout;
    case 507: return Fault::kNoMemory;
    default: return status < 500 ? Fault::kInvalid : Fault::kInternal;
  }
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").contains(c);
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Error error_in(int status, std::string_view body) {
  Error error{.fault = fault_of(status)};
  const auto parsed = parse_json(body);
  if (parsed) {
    const json::value* nested = find(*parsed, "error");
    const json::value& holder = nested != nullptr && nested->is_object() ? *nested : *parsed;
    for (const char* key : {"message", "detail", "error"}) {
      if (const auto what = find_string(holder, key); what && error.what.empty()) error.what = *what;
    }
    if (const auto code = find_string(holder, "code")) error.code = *code;
  }
  if (error.what.empty()) error.what = fmt::format("The server answered with status {}.", status);
  if (status == 401) error.what += " Give a key with --api-key or ORCHESTRA_API_KEY.";
  return error;
}

ServerApi::ServerApi(Session& session, ServerAddress address)
    : session_(session), address_(std::move(address)), client_(session.make_client(loop_)) {}

Result<std::unique_ptr<ServerApi>> ServerApi::connect(Session& session) {
  TRY(ServerAddress address, session.server());
  return std::unique_ptr<ServerApi>(new ServerApi(session, std::move(address)));
}

Error ServerApi::readable(Error error) const {
  if (!error.unsent && error.fault == Fault::kUpstream) {
    error.what =
        fmt::format("What answers at {} does not speak HTTP as expected; http:// and https:// may be mixed up.",
                    address_.url.text());
  }
  if (!error.unsent && error.fault != Fault::kUnavailable) return error;
  error.code = "server_unreachable";
  // On this machine there is one cause; elsewhere, and with TLS, it may be the name, the network or the certificate.
  const bool here = settings::is_loopback(address_.url.host) && !address_.url.tls;
  const std::string cause = here || error.what.empty() ? "" : fmt::format(" ({})", error.what);
  error.what = fmt::format(
      "No server answers at {}{}. Start one with 'ai-orchestra serve', or name another with --url or ORCHESTRA_URL.",
      address_.url.text(), cause);
  return error;
}

Task<std::unique_ptr<ClientResponse>> ServerApi::send(std::string_view method, std::string_view target,
                                                      std::string_view body, Micros head_within) {
  const std::string path = address_.url.path + std::string(target);
  const std::string bearer = "Bearer " + address_.api_key.reveal();
  std::vector<std::pair<std::string_view, std::string_view>> fields = {{"accept", "application/json"},
                                                                       {"user-agent", "ai-orchestra-cli"}};
  if (!address_.api_key.empty()) fields.emplace_back("authorization", bearer);
  if (!task_.empty()) fields.emplace_back("x-orchestra-task", task_);
  if (!providers_.empty()) fields.emplace_back("x-orchestra-providers", providers_);
  if (!body.empty()) fields.emplace_back("content-type", "application/json");
  const std::array pieces = {body};
  const settings::BaseUrl& url = address_.url;
  const ClientRequest request{.endpoint = {.tls = url.tls, .host = url.host, .port = url.port},
                              .method = method,
                              .target = path,
                              .fields = fields,
                              .body = std::span(pieces).first(body.empty() ? 0 : 1),
                              .head_by = session_.clock.now() + head_within,
                              .reuse = false};
  auto response = co_await client_->send(request);
  if (!response) co_return orchestra::fail(readable(std::move(response.error())));
  request_id_ = (*response)->fields().find("x-request-id").value_or("");
  co_return std::move(*response);
}

Task<json::value> ServerApi::fetch(std::string method, std::string target, std::string body, Micros within) {
  CO_TRY(auto response, co_await send(method, target, body, within));
  CO_TRY(const std::string text, co_await read_all(*response, kMaxAnswer, session_.clock.now() + within));
  // An unhealthy server answers /health with 503 and its usual body.
  const bool health = response->status() == 503 && target.ends_with("health");
  if ((response->status() < 200 || response->status() > 299) && !health) {
    co_return orchestra::fail(error_in(response->status(), text));
  }
  auto parsed = parse_json(text);
  if (!parsed) {
    co_return orchestra::fail(
        Fault::kUpstream, fmt::format("What answers at {} is no AI Orchestra: its answer is no JSON.", url().text()));
  }
  co_return std::move(*parsed);
}

Task<void> ServerApi::run_stream(std::string target, std::string body, TakeBytes take) {
  CO_TRY(auto response, co_await send("POST", target, body, std::chrono::minutes(15)));
  if (response->status() != 200) {
    CO_TRY(const std::string text,
           co_await read_all(*response, kMaxAnswer, session_.clock.now() + std::chrono::seconds(30)));
    co_return orchestra::fail(error_in(response->status(), text));
  }
  while (true) {
    CO_TRY(const std::string_view bytes, co_await response->read(session_.clock.now() + std::chrono::minutes(15)));
    if (bytes.empty()) co_return Result<void>();
    answering_ = true;
    if (shown_) session_.console.err("\r\x1b[K");
    shown_ = false;
    CO_TRY_VOID(take(bytes));
  }
}

template <class T>
Result<T> ServerApi::wait(Task<T> task, std::function<Task<std::string>()> watch, bool interruptible) {
  std::optional<Result<T>> result;
  asio::cancellation_signal cancel, stop_watch;
  asio::basic_signal_set<Executor> signals(loop_.get_executor());
  loop_.restart();
  answering_ = false;
  const TimePoint started = session_.clock.now();
  const auto show = [&]() -> asio::awaitable<void, Executor> {
    while (!result) {
      if (!co_await sleep_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(250))) co_return;
      const Micros waited = std::chrono::duration_cast<Micros>(session_.clock.now() - started);
      std::string line;
      if (watch) {
        if (auto watched = co_await watch()) line = *watched;
      } else if (waited >= std::chrono::seconds(2)) {
        line = fmt::format("waiting for the server, {} s", waited.count() / 1'000'000);
      }
      if (answering_) co_return;  // The answer owns the terminal now.
      if (line.empty() || result) continue;
      session_.console.err("\r\x1b[K" + line);
      shown_ = true;
    }
  };
  const auto finished = [&](std::exception_ptr defect, Result<T> value) {
    // A Task never throws by contract; what does is a defect and ends the program.
    if (defect) std::terminate();
    result = std::move(value);
    stop_watch.emit(asio::cancellation_type::terminal);
    signals.cancel();
  };
  asio::co_spawn(loop_, std::move(task), asio::bind_cancellation_slot(cancel.slot(), finished));
  bool showing = false, interrupted = false;
  if (session_.console.err_is_terminal() && !session_.shared.json()) {
    showing = true;
    const auto shown = [&showing](std::exception_ptr) { showing = false; };
    asio::co_spawn(loop_, show(), asio::bind_cancellation_slot(stop_watch.slot(), shown));
  }
  if (interruptible) {
    signals.add(SIGINT);
    signals.async_wait([&](boost::system::error_code error, int) {
      if (error) return;
      interrupted = true;
      cancel.emit(asio::cancellation_type::terminal);
    });
  }
  // Not run(): the client's own timers may stand for seconds behind an answer.
  while ((!result || showing) && loop_.run_one() > 0) {
  }
  if (shown_) session_.console.err("\r\x1b[K");
  shown_ = false;
  if (interrupted && !*result && result->error().fault == Fault::kCancelled) result->error().what = "Cancelled.";
  return std::move(*result);
}

Result<json::value> ServerApi::get(std::string_view target) {
  return wait(fetch("GET", std::string(target), "", std::chrono::seconds(60)), nullptr, false);
}

Result<json::value> ServerApi::post(std::string_view target, std::string body, Micros within) {
  return wait(fetch("POST", std::string(target), std::move(body), within), nullptr, false);
}

Result<json::value> ServerApi::post_watched(std::string_view target, std::string body,
                                            std::function<Task<std::string>()> watch) {
  return wait(fetch("POST", std::string(target), std::move(body), std::chrono::minutes(30)), std::move(watch), false);
}

Result<void> ServerApi::stream(std::string_view target, std::string body, TakeBytes take, bool interruptible) {
  return wait(run_stream(std::string(target), std::move(body), std::move(take)), nullptr, interruptible);
}

}  // namespace orchestra::cli
