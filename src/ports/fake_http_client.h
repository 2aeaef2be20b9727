// An HTTP client that answers from a script.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ports/http_client.h"

namespace orchestra {

class FakeHttpClient final : public HttpClient {
 public:
  struct Answer {
    int status = 200;
    std::vector<std::string> pieces;  // of the body, one per read
    HttpFields fields = {};
    std::optional<Error> refused = {};  // send() fails with it
    std::optional<Error> cut = {};      // read() fails with it after the last piece
    bool hang = false;                  // after the last piece, read() waits for ever: until cancelled
  };
  struct Sent {
    std::string method, target, body;
    Endpoint endpoint;
    HttpFields fields;
  };

  // What the next request with this "METHOD /target" gets; the last answer of a target repeats.
  void answer(const std::string& request, Answer answer) { script_[request].push_back(std::move(answer)); }
  void answer(const std::string& request, int status, std::string body) {
    answer(request, Answer{.status = status, .pieces = {std::move(body)}});
  }
  const std::vector<Sent>& sent() const noexcept { return sent_; }

  Task<std::unique_ptr<ClientResponse>> send(const ClientRequest& request) override {
    Sent sent{.method = std::string(request.method), .target = std::string(request.target)};
    sent.endpoint = request.endpoint;
    for (const auto& [name, value] : request.fields) sent.fields.add(std::string(name), std::string(value));
    for (const std::string_view piece : request.body) sent.body += piece;
    const auto found = script_.find(sent.method + " " + sent.target);
    sent_.push_back(std::move(sent));
    if (found == script_.end()) co_return std::make_unique<Response>(Answer{.status = 404, .pieces = {"{}"}});
    std::deque<Answer>& answers = found->second;
    Answer next = answers.front();
    if (answers.size() > 1) answers.pop_front();
    if (next.refused) co_return fail(std::move(*next.refused));
    co_return std::make_unique<Response>(std::move(next));
  }

 private:
  class Response final : public ClientResponse {
   public:
    explicit Response(Answer answer) : answer_(std::move(answer)) {}
    int status() const noexcept override { return answer_.status; }
    const HttpFields& fields() const noexcept override { return answer_.fields; }
    Task<std::string_view> read(TimePoint) override {
      if (at_ < answer_.pieces.size()) co_return std::string_view(answer_.pieces[at_++]);
      if (answer_.cut) co_return fail(*answer_.cut);
      if (answer_.hang) CO_TRY_VOID(co_await sleep_until(TimePoint::max()));
      co_return std::string_view();
    }

   private:
    Answer answer_;
    std::size_t at_ = 0;
  };

  std::map<std::string, std::deque<Answer>, std::less<>> script_;
  std::vector<Sent> sent_;
};

}  // namespace orchestra
