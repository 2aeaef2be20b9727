// Requests to the running server, awaited in place: the command line has one thing to do at a time.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/task.h"
#include "cli/session.h"

namespace orchestra::cli {

// Takes the body of a streamed answer piece by piece.
using TakeBytes = std::function<Result<void>(std::string_view bytes)>;

// One thread. Errors are sentences for the terminal: a server that is not there says how to start it, an error of the
// server carries its message and code.
class ServerApi {
 public:
  static Result<std::unique_ptr<ServerApi>> connect(Session& session);

  Result<json::value> get(std::string_view target);
  // `within` bounds the whole answer.
  Result<json::value> post(std::string_view target, std::string body, Micros within = std::chrono::minutes(10));
  // As post; while it runs, `watch` is called about four times a second and what it returns is shown on the terminal's
  // last line (standard error), if that is one.
  Result<json::value> post_watched(std::string_view target, std::string body, std::function<Task<std::string>()> watch);
  // Posts and hands the body of a 200 to `take`. With `interruptible`, Ctrl-C cancels: kCancelled.
  Result<void> stream(std::string_view target, std::string body, TakeBytes take, bool interruptible);

  // For use inside `watch`.
  Task<json::value> fetch(std::string method, std::string target, std::string body, Micros within);
  // The kind of work that following requests are, for `auto`: the header x-orchestra-task, which goes no further than
  // the server. Empty: none.
  void name_task(std::string task) { task_ = std::move(task); }
  // The providers that following requests may use: the header x-orchestra-providers. Empty: all.
  void allow_providers(std::string providers) { providers_ = std::move(providers); }
  // The x-request-id of the last answer: what `explain` takes. Empty when it had none.
  const std::string& request_id() const noexcept { return request_id_; }
  const settings::BaseUrl& url() const noexcept { return address_.url; }

 private:
  ServerApi(Session& session, ServerAddress address);
  Task<std::unique_ptr<ClientResponse>> send(std::string_view method, std::string_view target, std::string_view body,
                                             Micros head_within);
  Task<void> run_stream(std::string target, std::string body, TakeBytes take);
  Error readable(Error error) const;
  // Runs `task` to its end; shows `watch` or, after two seconds, that the server is awaited.
  template <class T>
  Result<T> wait(Task<T> task, std::function<Task<std::string>()> watch, bool interruptible);

  Session& session_;
  ServerAddress address_;
  std::string task_, providers_, request_id_;
  boost::asio::io_context loop_{1};
  std::unique_ptr<HttpClient> client_;
  bool shown_ = false;      // a progress line stands on the terminal
  bool answering_ = false;  // an answer streams
};

// The error in a body of any of the server's error shapes.
Error error_in(int status, std::string_view body);
// Percent-encodes all but RFC 3986's unreserved characters: for one path segment or query value.
std::string percent_encode(std::string_view text);

}  // namespace orchestra::cli
