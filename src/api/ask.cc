#include "api/ask.h"

#include <algorithm>

#include "api/answer_sink.h"
#include "api/call_fields.h"
#include "dialects/codec.h"

namespace orchestra {
namespace {

// Keeps the one whole response that a call without streaming ends in.
class KeptExchange final : public Exchange {
 public:
  const HttpRequest& request() const noexcept override { return request_; }
  Task<void> respond(HttpResponse response) override {
    kept = std::move(response);
    co_return Result<void>();
  }
  Task<void> begin(HttpResponse) override { co_return not_whole(); }
  Task<void> write(std::string_view) override { co_return not_whole(); }
  Task<void> finish() override { co_return not_whole(); }

  HttpResponse kept{.status = 0};

 private:
  static std::unexpected<Error> not_whole() {
    return orchestra::fail(Fault::kInternal, "An answer that was to come whole was streamed.");
  }
  HttpRequest request_;
};

// An AnswerSink that also remembers the error.
class KeptAnswer final : public Sink {
 public:
  KeptAnswer(const Call& call, Exchange& exchange, const Clock& clock) : sink_(call, exchange, clock) {}
  Task<void> begin(const Head& head) override { return sink_.begin(head); }
  Task<void> keep_alive() override { return sink_.keep_alive(); }
  Task<void> write(const Chunk& chunk) override { return sink_.write(chunk); }
  Task<void> fail(const Error& what) override {
    error = what;
    return sink_.fail(what);
  }
  void booked(const SpendSettled& settled) noexcept override {
    if (settled.cost_known) cost = settled.cost;
  }

  std::optional<Error> error;
  std::optional<MicroUsd> cost;

 private:
  AnswerSink sink_;
};

}  // namespace

std::string_view Asked::field(std::string_view name) const noexcept {
  const auto found =
      std::ranges::find_if(response.fields, [name](const auto& one) { return equals_ignoring_case(one.first, name); });
  return found == response.fields.end() ? std::string_view() : std::string_view(found->second);
}

Result<Call> make_call(const ApiRequest& request, RequestId id, TaskKind task, std::string body) {
  Call call;
  call.id = id;
  call.caller = request.caller;
  call.dialect = Dialect::kOpenAi;
  call.decode = [](const Call& one) { return codec(one.dialect).decode(one.shape.task, one.body); };
  TRY_VOID(read_call_fields(request.http(), call));
  TRY(call.shape, codec(call.dialect).scan(task, body));
  call.body = std::move(body);
  return call;
}

Task<Asked> ask(Line& line, const Call& call, const Clock& clock) {
  KeptExchange exchange;
  KeptAnswer sink(call, exchange, clock);
  const auto served = co_await line.serve(call, sink);
  if (exchange.kept.status == 0) {
    co_return served ? orchestra::fail(Fault::kInternal, "The line gave no answer.") : std::unexpected(served.error());
  }
  co_return Asked{std::move(exchange.kept), std::move(sink.error), sink.cost};
}

}  // namespace orchestra
